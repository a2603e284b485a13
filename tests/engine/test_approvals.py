"""Who may decide what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import registry, rulebook
from bot.config import Config
from bot.engine.approvals import Approvals
from bot.engine.people import People
from bot.engine.rules import OWNER, SECURITY, TRUSTED_OWNER, Rule, built_in
from bot.engine.standing import Standing
from bot.model import (
    Account,
    Actor,
    Call,
    Decision,
    Expect,
    Manual,
    Operator,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    Risk,
    Severity,
    Step,
    Verdict,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACCOUNT = Account("111122223333")
ALICE = Actor("local", "alice@desk")
BOB = Actor("local", "bob@desk", "arn:aws:iam::111122223333:user/bob")
LOOK = Expect(Call("iam", "GetUser", {"UserName": "u"}), "User.UserId", Operator.PRESENT)
PLAN = Plan(
    ACCOUNT,
    "AIDA1",
    (
        Step(
            "tag",
            "Tag u",
            Risk.REVERSIBLE,
            (LOOK,),
            Call("iam", "TagUser", {"UserName": "u"}),
            (LOOK,),
            undo=Call("iam", "UntagUser", {"UserName": "u"}),
        ),
    ),
    "Tag u",
)
PROPOSAL = ProposalRecord(
    id="p-1",
    account=ACCOUNT,
    subject="AIDA1",
    origin=Origin.FINDING,
    state=ProposalState.PROPOSED,
    digest=PLAN.digest(),
    plan=PLAN,
    control="some-control",
    finding_id="f-1",
    created_at=NOW,
    changed_at=NOW,
)
UNDECIDED = (ProposalState.PROPOSED, ProposalState.PENDING)


def said(verdict: Verdict, actor: Actor = ALICE, **changes: object) -> Decision:
    decision = Decision("d-1", "p-1", PROPOSAL.digest, verdict, actor, NOW)
    return replace(decision, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", list(ProposalState))
@pytest.mark.parametrize("verdict", list(Verdict))
def test_decisions_are_taken_while_the_question_is_open(
    verdict: Verdict, state: ProposalState
) -> None:
    """Approve and snooze before a decision; deny also after an approval, never later."""
    objection = Approvals().objection(
        verdict, replace(PROPOSAL, state=state), PROPOSAL.digest, ALICE
    )
    deniable = verdict is Verdict.DENY and state is ProposalState.APPROVED

    assert (objection is None) == (state in UNDECIDED or deniable)


@pytest.mark.parametrize(
    ("state", "begun", "fine"),
    [
        (ProposalState.EXECUTING, False, True),
        (ProposalState.EXECUTING, True, False),
        (ProposalState.VERIFYING, False, False),
        (ProposalState.VERIFYING, True, False),
    ],
)
def test_a_denial_wins_until_the_first_change_is_on_the_way(
    state: ProposalState, begun: bool, fine: bool
) -> None:
    """A claim alone changes nothing yet; after that only an undo takes it back."""
    objection = Approvals().objection(
        Verdict.DENY, replace(PROPOSAL, state=state), PROPOSAL.digest, ALICE, begun=begun
    )

    assert (objection is None) == fine
    assert fine or "undo it instead" in str(objection)


def test_a_decision_binds_to_the_digest_that_was_shown() -> None:
    """A plan that changed meanwhile is another question."""
    objection = Approvals().objection(Verdict.APPROVE, PROPOSAL, "sha256:other", ALICE)

    assert "digest" in (objection or "")


def test_what_people_do_by_hand_is_not_approved() -> None:
    """There is nothing that Locksmith could carry out."""
    manual = Manual(ACCOUNT, "AIDA1", "only root can", ("sign in",))
    asked = replace(PROPOSAL, plan=manual, digest=manual.digest())

    assert "by hand" in (Approvals().objection(Verdict.APPROVE, asked, asked.digest, ALICE) or "")


@pytest.mark.parametrize(
    "actor",
    [Actor("slack", "T1/U1"), Actor("rule", "sandbox"), Actor("local", ""), Actor("", "alice")],
    ids=["slack", "rule", "no name", "no kind"],
)
def test_unknown_kinds_of_actors_may_not_decide(actor: Actor) -> None:
    """Fail closed: a surface that has no rules yet has no rights."""
    assert Approvals().objection(Verdict.APPROVE, PROPOSAL, PROPOSAL.digest, actor)


@pytest.mark.parametrize(
    ("decisions", "allowed"),
    [
        ([], False),
        ([said(Verdict.APPROVE)], True),
        ([said(Verdict.SNOOZE)], False),
        ([said(Verdict.APPROVE), said(Verdict.DENY, BOB)], False),
        ([said(Verdict.DENY), said(Verdict.APPROVE, BOB)], False),
        ([said(Verdict.APPROVE, digest="sha256:other")], False),
        ([said(Verdict.APPROVE, proposal_id="p-2")], False),
    ],
    ids=["none", "yes", "snooze", "yes no", "no yes", "other digest", "other proposal"],
)
def test_the_executor_is_let_through_by_a_valid_yes_alone(
    decisions: list[Decision], *, allowed: bool
) -> None:
    """A denial wins; silence, other digests and other proposals are never a yes."""
    assert (Approvals().authorise(PROPOSAL, decisions, NOW) is None) == allowed


@pytest.mark.parametrize(
    ("people", "actors", "count"),
    [
        ({}, [ALICE, BOB], 1),
        ({"local:alice@desk": "alice"}, [ALICE, BOB], 2),
        ({"local:alice@desk": "a", "local:bob@desk": "a"}, [ALICE, BOB], 1),
        ({BOB.aws_arn: "a", "local:alice@desk": "a"}, [ALICE, BOB], 1),
        ({"local:alice@desk": "a", "local:bob@desk": "b"}, [ALICE, BOB], 2),
        ({}, [], 0),
    ],
    ids=["nobody linked", "one linked", "one person", "one person by ARN", "two", "nobody"],
)
def test_people_are_counted_once(people: dict[str, str], actors: list[Actor], count: int) -> None:
    """Two names of one person, or two unlinked names at a command line, are one."""
    assert len(People(people).distinct(actors)) == count


@pytest.mark.parametrize("needed", [-1, 0, 1])
def test_zero_people_never_means_nobody_needs_to_say_yes(needed: int) -> None:
    """Zero, empty and missing mean none in what is allowed, not in what is required."""
    asks = Approvals(rules=(Rule(frozenset({OWNER}), needed),), alone=False)

    assert asks.authorise(PROPOSAL, [], NOW) is not None


def test_two_people_are_two() -> None:
    """With two needed, one person's two names are not enough."""
    linked = People({"local:alice@desk": "alice", "local:bob@desk": "bob", "slack:UALICE": "alice"})
    two = Approvals(linked, rules=(Rule(frozenset({OWNER}), 2),), alone=False)
    yes = [said(Verdict.APPROVE), said(Verdict.APPROVE, BOB)]
    in_slack = said(Verdict.APPROVE, Actor("slack", "T1/UALICE"))

    assert two.authorise(PROPOSAL, yes[:1], NOW)
    assert two.authorise(PROPOSAL, [yes[0], yes[0]], NOW)
    assert two.authorise(PROPOSAL, [yes[0], in_slack], NOW)
    assert two.authorise(PROPOSAL, yes, NOW) is None


def of_risk(risk: Risk) -> ProposalRecord:
    step = PLAN.steps[0]
    if risk is Risk.IRREVERSIBLE:
        step = replace(step, undo=None, irreversible_because="it is gone", risk=risk)
    plan = replace(PLAN, steps=(replace(step, risk=risk),))
    return replace(PROPOSAL, plan=plan, digest=plan.digest(), severity=Severity.HIGH)


SLACK = Approvals(alone=False)
ANN = Actor("slack", "T1/UANN")


@pytest.mark.parametrize(
    ("risk", "capacity", "may"),
    [
        (Risk.REVERSIBLE, OWNER, True),
        (Risk.REVERSIBLE, TRUSTED_OWNER, True),
        (Risk.REVERSIBLE, SECURITY, True),
        (Risk.REVERSIBLE, "S1", False),
        (Risk.DISRUPTIVE, OWNER, False),
        (Risk.DISRUPTIVE, TRUSTED_OWNER, True),
        (Risk.DISRUPTIVE, SECURITY, True),
        (Risk.IRREVERSIBLE, OWNER, False),
        (Risk.IRREVERSIBLE, TRUSTED_OWNER, True),
        (Risk.IRREVERSIBLE, SECURITY, True),
    ],
)
def test_who_approves_what_by_the_built_in_rules(risk: Risk, capacity: str, may: bool) -> None:
    """A tag is a claim, and claims approve only what one call takes back."""
    asked = of_risk(risk)
    standing = Standing(frozenset({capacity}))

    objection = SLACK.objection(Verdict.APPROVE, asked, asked.digest, ANN, standing=standing)

    assert (objection is None) is may
    assert SLACK.people_needed(asked) == (2 if risk is Risk.IRREVERSIBLE else 1)


@pytest.mark.parametrize(
    ("origin", "least", "people"),
    [
        pytest.param(Origin.FINDING, 1, 2, id="a fix, though one is enough for what is final"),
        pytest.param(Origin.FINDING, 3, 3, id="no fewer than for what is final"),
        pytest.param(Origin.UNDO, 2, 1, id="taking the rights back"),
    ],
)
def test_giving_rights_takes_two_of_those_who_are_trusted(
    origin: Origin, least: int, people: int
) -> None:
    """However reversible the fix is: a tag's owner gives nobody rights."""
    asked = replace(of_risk(Risk.REVERSIBLE), origin=origin)
    ruled = Approvals(rules=built_in(least, frozenset({asked.control})), alone=False)

    assert ruled.people_needed(asked) == people
    for held, may in ((OWNER, origin is Origin.UNDO), (TRUSTED_OWNER, True), (SECURITY, True)):
        standing = Standing(frozenset({held}))
        objection = ruled.objection(Verdict.APPROVE, asked, asked.digest, ANN, standing=standing)
        assert (objection is None) is may
    other = replace(asked, control="another")
    assert ruled.people_needed(other) == 1


def test_the_controls_that_give_rights_are_ruled_by_the_configuration() -> None:
    """Those that say so of themselves, and no others."""
    adding = {
        "instance-without-profile",
        "launch-template-without-instance-profile",
        "needed-action-denied",
        "root-is-the-only-administrator",
        "shared-user",
        "support-role-missing",
    }
    controls = registry.discover()
    made = rulebook.approvals(Config(), controls)

    assert rulebook.adding_rights(controls) == adding
    assert made.rules[0].controls == adding
    assert made.remediation.adding == adding


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_stranger_decides_nothing(verdict: Verdict) -> None:
    for standing in (Standing(), Standing(frozenset({SECURITY, OWNER}), refusal="is a guest")):
        assert SLACK.objection(verdict, PROPOSAL, PROPOSAL.digest, ANN, standing=standing)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_who_was_the_owner_hears_why_they_are_no_more(verdict: Verdict) -> None:
    note = "the tag owner changed since this was asked"
    standing = Standing(note=note)
    why = SLACK.objection(verdict, PROPOSAL, PROPOSAL.digest, ANN, standing=standing)
    assert f"({note})" in (why or "")
    assert f"({note})" in (SLACK.exempts(PROPOSAL, standing) or "")


@pytest.mark.parametrize("kind", ["slack", "rule", "process"])
def test_without_a_standing_only_operators_decide(kind: str) -> None:
    assert SLACK.objection(Verdict.APPROVE, PROPOSAL, PROPOSAL.digest, Actor(kind, "x/y"))


def test_the_first_rule_that_matches_counts() -> None:
    """A rule of the configuration stands before the built-in ones, and takes who it names."""
    keys = Rule(frozenset({"S1"}), 2, severities=frozenset({Severity.HIGH}))
    ruled = Approvals(rules=(keys, *built_in(2)), alone=False)
    asked = of_risk(Risk.REVERSIBLE)

    assert ruled.people_needed(asked) == 2
    for held, may in ((SECURITY, False), (OWNER, False), ("S1", True)):
        standing = Standing(frozenset({held}))
        objection = ruled.objection(Verdict.APPROVE, asked, asked.digest, ANN, standing=standing)
        assert (objection is None) is may
    assert ruled.people_needed(replace(asked, severity=Severity.LOW)) == 1


@pytest.mark.parametrize(
    "rule",
    [
        Rule(frozenset({OWNER}), controls=frozenset({"another"})),
        Rule(frozenset({OWNER}), accounts=frozenset({"999988887777"})),
        Rule(frozenset({OWNER}), severities=frozenset({Severity.LOW})),
        Rule(frozenset({OWNER}), risks=frozenset({Risk.IRREVERSIBLE})),
    ],
)
def test_a_rule_about_something_else_does_not_match(rule: Rule) -> None:
    assert not rule.matches(of_risk(Risk.REVERSIBLE))


def test_a_yes_stands_as_long_as_its_rule_says() -> None:
    ruled = Approvals(rules=(Rule(frozenset({OWNER}), within=timedelta(hours=6)),), alone=False)
    yes = [said(Verdict.APPROVE)]

    assert ruled.authorise(PROPOSAL, yes, NOW + timedelta(hours=6)) is None
    assert "6 hours" in (ruled.authorise(PROPOSAL, yes, NOW + timedelta(hours=6, minutes=1)) or "")


@pytest.mark.parametrize(
    ("risk", "hours"), [(Risk.REVERSIBLE, 24), (Risk.DISRUPTIVE, 24), (Risk.IRREVERSIBLE, 4)]
)
@pytest.mark.parametrize("within", [None, timedelta(days=9)])
def test_strictly_a_yes_stands_a_day_at_most(
    risk: Risk, hours: int, within: timedelta | None
) -> None:
    """Whatever a rule says; four hours where nothing takes it back."""
    strict = Approvals(rules=(Rule(frozenset({OWNER}), within=within),), alone=False, strict=True)
    asked = of_risk(risk)
    yes = [replace(said(Verdict.APPROVE), digest=asked.digest)]

    assert strict.authorise(asked, yes, NOW + timedelta(hours=hours)) is None
    assert strict.authorise(asked, yes, NOW + timedelta(hours=hours, minutes=1))


class TestOnesOwnAccess:
    """Giving it up is fine by default; keeping it is for others to say."""

    mine = Standing(frozenset({OWNER, TRUSTED_OWNER, SECURITY}), about_themselves=True)

    def test_may_be_given_up(self) -> None:
        ok = SLACK.objection(Verdict.APPROVE, PROPOSAL, PROPOSAL.digest, ANN, standing=self.mine)
        assert ok is None

    @pytest.mark.parametrize("closed", [{"subject_may_approve": False}, {"strict": True}])
    def test_unless_the_configuration_says_otherwise(self, closed: dict[str, bool]) -> None:
        strict = replace(SLACK, **closed)
        assert strict.objection(Verdict.APPROVE, PROPOSAL, PROPOSAL.digest, ANN, standing=self.mine)

    def test_is_not_theirs_to_keep(self) -> None:
        assert SLACK.objection(Verdict.DENY, PROPOSAL, PROPOSAL.digest, ANN, standing=self.mine)
        assert SLACK.exempts(PROPOSAL, self.mine)
        assert SLACK.confirms_exemption(PROPOSAL, self.mine)

    @pytest.mark.parametrize(
        ("days", "again", "may"), [(7, False, True), (8, False, False), (1, True, False)]
    )
    def test_may_be_put_off_once_for_a_week(self, days: int, again: bool, may: bool) -> None:
        span = timedelta(days=days)
        assert (SLACK.puts_off(self.mine, span, reason="x", again=again) is None) is may


@pytest.mark.parametrize(
    ("span", "reason", "again", "may"),
    [
        (timedelta(days=90), "", False, True),
        (timedelta(days=90, seconds=1), "x", False, False),
        (timedelta(days=1), " ", True, False),
        (timedelta(days=1), "on leave", True, True),
        (timedelta(), "x", False, False),
    ],
)
def test_for_how_long_a_question_is_put_off(
    span: timedelta, reason: str, again: bool, may: bool
) -> None:
    """Not for so long that it were an exemption which nobody confirmed."""
    owner = Standing(frozenset({OWNER}))

    assert (SLACK.puts_off(owner, span, reason=reason, again=again) is None) is may


@pytest.mark.parametrize(
    ("capacities", "exempts", "confirms"),
    [
        ({OWNER}, True, False),
        ({TRUSTED_OWNER}, True, True),
        ({SECURITY}, True, True),
        (set(), False, False),
        ({"S1"}, False, False),
        ({"S2"}, True, True),
    ],
)
def test_who_exempts_and_who_confirms(capacities: set[str], exempts: bool, confirms: bool) -> None:
    standing = Standing(frozenset(capacities))
    ruled = replace(SLACK, rules=(Rule(frozenset({OWNER, "S2"})),))

    assert (ruled.exempts(PROPOSAL, standing) is None) is exempts
    assert (ruled.confirms_exemption(PROPOSAL, standing) is None) is confirms


def test_taking_back_a_containment_takes_two_of_the_security_group() -> None:
    undo = replace(PROPOSAL, origin=Origin.UNDO, finding_id=None)
    owner = Standing(frozenset({OWNER, TRUSTED_OWNER}))

    assert SLACK.people_needed(undo) == 2
    assert SLACK.objection(Verdict.APPROVE, undo, undo.digest, ANN, standing=owner)


@pytest.mark.parametrize("alone", [True, False])
def test_an_operator_is_the_security_group_where_others_can_be_asked(*, alone: bool) -> None:
    """Alone they decide everything; else rules bind them, and two unlinked ones are one."""
    named = Approvals(rules=(Rule(frozenset({"U1"})),), alone=alone)
    asked = of_risk(Risk.IRREVERSIBLE)
    yes = [replace(said(Verdict.APPROVE, who), digest=asked.digest) for who in (ALICE, BOB)]

    assert (named.objection(Verdict.APPROVE, asked, asked.digest, ALICE) is None) is alone
    assert replace(SLACK, alone=alone).objection(
        Verdict.APPROVE, asked, asked.digest, ALICE
    ) is None  # fmt: skip
    assert (replace(SLACK, alone=alone).authorise(asked, yes, NOW) is None) is alone
