"""Which rule is about a proposal, and when the yes of a rule counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.remediation import Harmed, RemediationRule, RemediationRules
from bot.model import (
    Actor,
    Grace,
    Manual,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    RemediationMode,
    Risk,
    Severity,
)
from tests.conftest import NOON
from tests.store.samples import ACCOUNT, CONTROL, manual, plan

AUTO, ASK, OFF = RemediationMode.AUTO, RemediationMode.ASK, RemediationMode.OFF
KEYS = RemediationRule("keys", AUTO, frozenset({CONTROL}), frozenset({ACCOUNT.id}))


def proposal(
    of: Plan | Manual | None = None,
    severity: Severity = Severity.HIGH,
    origin: Origin = Origin.FINDING,
) -> ProposalRecord:
    fix = of or plan()
    return ProposalRecord(
        "p-1", ACCOUNT, "AKIA1", origin, ProposalState.PROPOSED, fix.digest(), fix, CONTROL,
        "f-1", NOON, NOON, severity=severity,
    )  # fmt: skip


def with_risk(risk: Risk) -> Plan:
    fix = plan()
    (step,) = fix.steps
    final = risk is Risk.IRREVERSIBLE
    changed = replace(
        step,
        risk=risk,
        undo=None if final else step.undo,
        irreversible_because="gone" if final else "",
    )
    return replace(fix, steps=(changed,))


class TestFirstMatch:
    def test_counts(self) -> None:
        off = replace(KEYS, name="off", mode=OFF)

        assert RemediationRules(rules=(off, KEYS)).ruling(proposal()).rule == off
        assert RemediationRules(rules=(KEYS, off)).ruling(proposal()).rule == KEYS

    @pytest.mark.parametrize(
        "other",
        [
            replace(KEYS, controls=frozenset({"another-control"})),
            replace(KEYS, accounts=frozenset({"999999999999"})),
            replace(KEYS, severities=frozenset({Severity.LOW})),
            replace(KEYS, controls=frozenset()),
            replace(KEYS, accounts=frozenset()),
            replace(KEYS, severities=frozenset()),
        ],
        ids=["control", "account", "severity", "no control", "no account", "no severity"],
    )
    def test_is_not_of_one_about_something_else(self, other: RemediationRule) -> None:
        ruling = RemediationRules(OFF, (other,)).ruling(proposal())

        assert (ruling.mode, ruling.rule) == (OFF, None)

    def test_all_that_is_left_out_matches_everything(self) -> None:
        assert RemediationRules(rules=(RemediationRule("all", OFF),)).ruling(proposal()).mode is OFF


class TestActing:
    def test_within_its_words(self) -> None:
        ruling = RemediationRules(rules=(KEYS,)).ruling(proposal())

        assert (ruling.mode, ruling.acts, ruling.why) == (AUTO, KEYS, "")

    def test_never_gives_anyone_rights(self) -> None:
        """Whatever the rule says: two people approve that."""
        ruling = RemediationRules(OFF, (KEYS,), frozenset({CONTROL})).ruling(proposal())

        assert (ruling.mode, ruling.acts) == (ASK, None)
        assert "gives someone rights" in ruling.why

    def test_leaves_what_may_break_to_people(self) -> None:
        """Whatever the rule says."""
        rules = RemediationRules(OFF, (KEYS,), asking=frozenset({CONTROL}))
        ruling = rules.ruling(proposal())

        assert (ruling.mode, ruling.acts) == (ASK, None)
        assert "may break what nobody foresees" in ruling.why

    @pytest.mark.parametrize(
        ("asked", "rule", "why"),
        [
            (proposal(manual()), KEYS, "by hand"),
            (proposal(with_risk(Risk.DISRUPTIVE)), KEYS, "is disruptive"),
            (
                proposal(with_risk(Risk.IRREVERSIBLE)),
                replace(KEYS, max_risk=Risk.IRREVERSIBLE),
                "allow_irreversible doesn't name",
            ),
            (
                proposal(with_risk(Risk.IRREVERSIBLE)),
                replace(KEYS, allow_irreversible=frozenset({CONTROL})),
                "goes no further than reversible",
            ),
            (proposal(origin=Origin.UNDO), KEYS, "only fixes of findings"),
        ],
        ids=["manual", "risk", "irreversible, not named", "irreversible, no risk", "undo"],
    )
    def test_never_beyond_them(
        self, asked: ProposalRecord, rule: RemediationRule, why: str
    ) -> None:
        ruling = RemediationRules(OFF, (rule,)).ruling(asked)

        assert ruling.mode is ASK
        assert ruling.acts is None
        assert why in ruling.why

    def test_final_where_all_words_say_so(self) -> None:
        rule = replace(KEYS, max_risk=Risk.IRREVERSIBLE, allow_irreversible=frozenset({CONTROL}))

        assert RemediationRules(rules=(rule,)).ruling(proposal(with_risk(Risk.IRREVERSIBLE))).acts

    def test_no_default_acts(self) -> None:
        with pytest.raises(ValueError, match="only a rule acts"):
            RemediationRules(AUTO)


class TestYes:
    RULES = RemediationRules(rules=(KEYS,))

    def test_counts_while_the_rule_says_what_it_said(self) -> None:
        assert self.RULES.still_approves(proposal(), KEYS.actor) is None

    @pytest.mark.parametrize(
        "changed",
        [
            replace(KEYS, grace=Grace(timedelta(days=8))),
            replace(KEYS, grace=Grace(working_days=7)),
            replace(KEYS, mode=ASK),
            replace(KEYS, name="others"),
            replace(KEYS, severities=frozenset({Severity.HIGH})),
            replace(KEYS, max_risk=Risk.DISRUPTIVE),
            replace(KEYS, undoes_on_harm=True),
            replace(KEYS, accounts=None),
            replace(KEYS, controls=None),
            replace(KEYS, allow_irreversible=frozenset({CONTROL})),
        ],
    )
    def test_not_of_other_words(self, changed: RemediationRule) -> None:
        said = RemediationRules(rules=(changed,)).still_approves(proposal(), KEYS.actor)

        assert said is not None
        assert changed.actor != KEYS.actor or changed.mode is not AUTO

    def test_not_where_another_rule_comes_first(self) -> None:
        rules = RemediationRules(rules=(replace(KEYS, name="first"), KEYS))

        assert rules.still_approves(proposal(), KEYS.actor) is not None

    def test_not_of_someone_who_looks_like_it(self) -> None:
        assert self.RULES.still_approves(proposal(), Actor("rule", "keys")) is not None
        assert self.RULES.still_approves(proposal(), Actor("slack", KEYS.actor.name)) is not None


class TestTakingBack:
    """A rule's yes to an undo counts for recorded harm of what it approved, in its words."""

    rule = replace(KEYS, undoes_on_harm=True)

    def why(
        self,
        rule: RemediationRule,
        undo: Plan | Manual | None = None,
        *,
        by: frozenset[str] | None = None,
        seen: tuple[str, ...] = ("it broke",),
    ) -> str | None:
        known = Harmed(proposal(), frozenset({self.rule.actor.name}) if by is None else by, seen)
        rules = RemediationRules(rules=(rule,))
        return rules.still_takes_back(undo or plan(), self.rule.actor, known)

    def test_it_does(self) -> None:
        assert self.why(self.rule) is None

    def test_without_harm_or_with_the_yes_of_another_it_does_not(self) -> None:
        rules = RemediationRules(rules=(self.rule,))
        assert rules.still_takes_back(plan(), self.rule.actor, None)
        assert "no harm is known" in (self.why(self.rule, seen=()) or "")
        assert "did not approve" in (self.why(self.rule, by=frozenset()) or "")

    def test_a_rule_that_never_says_so_takes_nothing_back(self) -> None:
        silent = replace(self.rule, undoes_on_harm=False)
        known = Harmed(proposal(), frozenset({silent.actor.name}), ("it broke",))
        rules = RemediationRules(rules=(silent,))
        said = rules.still_takes_back(plan(), silent.actor, known)
        assert "takes nothing back by itself" in (said or "")

    def test_other_words_are_another_rule(self) -> None:
        assert "not in force" in (self.why(replace(self.rule, grace=Grace(timedelta(1)))) or "")

    def test_what_people_must_do_or_cannot_be_undone_is_theirs(self) -> None:
        assert "by hand" in (self.why(self.rule, manual()) or "")
        assert "can't be undone" in (self.why(self.rule, with_risk(Risk.IRREVERSIBLE)) or "")
