"""The rules on acting without being asked: which one is about a finding, and what it wants. Pure.

The first rule that matches counts. A rule never acts beyond its own words: where it may not, the
owner is asked as usual, and the ruling says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.model import (
    Actor,
    FindingRecord,
    Grace,
    Json,
    Manual,
    Origin,
    Plan,
    ProposalRecord,
    RemediationMode,
    Risk,
    Severity,
    digest,
)

#: The kind of actor that a rule is, in decisions and in the log.
RULE = "rule"
_ADDS_RIGHTS = "its fix gives someone rights, which two people approve"
_MAY_BREAK = "its fix may break what nobody foresees, so people approve it"
_SHORT = 12  # characters of a digest that an actor's name carries


@dataclass(frozen=True, slots=True)
class RemediationRule:
    """One rule. `controls` and `accounts` that are None match all; empty ones match nothing.

    `accounts` are ids: groups were looked up in the configuration before. `max_risk` is the
    highest risk of a plan that it carries out; an irreversible one also takes its control in
    `allow_irreversible`. `undoes_on_harm` takes a change back by itself where harm shows.
    """

    name: str
    mode: RemediationMode
    controls: frozenset[str] | None = None
    accounts: frozenset[str] | None = None
    severities: frozenset[Severity] | None = None
    grace: Grace = field(default_factory=lambda: Grace(timedelta(days=7)))
    max_risk: Risk = Risk.REVERSIBLE
    allow_irreversible: frozenset[str] = frozenset()
    undoes_on_harm: bool = False

    @property
    def digest(self) -> str:
        """The digest of everything that it says: a rule that says something else is another one."""
        return digest(self._data())

    @property
    def actor(self) -> Actor:
        """The rule as someone who decides: its name, and the beginning of its digest."""
        return Actor(RULE, f"{self.name}@{self.digest.removeprefix('sha256:')[:_SHORT]}")

    def matches(self, control: str, account: str, severity: Severity | None) -> bool:
        """Whether it is about a finding of this control in this account."""
        return (
            (self.controls is None or control in self.controls)
            and (self.accounts is None or account in self.accounts)
            and (self.severities is None or severity in self.severities)
        )

    def objection(self, proposal: ProposalRecord) -> str | None:
        """Why it may not carry this proposal out by itself, or None."""
        plan = proposal.plan
        if proposal.origin is not Origin.FINDING:
            return "only fixes of findings are carried out by a rule"
        if isinstance(plan, Manual):
            return "people must do this by hand"
        if plan.risk.rank > self.max_risk.rank:
            return f"its fix is {plan.risk}, and the rule goes no further than {self.max_risk}"
        if plan.risk is Risk.IRREVERSIBLE and proposal.control not in self.allow_irreversible:
            return "its fix can't be undone, and allow_irreversible doesn't name its control"
        return None

    def _data(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "mode": self.mode.value,
            "controls": _listed(self.controls),
            "accounts": _listed(self.accounts),
            "severities": _listed(self.severities),
            "grace": str(self.grace),
            "max_risk": self.max_risk.value,
            "allow_irreversible": _listed(self.allow_irreversible),
            "undoes_on_harm": self.undoes_on_harm,
        }


@dataclass(frozen=True, slots=True)
class Harmed:
    """A change that did harm: what was carried out, the names of the rules that approved it as
    actors, and what was seen, in sentences.
    """

    original: ProposalRecord
    approved_by: frozenset[str]
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is to happen about one proposal by itself, by which rule; None means the default.

    `why` says what keeps a rule that would act from acting; empty otherwise.
    """

    mode: RemediationMode
    rule: RemediationRule | None = None
    why: str = ""

    @property
    def acts(self) -> RemediationRule | None:
        """The rule that carries this out once its grace is over, or None."""
        return self.rule if self.mode is RemediationMode.AUTO else None


@dataclass(frozen=True, slots=True)
class RemediationRules:
    """All rules in their order, and the mode of what none of them is about.

    `adding` are the ids of controls whose fixes give someone rights, `asking` of those whose fixes
    may break what nobody foresees: people approve those.
    """

    default: RemediationMode = RemediationMode.ASK
    rules: Sequence[RemediationRule] = ()
    adding: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.default is RemediationMode.AUTO:
            raise ValueError("only a rule acts by itself: what it may do is in its words")

    def ruling(self, proposal: ProposalRecord) -> Ruling:
        """What is to happen about this proposal by itself."""
        rule = self._first(proposal.control, proposal.account.id, proposal.severity)
        if rule is None:
            return Ruling(self.default)
        if rule.mode is not RemediationMode.AUTO:
            return Ruling(rule.mode, rule)
        why = self._people_decide(proposal.control) or rule.objection(proposal)
        return Ruling(RemediationMode.ASK if why else RemediationMode.AUTO, rule, why or "")

    def _people_decide(self, control: str) -> str | None:
        if control in self.adding:
            return _ADDS_RIGHTS
        return _MAY_BREAK if control in self.asking else None

    def still_approves(self, proposal: ProposalRecord, actor: Actor) -> str | None:
        """Why the yes of a rule counts no more, or None: its words are what they were, and it
        still is the first one that is about this.
        """
        rule = self.ruling(proposal).acts
        if rule is not None and rule.actor == actor:
            return None
        return f"the rule {actor.name} is not in force for this any more"

    def still_takes_back(
        self, undo: Plan | Manual, actor: Actor, harmed: Harmed | None
    ) -> str | None:
        """Why the yes of a rule to this undo of a change doesn't count, or None.

        Harm was recorded, this very rule approved what did it, and its words still are that it
        takes that back by itself.
        """
        if harmed is None or not harmed.seen:
            return f"no harm is known that the rule {actor.name} could take back"
        if actor.name not in harmed.approved_by:
            return f"the rule {actor.name} did not approve what this takes back"
        why = self.still_approves(harmed.original, actor)
        rule = self.ruling(harmed.original).acts
        if why is not None or rule is None:
            return why or f"the rule {actor.name} is not in force for this any more"
        if not rule.undoes_on_harm:
            return f"the rule {actor.name} takes nothing back by itself"
        if isinstance(undo, Manual):
            return "people must take this back by hand"
        if undo.risk is Risk.IRREVERSIBLE and rule.max_risk is not Risk.IRREVERSIBLE:
            return "what takes it back can't be undone, and the rule does nothing of that kind"
        return None

    def ruling_of(self, record: FindingRecord) -> Ruling:
        """The rule about a finding that nothing was proposed for: it can't act yet."""
        finding = record.finding
        rule = self._first(finding.control, record.account.id, finding.severity)
        if rule is None:
            return Ruling(self.default)
        mode = RemediationMode.ASK if rule.mode is RemediationMode.AUTO else rule.mode
        return Ruling(mode, rule, "nothing is proposed yet")

    def _first(
        self, control: str, account: str, severity: Severity | None
    ) -> RemediationRule | None:
        return next((each for each in self.rules if each.matches(control, account, severity)), None)


def _listed(values: frozenset[str] | frozenset[Severity] | None) -> Json:
    return None if values is None else sorted(str(each) for each in values)
