"""The rules on approvals: who may say yes to what, and how many of them it takes. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from bot.model import Manual, Origin, ProposalRecord, Risk, Severity

#: What someone can be towards one question; ids of Slack that rules name come beside these.
OPERATOR = "operator"
OWNER = "owner"
TRUSTED_OWNER = "trusted-owner"
SECURITY = "security"

#: How many people approve a fix that gives someone rights.
TO_ADD_RIGHTS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may approve what this matches; an empty collection matches everything.

    `who` are capacities, or ids of Slack users, user groups and private channels. `people` is how
    many different people it takes, `within` how long a yes stands.
    """

    who: frozenset[str]
    people: int = 1
    within: timedelta | None = None
    controls: frozenset[str] = frozenset()
    severities: frozenset[Severity] = frozenset()
    accounts: frozenset[str] = frozenset()
    risks: frozenset[Risk] = frozenset()
    origins: frozenset[Origin] = frozenset()

    def matches(self, proposal: ProposalRecord) -> bool:
        """Whether the rule is about this question."""
        risk = None if isinstance(proposal.plan, Manual) else proposal.plan.risk
        return (
            (not self.controls or proposal.control in self.controls)
            and (not self.accounts or proposal.account.id in self.accounts)
            and (not self.severities or proposal.severity in self.severities)
            and (not self.risks or risk in self.risks)
            and (not self.origins or proposal.origin in self.origins)
        )

    def lets(self, capacities: Iterable[str]) -> bool:
        """Whether someone with these capacities may approve; a trusted owner is an owner."""
        held = set(capacities)
        if TRUSTED_OWNER in held:
            held.add(OWNER)
        return bool(held & self.who)


def built_in(irreversible_people: int, adding: frozenset[str] = frozenset()) -> tuple[Rule, ...]:
    """The rules behind those of the configuration; the last one matches everything.

    `adding` are the ids of controls whose fixes give someone rights: it takes two people, but one
    to take such a fix back. Advice has no risk: its owner or the security group says that it was
    followed.
    """
    trusted = frozenset({TRUSTED_OWNER, SECURITY})
    fixes = frozenset({Origin.FINDING})
    people = max(TO_ADD_RIGHTS, irreversible_people)
    return (
        *([Rule(trusted, people, controls=adding, origins=fixes)] if adding else ()),
        Rule(trusted, irreversible_people, risks=frozenset({Risk.IRREVERSIBLE})),
        Rule(trusted, risks=frozenset({Risk.DISRUPTIVE})),
        Rule(frozenset({OWNER, SECURITY})),
    )


#: Containing someone in an incident: one person of the security group, at once.
CONTAINMENT = Rule(frozenset({SECURITY}))
#: Taking back what was done to contain someone: two people of the security group.
UNDO_OF_CONTAINMENT = Rule(frozenset({SECURITY}), 2)


def fixed(proposal: ProposalRecord) -> Rule | None:
    """The rule that no configuration changes, for what is about no finding; None for the rest."""
    if proposal.origin is Origin.COMMAND:
        return CONTAINMENT
    if proposal.origin is Origin.UNDO and proposal.finding_id is None:
        return UNDO_OF_CONTAINMENT
    return None
