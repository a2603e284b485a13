"""Cards: who has one about a question, what it remembers, and how it goes on to another owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.engine.owners import Owned
from bot.model import Json, MessageRecord, OwnerSource, ProposalRecord
from bot.store import audit, dues, messages
from bot.store.database import Transaction
from bot.store.messages import NewMessage

CARD = "card"
#: Falls due when an account, its subject, may have questions that nobody was asked.
ASK = "ask"
#: What falls due about a question that was asked.
REMIND, ESCALATE, EXPIRE = "remind", "escalate", "expire"
#: A sentence beside a card, or to a channel.
NOTICE = "notice"
#: What falls due about a question that a rule will settle.
GRACE = "grace"
#: What falls due while a change of ours is watched for harm.
AFTER = "after-change"
#: Who has a card to know of it: whoever made the thing, and its owner where nobody is asked.
_NOT_ASKED = frozenset({"told", "notified"})
#: Falls due once a containment was asked for: the security channel is told of it.
TELL_CONTAINED = "tell-contained"
#: Falls due once an exemption was asked for that takes a second person: the same channel is asked.
TELL_EXEMPTION = "tell-exemption"


@dataclass(frozen=True, slots=True)
class Question:
    """A proposal and who is to be asked about it."""

    proposal: ProposalRecord
    owned: Owned


def cards_of(tx: Transaction, proposal_id: str) -> list[MessageRecord]:
    """The cards about a question, oldest first."""
    return [each for each in messages.messages_of(tx, proposal_id) if each.kind == CARD]


def tell_card(
    tx: Transaction,
    question: Question,
    reader: str,
    *,
    role: str | None = None,
    thread: str | None = None,
    day: str = "",
) -> MessageRecord:
    """Give someone a card; `role` is manager, security, or told and notified, who decide nothing.

    Without one its reader is the owner, or who is asked because no owner can be. `day` is the
    reader's day that it counts for, as `2026-11-25`; none for what a person asked for. Where an
    earlier change of the same thing was carried out, such as the stage of a rotation before, the
    card goes into the thread of the reader's first card about it.
    """
    data = _data(tx, question, role=role, day=day)
    proposal = question.proposal
    if thread is None:
        earlier = messages.first_of_story(tx, CARD, reader, proposal.account.id, proposal.subject)
        thread = earlier.id if earlier else None
    return _tell(tx, proposal, reader, data, thread)


def pass_on(tx: Transaction, question: Question) -> tuple[str, ...]:
    """Give cards to those who own a question by now and have none; returns who they are.

    The cards of earlier owners remember to whom it went, as `handed_to`. Who was only told of it,
    or had handed it over, is asked on the card that they have.
    """
    owned = question.owned
    known = {each.recipient: each for each in cards_of(tx, question.proposal.id)}
    for reader in owned.recipients:
        card = known.get(reader)
        if card is None:
            tell_card(tx, question, reader)
        elif not is_asked(card):
            messages.retell_one(tx, card.id, data=_data(tx, question))
    for card in known.values():
        if card.recipient not in owned.recipients and is_asked(card) and _asks_owner(card):
            data = {**card.data, "handed_to": list(owned.recipients), **_whose_word(tx, question)}
            messages.retell_one(tx, card.id, data=data)
    return tuple(each for each in owned.recipients if each not in known)


def tell_in_threads(
    tx: Transaction, proposal: ProposalRecord, originals: Sequence[MessageRecord]
) -> None:
    """Ask about an undo those who have these cards about the original, in the threads of them."""
    for card in originals:
        data = {**card.data, **_times(tx, proposal), "number_asked": 0, "day": ""}
        _tell(tx, proposal, card.recipient, data, card.id)


def retime(tx: Transaction, proposal: ProposalRecord) -> None:
    """Let every card say when things fall due now."""
    times = _times(tx, proposal)
    for card in cards_of(tx, proposal.id):
        data = {**card.data, **times}
        if data != card.data:
            messages.retell_one(tx, card.id, data=data)


def is_asked(card: MessageRecord) -> bool:
    """Whether a card asks its reader: not only tells them, nor did it go on to someone else."""
    return is_asked_by(card.data)


def is_asked_by(data: Mapping[str, Json]) -> bool:
    """The same of what a card remembers."""
    return data.get("role") not in _NOT_ASKED and not data.get("handed_to")


def _asks_owner(card: MessageRecord) -> bool:
    """Whether a card went to the owner, or to the security channel instead of one."""
    security = card.data.get("owner_source") == OwnerSource.SECURITY.value
    return security or card.data.get("role") == "owner"


def _tell(
    tx: Transaction,
    proposal: ProposalRecord,
    reader: str,
    data: dict[str, Json],
    thread: str | None,
) -> MessageRecord:
    key = f"{CARD}:{proposal.id}:{reader}"
    return messages.tell(tx, NewMessage(key, CARD, reader, proposal.id, data, thread))


def _whose_word(tx: Transaction, question: Question) -> dict[str, Json]:
    """Who handed a question over and when; nothing where its owner can't be reached any more."""
    if question.owned.claim.source is not OwnerSource.HANDED_OVER:
        return {}
    said = [
        event
        for event in audit.events(tx, subject=question.proposal.id)
        if event.event == "proposal.handed-over"
    ]
    return {"handed_by": said[-1].actor, "handed_at": said[-1].at.isoformat()} if said else {}


def _data(
    tx: Transaction, question: Question, *, role: str | None = None, day: str = ""
) -> dict[str, Json]:
    claim = question.owned.claim
    usual = "security" if claim.source is OwnerSource.SECURITY else "owner"
    return {
        "owner_source": claim.source.value,
        "because": claim.because,
        "passed_over": list(question.owned.passed_over),
        "role": role or usual,
        "number_asked": question.proposal.asked_before,
        "day": day,
        **_times(tx, question.proposal),
    }


def _times(tx: Transaction, proposal: ProposalRecord) -> dict[str, Json]:
    """When the question ends and when others are asked too: the moments that do fall due."""
    ends = dues.get_due(tx, EXPIRE, proposal.id)
    escalates = dues.get_due(tx, ESCALATE, proposal.id)
    return {
        "deadline": ends.at.isoformat() if ends else None,
        "escalates": escalates.at.isoformat() if escalates else None,
    }
