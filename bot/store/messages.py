"""Messages to people: rows that say what must be told, written with the state that they tell.

A message is level-triggered: `wanted` grows with every change of what it tells, and the sender
brings what people see up to it. So a crash or an outage loses nothing and repeats nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, insert, or_, select, update

from bot.model import Actor, Json, MessageRecord, ProposalState
from bot.store import tables
from bot.store.database import Transaction
from bot.store.ids import new_id

_T = tables.message
_AT_ONCE = 500
#: The kind that only remembers who will be asked once there is room.
NEVER_SENT = "waiting"
#: Kinds that go before hundreds of questions: that writes are stopped, or that something waits.
_FIRST = ("frozen", "notice")


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be told. `key` is its identity: a second one with the same key is not made.

    `thread` is the id of the message in whose thread it goes.
    """

    key: str
    kind: str
    recipient: str
    proposal_id: str | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    thread: str | None = None
    not_before: datetime | None = None


def tell(tx: Transaction, new: NewMessage) -> MessageRecord:
    """Make this message, or return the one that its key already names, unchanged."""
    known = by_key(tx, new.key)
    if known is not None:
        return known
    tx.connection.execute(
        insert(_T).values(
            id=new_id("m"),
            key=new.key,
            kind=new.kind,
            recipient=new.recipient,
            proposal_id=new.proposal_id,
            data=dict(new.data),
            thread=new.thread,
            created_at=tx.now,
            not_before=new.not_before or tx.now,
            wanted=1,
            told=0,
            told_digest="",
            tries=0,
            error="",
        )
    )
    made = by_key(tx, new.key)
    if made is None:
        raise RuntimeError(f"the message {new.key} is not there after it was made")
    return made


def retell(tx: Transaction, proposal_ids: Collection[str]) -> None:
    """Messages about these proposals, and those whose threads they are in, must be told anew."""
    ids = sorted(set(proposal_ids))
    for start in range(0, len(ids), _AT_ONCE):
        about = _T.c.proposal_id.in_(ids[start : start + _AT_ONCE])
        parents = select(_T.c.thread).where(about, _T.c.thread.is_not(None))
        _want_more(tx, or_(about, _T.c.id.in_(parents)))


def retell_one(tx: Transaction, message_id: str, *, data: Mapping[str, Json] | None = None) -> None:
    """This message must be told anew, with other `data` where given."""
    _want_more(tx, _T.c.id == message_id, **({} if data is None else {"data": dict(data)}))


def _want_more(tx: Transaction, which: Any, **values: Any) -> None:
    tx.connection.execute(update(_T).where(which).values(wanted=_T.c.wanted + 1, **values))


def by_key(tx: Transaction, key: str) -> MessageRecord | None:
    """The message that this key names, or None."""
    row = tx.connection.execute(select(_T).where(_T.c.key == key)).one_or_none()
    return None if row is None else _record(row)


def get_message(tx: Transaction, message_id: str) -> MessageRecord | None:
    """The message with this id, or None."""
    row = tx.connection.execute(select(_T).where(_T.c.id == message_id)).one_or_none()
    return None if row is None else _record(row)


def messages_of(tx: Transaction, proposal_id: str) -> list[MessageRecord]:
    """Every message about a proposal, oldest first."""
    return _records(tx, _T.c.proposal_id == proposal_id)


def messages_to(
    tx: Transaction, recipient: str, kind: str, *, since: datetime | None = None
) -> list[MessageRecord]:
    """Every message of a kind to a recipient, made at `since` or later, oldest first."""
    wanted = (_T.c.recipient == recipient) & (_T.c.kind == kind)
    return _records(tx, wanted if since is None else wanted & (_T.c.created_at >= since))


def made_since(tx: Transaction, kind: str, since: datetime) -> list[MessageRecord]:
    """Every message of a kind, made at `since` or later, oldest first."""
    return _records(tx, (_T.c.kind == kind) & (_T.c.created_at >= since))


def in_thread(tx: Transaction, message_id: str) -> list[MessageRecord]:
    """Every message in the thread of this one, oldest first."""
    return _records(tx, _T.c.thread == message_id)


def first_of_story(
    tx: Transaction, kind: str, recipient: str, account: str, subject: str
) -> MessageRecord | None:
    """The first message of a kind to a recipient about something whose fix was carried out.

    What comes next about the same thing goes on from there; None where nothing was done yet.
    """
    about = select(tables.proposal.c.id).where(
        tables.proposal.c.account_id == account,
        tables.proposal.c.subject == subject,
        tables.proposal.c.state == ProposalState.DONE.value,
    )
    wanted = (_T.c.kind == kind) & (_T.c.recipient == recipient) & _T.c.proposal_id.in_(about)
    return next(iter(_records(tx, wanted)), None)


def posted_at(tx: Transaction, channel: str, ts: str) -> MessageRecord | None:
    """The message that was posted there, or None where it isn't one of ours."""
    row = tx.connection.execute(select(_T).where(_T.c.channel == channel, _T.c.ts == ts)).first()
    return None if row is None else _record(row)


def untold(tx: Transaction, *, limit: int = 200) -> list[MessageRecord]:
    """Messages that don't say yet what they must and may be sent now, oldest first.

    Sentences beside questions come before all questions.

    One whose answer is awaited is among them: the sender must look whether it arrived.
    """
    rows = tx.connection.execute(
        select(_T)
        .where(
            _T.c.error == "",
            _T.c.kind != NEVER_SENT,
            or_(_T.c.told < _T.c.wanted, _T.c.sending_since.is_not(None)),
            _T.c.not_before <= tx.now,
        )
        .order_by(case((_T.c.kind.in_(_FIRST), 0), else_=1), _T.c.number)
        .limit(limit)
    )
    return [_record(row) for row in rows]


def forget_waiting(tx: Transaction, proposal_id: str, *, but: Collection[str] = ()) -> None:
    """Nobody waits any more to be asked about this, but these."""
    tx.connection.execute(
        delete(_T).where(
            _T.c.proposal_id == proposal_id,
            _T.c.kind == NEVER_SENT,
            _T.c.recipient.not_in(list(but)),
        )
    )


def open_cards(tx: Transaction, recipient: str) -> int:
    """How many questions that still wait for an answer someone has a card about."""
    asked = tables.proposal
    count: int = tx.connection.execute(
        select(func.count())
        .select_from(_T.join(asked, asked.c.id == _T.c.proposal_id))
        .where(
            _T.c.recipient == recipient,
            _T.c.kind == "card",
            asked.c.state == ProposalState.PENDING.value,
        )
    ).scalar_one()
    return count


def next_untold(tx: Transaction) -> datetime | None:
    """When the next message may be sent, or None where all are told."""
    at: datetime | None = tx.connection.execute(
        select(func.min(_T.c.not_before)).where(
            _T.c.error == "", _T.c.kind != NEVER_SENT, _T.c.told < _T.c.wanted
        )
    ).scalar()
    return at


def begin(tx: Transaction, message_id: str) -> None:
    """Write down that this message is on its way; until an answer nobody knows if it arrived."""
    _set(tx, message_id, sending_since=tx.now, tries=_T.c.tries + 1)


def look_first(tx: Transaction) -> None:
    """Let the sender look for each message that isn't posted, as far as this database knows.

    After an older copy was restored it may be there all the same.
    """
    tx.connection.execute(
        update(_T)
        .where(_T.c.ts.is_(None), _T.c.sending_since.is_(None), _T.c.kind != NEVER_SENT)
        .where(_T.c.told < _T.c.wanted)
        .values(sending_since=_T.c.created_at)
    )


def posted(tx: Transaction, message_id: str, channel: str, ts: str, told: int, digest: str) -> None:
    """The workspace confirmed the first post of version `told`."""
    _set(
        tx,
        message_id,
        channel=channel,
        ts=ts,
        told=told,
        told_digest=digest,
        sending_since=None,
        tries=0,
    )


def edited(tx: Transaction, message_id: str, told: int, digest: str) -> None:
    """What people see is version `told` now."""
    _set(tx, message_id, told=told, told_digest=digest, sending_since=None, tries=0)


def not_sent(tx: Transaction, message_id: str, not_before: datetime) -> None:
    """It certainly did not arrive; try again from then on."""
    _set(tx, message_id, sending_since=None, not_before=not_before)


def put_off(tx: Transaction, message_id: str, not_before: datetime) -> None:
    """Whether it arrived is not known yet; look again from then on."""
    _set(tx, message_id, not_before=not_before)


def give_up(tx: Transaction, message_id: str, error: str) -> None:
    """The workspace does not take it; `error` says why and what to do.

    Where it is not known whether it arrived, that stays so: a new try looks first.
    """
    _set(tx, message_id, error=error)


def try_again(tx: Transaction, actor: Actor) -> int:
    """Let everything that was given up be sent from now on; returns how many messages that were."""
    given: int = tx.connection.execute(
        update(_T).where(_T.c.error != "").values(error="", tries=0, not_before=tx.now)
    ).rowcount
    if given:
        tx.record("messages.retried", actor=actor, data={"messages": given})
    return given


def given_up(tx: Transaction) -> list[MessageRecord]:
    """Messages that were given up, oldest first."""
    return _records(tx, _T.c.error != "")


def _set(tx: Transaction, message_id: str, **values: Any) -> None:
    tx.connection.execute(update(_T).where(_T.c.id == message_id).values(**values))


def _records(tx: Transaction, which: Any) -> list[MessageRecord]:
    rows: Sequence[Row[Any]] = tx.connection.execute(
        select(_T).where(which).order_by(_T.c.number)
    ).all()
    return [_record(row) for row in rows]


def _record(row: Row[Any]) -> MessageRecord:
    return MessageRecord(
        id=row.id,
        key=row.key,
        kind=row.kind,
        recipient=row.recipient,
        proposal_id=row.proposal_id,
        data=row.data,
        thread=row.thread,
        created_at=row.created_at,
        not_before=row.not_before,
        wanted=row.wanted,
        told=row.told,
        told_digest=row.told_digest,
        channel=row.channel,
        ts=row.ts,
        sending_since=row.sending_since,
        tries=row.tries,
        error=row.error,
    )
