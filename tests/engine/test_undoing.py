"""Undo inverts exactly what holds, last step first, and says so where there is no way back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.engine.undoing import undo_plan
from bot.errors import RefusedError
from bot.model import (
    Account,
    Actor,
    Call,
    ExecutionRecord,
    Expect,
    Json,
    Manual,
    Operator,
    Outcome,
    Output,
    Plan,
    ProposalState,
    Risk,
    Step,
    StepRecord,
)

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACCOUNT = Account("123456789012")


def expect(name: str, operator: Operator, value: Json = None, path: str = "State") -> Expect:
    return Expect(Call("iam", f"Get{name}", {"Name": name}), path, operator, value)


def step(name: str, *, undo: bool = True, outputs: dict[str, Output] | None = None) -> Step:
    """Turns `name` from off to on, guarded by an identity that must not have changed."""
    return Step(
        name=name,
        summary=f"Turn {name} on",
        risk=Risk.DISRUPTIVE if undo else Risk.IRREVERSIBLE,
        before=(
            expect(name, Operator.EQUALS, "id-1", path="Id"),
            expect(name, Operator.EQUALS, "off"),
        ),
        do=Call("iam", f"Start{name}", {"Name": name}),
        after=(expect(name, Operator.EQUALS, "on"),),
        undo=Call("iam", f"Stop{name}", {"Name": name}) if undo else None,
        irreversible_because="" if undo else "AWS forgets it",
        outputs=outputs or {},
    )


def plan(*steps: Step) -> Plan:
    return Plan(ACCOUNT, "AIDA1/thing", steps, "Turn it all on")


def execution(
    *outcomes: tuple[str, Outcome], outputs: dict[str, Json] | None = None
) -> ExecutionRecord:
    return ExecutionRecord(
        id="x-1",
        proposal_id="p-1",
        account=ACCOUNT,
        actor=Actor("local", "alice@host"),
        started_at=AT,
        finished_at=AT,
        state=ProposalState.DONE,
        why="",
        steps=tuple(
            StepRecord(index, name, outcome, AT, outputs=outputs)
            for index, (name, outcome) in enumerate(outcomes)
        ),
    )


def test_the_steps_that_hold_are_inverted_last_first() -> None:
    original = plan(step("A"), step("B"))
    undo = undo_plan(execution(("A", Outcome.HOLDS), ("B", Outcome.HOLDS)), original)
    assert isinstance(undo, Plan)
    assert [each.do.operation for each in undo.steps] == ["StopB", "StopA"]
    first = undo.steps[0]
    assert first.before == original.steps[1].after
    assert first.after == (expect("B", Operator.EQUALS, "off"),)
    assert first.undo == original.steps[1].do
    assert (undo.account, undo.subject) == (original.account, original.subject)
    assert undo.risk is Risk.DISRUPTIVE


def test_a_step_that_was_not_applied_is_not_undone() -> None:
    undo = undo_plan(
        execution(("A", Outcome.HOLDS), ("B", Outcome.NOT_APPLIED)), plan(step("A"), step("B"))
    )
    assert isinstance(undo, Plan)
    assert [each.do.operation for each in undo.steps] == ["StopA"]


@pytest.mark.parametrize(
    "outcome", [Outcome.UNKNOWN, Outcome.INTENDED, Outcome.ANSWERED], ids=lambda o: o.value
)
def test_nothing_is_undone_before_every_outcome_is_known(outcome: Outcome) -> None:
    """Undoing the first half could take away what replaced something that is gone."""
    with pytest.raises(RefusedError, match=f"B is {outcome}"):
        undo_plan(execution(("A", Outcome.HOLDS), ("B", outcome)), plan(step("A"), step("B")))


def test_nothing_that_holds_means_nothing_to_undo() -> None:
    with pytest.raises(RefusedError, match="nothing that holds"):
        undo_plan(execution(("A", Outcome.NOT_APPLIED)), plan(step("A")))


def test_an_irreversible_step_gives_advice_with_its_reason() -> None:
    undo = undo_plan(
        execution(("A", Outcome.HOLDS), ("B", Outcome.HOLDS)),
        plan(step("A"), step("B", undo=False)),
    )
    assert isinstance(undo, Manual)
    assert "AWS forgets it" in undo.reason
    assert "has no way back" in undo.steps[0]
    assert "iam:StopA with Name='A'" in undo.steps[1]


def test_an_irreversible_step_that_never_ran_doesnt_stand_in_the_way() -> None:
    undo = undo_plan(execution(("A", Outcome.HOLDS)), plan(step("A"), step("B", undo=False)))
    assert isinstance(undo, Plan)


def versioned(*, secret: bool = False) -> Step:
    """Makes a version and forgets nothing: its undo needs the id that AWS gave."""
    return Step(
        name="make",
        summary="Make a version",
        risk=Risk.REVERSIBLE,
        before=(expect("Policy", Operator.EQUALS, "v1"),),
        do=Call("iam", "MakeVersion", {"Name": "Policy"}),
        after=(expect("Policy", Operator.EQUALS, {"$output": "make.id"}),),
        undo=Call("iam", "DropVersion", {"Version": {"$output": "make.id"}}),
        outputs={"id": Output("Version.Id", secret=secret)},
    )


def test_outputs_come_from_the_journal_and_such_a_step_cant_be_redone() -> None:
    undo = undo_plan(execution(("make", Outcome.HOLDS), outputs={"id": "v2"}), plan(versioned()))
    assert isinstance(undo, Plan)
    (inverse,) = undo.steps
    assert inverse.do.params == {"Version": "v2"}
    assert inverse.before == (expect("Policy", Operator.EQUALS, "v2"),)
    assert inverse.after == (expect("Policy", Operator.EQUALS, "v1"),)
    assert inverse.undo is None
    assert "another id" in inverse.irreversible_because


def test_a_secret_output_was_not_kept_so_its_undo_is_advice() -> None:
    undo = undo_plan(execution(("make", Outcome.HOLDS)), plan(versioned(secret=True)))
    assert isinstance(undo, Manual)
    assert "make.id" in undo.reason


def test_a_step_whose_effect_is_not_looked_at_before_has_no_proof_of_its_undo() -> None:
    blind = Step(
        name="A",
        summary="Turn A on",
        risk=Risk.REVERSIBLE,
        before=(expect("A", Operator.EQUALS, "id-1", path="Id"),),
        do=Call("iam", "StartA", {}),
        after=(expect("A", Operator.EQUALS, "on"),),
        undo=Call("iam", "StopA", {}),
    )
    undo = undo_plan(execution(("A", Outcome.HOLDS)), plan(blind))
    assert isinstance(undo, Manual)


def test_the_undo_of_an_undo_is_the_original() -> None:
    original = plan(step("A"), step("B"))
    undo = undo_plan(execution(("A", Outcome.HOLDS), ("B", Outcome.HOLDS)), original)
    assert isinstance(undo, Plan)
    again = undo_plan(
        execution(("undo-B", Outcome.HOLDS), ("undo-A", Outcome.HOLDS)),
        undo,
    )
    assert isinstance(again, Plan)
    assert [each.do for each in again.steps] == [each.do for each in original.steps]
    assert [each.after for each in again.steps] == [each.after for each in original.steps]


def is_same(kind: str, name: str, id_: str, path: str = "") -> Expect:
    """The thing of this name has this id, or at `path` this value."""
    read = Call("iam", f"Get{kind}", {f"{kind}Name": name})
    return Expect(read, path or f"{kind}.{kind}Id", Operator.EQUALS, id_)


def named(step_: Step, *guards: Expect, **params: Json) -> Step:
    """The step, guarded, about what the parameters name."""
    undo = replace(step_.undo, params=params) if step_.undo else None
    return replace(
        step_,
        before=(*guards, *step_.before),
        do=replace(step_.do, params=params),
        undo=undo,
    )


CAROL = is_same("User", "carol", "AIDA1")
DAVE = is_same("User", "dave", "AIDA2")


def undone(original: Plan) -> dict[str, Step]:
    """The steps of the undo of all of it, by name."""
    held = execution(*((each.name, Outcome.HOLDS) for each in original.steps))
    undo = undo_plan(held, original)
    assert isinstance(undo, Plan)
    return {each.name: each for each in undo.steps}


def test_who_it_is_stays_a_condition_of_the_undo() -> None:
    (inverse,) = undone(plan(named(step("A"), CAROL, UserName="carol"))).values()
    assert inverse.before == (expect("A", Operator.EQUALS, "on"), CAROL)
    assert inverse.after == (expect("A", Operator.EQUALS, "off"),)


@pytest.mark.parametrize("first", [True, False], ids=["an earlier", "a later"])
def test_a_step_without_a_guard_takes_that_of_another_about_the_same_name(first: bool) -> None:
    guarded = named(step("A"), CAROL, UserName="carol")
    bare = named(step("B"), UserName="carol")
    stranger = named(step("C"), DAVE, UserName="dave")
    steps = (guarded, bare, stranger) if first else (stranger, bare, guarded)
    inverse = undone(plan(*steps))["undo-B"]
    assert CAROL in inverse.before
    assert DAVE not in inverse.before


def test_what_the_plan_made_must_still_be_as_it_made_it() -> None:
    """Nobody knows the id of a group before it is made; the path says whose it is."""
    made = is_same("Group", "readers", "/locksmith/", path="Group.Path")
    gone = replace(made, operator=Operator.ABSENT, value=None)
    create = replace(
        named(step("create"), GroupName="readers"), before=(CAROL, gone), after=(made,)
    )
    fill = named(step("fill"), GroupName="readers")
    original = plan(create, fill)
    inverses = undone(original)
    assert inverses["undo-fill"].before == (*fill.after, made)
    assert inverses["undo-create"].before == (made, CAROL)
    again = undone(Plan(ACCOUNT, "AIDA1/thing", tuple(inverses.values()), "Undo"))
    assert again["undo-undo-create"].before == (gone, CAROL)
    assert again["undo-undo-fill"].before == (*fill.changes(), made)


@pytest.mark.parametrize(
    "volatile",
    [
        Expect(CAROL.read, "User.PasswordLastUsed || 'never'", Operator.OLDER_THAN, 45),
        Expect(CAROL.read, "User.PermissionsBoundary", Operator.ABSENT),
    ],
    ids=lambda one: one.operator.value,
)
def test_what_may_well_have_changed_since_is_no_condition(volatile: Expect) -> None:
    (inverse,) = undone(plan(named(step("A"), CAROL, volatile, UserName="carol"))).values()
    assert volatile not in inverse.before


def test_who_holds_a_policy_stays_a_condition() -> None:
    """Whoever holds it only since would get what it granted before."""
    read = Call("iam", "ListEntitiesForPolicy", {"PolicyArn": "arn"})
    holders = Expect(read, "sort(PolicyUsers[].UserId)", Operator.EQUALS, ["AIDA1"])
    (inverse,) = undone(plan(named(step("A"), holders, PolicyArn="arn"))).values()
    assert holders in inverse.before
