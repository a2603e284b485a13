"""What a plan must hold, and what its digest binds."""

import json
from dataclasses import replace

import pytest

from bot.errors import PlanError
from bot.model import (
    Account,
    Call,
    Expect,
    Manual,
    Operator,
    Output,
    Plan,
    Risk,
    Step,
    TooEarly,
    canonical,
    plan_of,
)

ACCOUNT = Account("111122223333")
KEYS = Call("iam", "ListAccessKeys", {"UserName": "alice"})
STATUS = "AccessKeyMetadata[?AccessKeyId=='AKIA1'].Status | [0]"


def user_is(user_id: str) -> Expect:
    read = Call("iam", "GetUser", {"UserName": "alice"})
    return Expect(read, "User.UserId", Operator.EQUALS, user_id, "another user now has this name")


def turn_off(status: str = "Inactive") -> Call:
    return Call(
        "iam", "UpdateAccessKey", {"UserName": "alice", "AccessKeyId": "AKIA1", "Status": status}
    )


STEP = Step(
    name="deactivate",
    summary="Deactivate AKIA1",
    risk=Risk.REVERSIBLE,
    before=(user_is("AIDA1"), Expect(KEYS, STATUS, Operator.EQUALS, "Active", "not active")),
    do=turn_off(),
    after=(Expect(KEYS, STATUS, Operator.EQUALS, "Inactive"),),
    undo=turn_off("Active"),
    outputs={"version": Output("PolicyVersion.VersionId")},
)
PLAN = Plan(ACCOUNT, "AKIA1", (STEP,), "Deactivate alice's key", ("her scripts",))
MANUAL = Manual(ACCOUNT, "111122223333/root", "Only root can", ("Sign in", "Delete it"), ("url",))


def with_step(**changes: object) -> Plan:
    return replace(PLAN, steps=(replace(STEP, **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        replace(PLAN, account=Account("444455556666")),
        replace(PLAN, account=Account("111122223333", "aws-cn")),
        replace(PLAN, subject="AKIA2"),
        replace(PLAN, steps=(STEP, replace(STEP, name="again"))),
        with_step(do=turn_off("Active")),
        with_step(do=replace(turn_off(), region="eu-west-1")),
        with_step(before=STEP.before[:1]),
        with_step(before=(user_is("AIDA2"), STEP.before[1])),
        with_step(after=(replace(STEP.after[0], value="Active"),)),
        with_step(undo=turn_off("Inactive")),
        with_step(outputs={}),
        with_step(name="off"),
        with_step(risk=Risk.DISRUPTIVE),
    ],
    ids=[
        "account", "partition", "subject", "one more step", "parameter", "region", "guard dropped",
        "unique id", "after", "undo", "outputs", "step name", "risk",
    ],
)  # fmt: skip
def test_a_different_plan_is_a_different_question(changed: Plan) -> None:
    """Whatever would change what is called, expected, undone or who must say yes."""
    assert changed.digest() != PLAN.digest()


@pytest.mark.parametrize(
    "changed",
    [
        replace(PLAN, summary="In other words"),
        replace(PLAN, breaks=()),
        with_step(summary="In other words"),
        with_step(before=tuple(replace(e, why="In other words") for e in STEP.before)),
    ],
    ids=["summary", "breaks", "step summary", "why"],
)
def test_better_words_never_void_a_decision(changed: Plan) -> None:
    """Words for people are not part of what was approved."""
    assert changed.digest() == PLAN.digest()


@pytest.mark.parametrize("kept", [PLAN, MANUAL], ids=["plan", "manual"])
def test_storage_keeps_a_plan_and_its_digest(kept: Plan | Manual) -> None:
    """Out of the database comes what went in."""
    again = plan_of(json.loads(canonical(kept.data())))

    assert again == kept
    assert again.digest() == kept.digest()


EARLY = TooEarly("NoSuchEntity", "The role with name")


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("do", id="call"),
        pytest.param("undo", id="undo"),
    ],
)
def test_what_a_call_says_of_refusals_is_kept_and_decided_on(call: str) -> None:
    """As is every word of it: it says what is done about an answer."""
    said = with_step(**{call: replace(turn_off(), too_early=(EARLY,))})

    again = plan_of(json.loads(canonical(said.data())))

    assert again == said
    assert again.digest() == said.digest()
    other = replace(turn_off(), too_early=(replace(EARLY, words="The group with name"),))
    unsaid = with_step(**{call: turn_off()})
    assert len({each.digest() for each in (said, unsaid, with_step(**{call: other}))}) == 3


def test_a_plan_that_says_nothing_of_refusals_has_the_digest_it_had() -> None:
    """Decisions of the release before stand, and it can read what this one writes."""
    assert "too_early" not in canonical(PLAN.data())
    assert PLAN.digest() == (
        "sha256:997820e43a8dfc3988d7ed06e3827bc43aaa1edb96d29d46c78192a67b09d2c0"
    )


def test_a_stored_plan_that_is_not_one_is_refused() -> None:
    """A row that was tampered with or comes from elsewhere is no plan."""
    with pytest.raises(PlanError, match="can't be read"):
        plan_of({"kind": "plan", "account": {"id": "1"}})


def test_what_a_step_changes_is_what_before_and_after_both_look_at() -> None:
    """The unique id is a guard; the status is what undo must bring back."""
    assert STEP.changes() == (STEP.before[1],)


@pytest.mark.parametrize(
    "changes",
    [
        {"undo": None},
        {"irreversible_because": "it is gone"},
        {"before": ()},
        {"after": ()},
        {"undo": None, "irreversible_because": "it is gone"},
    ],
    ids=["no undo", "undo and reason", "no before", "no after", "final but not marked so"],
)
def test_a_step_that_breaks_the_contract_is_refused(changes: dict[str, object]) -> None:
    """An undo or a reason, never both or neither; something to look at on both sides."""
    with pytest.raises(PlanError, match="deactivate"):
        with_step(**changes)


def test_a_plan_needs_steps_with_names_of_their_own() -> None:
    """An empty plan would succeed without doing anything."""
    with pytest.raises(PlanError):
        replace(PLAN, steps=())
    with pytest.raises(PlanError):
        replace(PLAN, steps=(STEP, STEP))


def test_a_plan_is_as_risky_as_its_riskiest_step() -> None:
    """Order does not matter."""
    final = replace(
        STEP,
        name="delete",
        undo=None,
        irreversible_because="a deleted key is gone",
        risk=Risk.IRREVERSIBLE,
    )

    assert PLAN.risk is Risk.REVERSIBLE
    assert replace(PLAN, steps=(final, STEP)).risk is Risk.IRREVERSIBLE
