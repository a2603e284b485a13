"""Who may decide what."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.engine.approvals import Approvals, People
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
    assert Approvals(people_needed=needed).authorise(PROPOSAL, [], NOW) is not None


def test_two_people_are_two() -> None:
    """With two needed, one person's two names are not enough."""
    linked = People({"local:alice@desk": "alice", "local:bob@desk": "bob"})
    two = Approvals(linked, people_needed=2)
    yes = [said(Verdict.APPROVE), said(Verdict.APPROVE, BOB)]

    assert two.authorise(PROPOSAL, yes[:1], NOW)
    assert two.authorise(PROPOSAL, [yes[0], yes[0]], NOW)
    assert two.authorise(PROPOSAL, yes, NOW) is None
