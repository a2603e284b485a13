"""The details of a question: page by page, with their history, for those who may see them now."""

from dataclasses import replace

from bot.model import Actor, Origin
from bot.store import accounts, messages, proposals
from bot.store.messages import NewMessage
from bot.store.proposals import NewProposal
from tests.reports.samples import PLAN
from tests.slack.desks import OPERATOR, Office, wait_for
from tests.slack.double import Message


def modal_says(at: Office, text: str) -> str:
    wait_for(
        lambda: any(text in view.words() for view in at.slack.modals(at.ann)[-1:]),
        f"{text!r} in a modal",
    )
    return at.slack.modal(at.ann).words()


def long_card(at: Office) -> Message:
    """A card to ann about a plan whose details take several pages."""
    step = PLAN.steps[0]
    steps = tuple(replace(step, name=f"s{n}", summary=f"Step number {n}") for n in range(60))
    with at.store.write() as tx:
        (known,) = accounts.known_accounts(tx)
        plan = replace(PLAN, account=known.account, steps=steps)
        new = NewProposal(known.account, "a-thing", Origin.COMMAND, plan, "contain", None)
        (made,) = proposals.propose_many(tx, [new], OPERATOR)
        data = {"owner_source": "tags", "because": "so", "role": "owner"}
        messages.tell(tx, NewMessage("k", "card", at.ann.id, made.id, data))
    at.desk.changed()
    return at.card(at.ann, made.id)


def test_pages_are_turned_in_their_modal(carols_office: Office) -> None:
    at = carols_office
    card = long_card(at)
    at.slack.click(at.ann, card.channel, card.ts, "details")
    assert "Step number 0" in modal_says(at, "Page 1 of")

    at.slack.modal_click(at.ann, "details_page")
    second = modal_says(at, "Page 2 of")
    assert "Step number 0\n" not in second

    at.slack.modal_click(at.ann, "details_page_back")
    modal_says(at, "Page 1 of")
    assert len(at.slack.modals(at.ann)) == 1


def test_who_is_nobody_any_more_turns_no_page(carols_office: Office) -> None:
    at = carols_office
    card = long_card(at)
    at.slack.click(at.ann, card.channel, card.ts, "details")
    modal_says(at, "Page 1 of")
    at.slack.workspace.users[at.ann.id].deleted = True

    at.slack.modal_click(at.ann, "details_page")

    assert "Step number" not in modal_says(at, "deactivated")


def test_a_page_of_another_plan_is_not_shown(carols_office: Office) -> None:
    at = carols_office
    card = long_card(at)
    at.slack.click(at.ann, card.channel, card.ts, "details")
    modal_says(at, "Page 1 of")
    with at.slack.workspace.lock:
        view = at.slack.workspace.modals[at.ann.id][-1]
        (next_page,) = [each for each in view.buttons() if each.action_id == "details_page"]
        proposal, _digest, page = str(next_page.value).split()
        next_page.json["value"] = f"{proposal} sha256:{'0' * 64} {page}"

    at.slack.modal_click(at.ann, "details_page")

    modal_says(at, "The plan changed")


def test_details_tell_who_was_asked_and_what_the_log_has(carols_office: Office) -> None:
    at = carols_office
    card = at.card(at.ann, "AKIA")
    with at.store.read() as tx:
        (sent,) = messages.messages_to(tx, at.ann.id, "card")
    her = Actor("slack", f"{at.slack.workspace.team_id}/{at.ann.id}")
    at.service.deny(sent.proposal_id or "", "Fridays only", her)
    at.shows(card, "Denied")

    at.slack.click(at.ann, card.channel, card.ts, "details")
    words = modal_says(at, "In the log")

    assert f"asked <@{at.ann.id}>" in words
    assert "Fridays only" in words
    assert f"decision.made by <@{at.ann.id}>" in words
    assert "proposal.moved from pending to denied" in words
