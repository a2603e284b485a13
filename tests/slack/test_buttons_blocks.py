"""What a card offers, by what can still be decided or taken back."""

from dataclasses import replace
from typing import Any

import pytest

from bot.model import Outcome, Plan, ProposalState, StepRecord
from bot.slack.blocks.buttons import card_buttons, is_undoable
from bot.slack.blocks.card import card
from bot.slack.blocks.question import Question, Rights, Role
from tests.reports.samples import BY_HAND, DEACTIVATE, DELETE, NOW, PLAN
from tests.slack.questions import ASKED, final_plan, question

BOTH = Plan(PLAN.account, PLAN.subject, (DEACTIVATE, DELETE), "Deactivate and delete the key")


def carried_out(plan: Plan, held: tuple[str, ...], state: ProposalState) -> Question:
    asked = question(state, plan=plan, carried_out=True)
    assert asked.view.execution is not None
    steps = tuple(StepRecord(n, name, Outcome.HOLDS, NOW, NOW) for n, name in enumerate(held))
    execution = replace(asked.view.execution, steps=steps)
    return replace(asked, view=replace(asked.view, execution=execution))


def offered(asked: Question) -> dict[str, Any]:
    return {each["action_id"]: each for block in card_buttons(asked) for each in block["elements"]}


@pytest.mark.parametrize(
    ("plan", "held", "state", "undoable"),
    [
        (PLAN, ("deactivate",), ProposalState.DONE, True),
        (BOTH, ("deactivate", "delete"), ProposalState.DONE, False),
        (BOTH, ("deactivate",), ProposalState.NEEDS_HUMAN, True),
        (BOTH, (), ProposalState.NEEDS_HUMAN, False),
        (PLAN, ("deactivate",), ProposalState.UNKNOWN, False),
        (PLAN, ("deactivate",), ProposalState.EXECUTING, False),
    ],
)
def test_undo_is_offered_for_what_holds_and_has_a_way_back(
    plan: Plan, held: tuple[str, ...], state: ProposalState, undoable: bool
) -> None:
    asked = carried_out(plan, held, state)

    assert is_undoable(asked) is undoable
    assert ("undo" in offered(asked)) is undoable


def test_what_was_undone_is_not_undone_twice() -> None:
    asked = carried_out(PLAN, ("deactivate",), ProposalState.DONE)
    assert asked.view.execution is not None
    again = replace(asked.view.execution, undone_by="x-2")

    assert not is_undoable(replace(asked, view=replace(asked.view, execution=again)))
    assert not is_undoable(replace(asked, undone=asked.view.execution))


def test_undo_is_for_those_allowed_to() -> None:
    asked = carried_out(PLAN, ("deactivate",), ProposalState.DONE)
    told = replace(asked, asked=replace(ASKED, role=Role.TOLD))

    assert "undo" not in offered(replace(asked, rights=Rights(undoes=False)))
    assert "undo" not in offered(told)


def test_buttons_carry_what_they_bind_to() -> None:
    asked = question()
    proposal = asked.view.proposal

    assert {each["value"] for each in offered(asked).values()} == {
        f"{proposal.id} {proposal.digest}"
    }
    done = carried_out(PLAN, ("deactivate",), ProposalState.DONE)
    assert offered(done)["undo"]["value"] == "x-9p4v2b6n"


def test_approve_asks_once_more_and_names_the_effect() -> None:
    words = offered(question())["approve"]["confirm"]["text"]["text"]

    assert words == (
        "Deactivate ann's access key. Locksmith makes 1 call in AWS account 123456789012."
    )


@pytest.mark.parametrize(
    ("asked", "yes"),
    [
        (question(), "approve"),
        (question(plan=final_plan()), "approve_typed"),
        (question(rights=Rights(code=True)), "approve_typed"),
        (question(plan=BY_HAND), "done_by_hand"),
        (question(rights=Rights(live=False)), None),
        (question(plan=BY_HAND, rights=Rights(live=False)), "done_by_hand"),
        (question(rights=Rights(decides=False)), None),
    ],
)
def test_how_yes_is_said(asked: Question, yes: str | None) -> None:
    ways = {"approve", "approve_typed", "done_by_hand"} & offered(asked).keys()

    assert ways == ({yes} if yes else set())


def test_root_custody_is_confirmed_not_done() -> None:
    """The same button, with the words of what is recorded."""
    asked = question(plan=BY_HAND)
    proposal = replace(asked.view.proposal, control="root-custody-unattested")
    button = offered(replace(asked, view=replace(asked.view, proposal=proposal)))["done_by_hand"]

    assert button["text"]["text"] == "I confirm it"
    assert "Your name is recorded" in button["confirm"]["text"]["text"]
    assert offered(asked)["done_by_hand"]["text"]["text"] == "I did it"


def test_a_policy_is_reviewed_not_done() -> None:
    asked = question(plan=BY_HAND)
    proposal = replace(asked.view.proposal, control="policy-review-overdue")
    button = offered(replace(asked, view=replace(asked.view, proposal=proposal)))["done_by_hand"]

    assert button["text"]["text"] == "Reviewed"
    assert "for just this document" in button["confirm"]["text"]["text"]


def test_what_cannot_be_undone_as_a_whole_says_which_part() -> None:
    text = str(card(question(plan=BOTH)))

    assert "*Cannot be undone as a whole:* 1 of 2 steps are final" in text
    assert "AWS never gives a deleted key back" in text
