"""What people are told besides their cards: how an execution ended, and that nothing is written.

Edited messages notify nobody, so what matters to people is a message of its own. Each is a row
written with the state that it tells, and its key keeps it from being told twice.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.engine.cards import NOTICE, cards_of, is_asked
from bot.engine.room import Hold
from bot.engine.watching import Case
from bot.model import Actor, ExecutionRecord, Freeze, Json, ProposalRecord, ProposalState
from bot.store import dues, freezes, messages
from bot.store.database import Store, Transaction
from bot.store.dues import Due
from bot.store.messages import NewMessage

_log = logging.getLogger(__name__)
OUTCOME, FROZEN = "outcome", "frozen"
#: The kind of a message that is an anchor of the audit log.
ANCHOR = "anchor"
#: Falls due once writes were stopped, or may happen again: whoever serves Slack tells it.
TELL_FREEZE = "tell-freeze"
_ALL = "all"
#: Where nothing was sent the approval stands, and who denied it knows.
_UNTOLD = frozenset({ProposalState.APPROVED, ProposalState.DENIED})


def tell_outcome(tx: Transaction, execution: ExecutionRecord) -> None:
    """Tell below the cards of those who were asked how an execution ended; each end once.

    One whose outcome was unknown ends again, once a look could tell.
    """
    if execution.state in _UNTOLD:
        return
    for card in cards_of(tx, execution.proposal_id):
        if not is_asked(card):
            continue
        key = f"{OUTCOME}:{execution.id}:{execution.state}:{card.recipient}"
        data: dict[str, Json] = {"execution": execution.id, "state": execution.state.value}
        new = NewMessage(key, OUTCOME, card.recipient, execution.proposal_id, data, card.id)
        messages.tell(tx, new)


def tell_notify_mode(tx: Transaction, account_id: str, channel: str, questions: int) -> None:
    """Tell a channel, once, that an account was scanned and that nobody is asked there yet."""
    data: dict[str, Json] = {"what": "notify-mode", "account": account_id, "questions": questions}
    messages.tell(tx, NewMessage(_notify_mode(account_id), NOTICE, channel, data=data))


def tell_live(tx: Transaction, account_id: str, since: datetime) -> None:
    """Say on the word of notify mode that it is over, where that word was given."""
    known = messages.by_key(tx, _notify_mode(account_id))
    if known is not None and "live" not in known.data:
        messages.retell_one(tx, known.id, data={**known.data, "live": since.isoformat()})


def _notify_mode(account_id: str) -> str:
    return f"{NOTICE}:notify-mode:{account_id}"


def tell_regraced(tx: Transaction, proposal_id: str, until: datetime) -> None:
    """Tell those who may object that a rule acts later than they were told, in their threads."""
    for card in cards_of(tx, proposal_id):
        if not is_asked(card):
            continue
        data: dict[str, Json] = {"what": "regraced", "until": until.isoformat()}
        key = f"{NOTICE}:regraced:{proposal_id}:{card.recipient}:{until.isoformat()}"
        messages.tell(tx, NewMessage(key, NOTICE, card.recipient, proposal_id, data, card.id))


def tell_harm(
    tx: Transaction,
    proposal: ProposalRecord,
    execution_id: str,
    seen: Sequence[Json],
    *,
    undo: str | None,
    why: str,
) -> None:
    """Tell in the threads of those who were asked that a change did harm, with a way back.

    `undo` is the proposal by which a rule takes it back by itself; `why` says why one that would
    does not.
    """
    for card in cards_of(tx, proposal.id):
        if not is_asked(card):
            continue
        data: dict[str, Json] = {
            "what": "harm",
            "execution": execution_id,
            "seen": list(seen),
            "undo": undo,
            "why": why,
        }
        key = f"{NOTICE}:harm:{execution_id}:{card.recipient}"
        messages.tell(tx, NewMessage(key, NOTICE, card.recipient, proposal.id, data, card.id))


def tell_held(tx: Transaction, channel: str | None, held: Hold) -> None:
    """Tell the security channel what a limit holds up: once each time that it does, in one place.

    Where nothing tells one time from the next, it is once a day.
    """
    if channel is None:
        return
    until = held.until.isoformat() if held.until else None
    data: dict[str, Json] = {"what": "held", "why": held.why, "until": until}
    time = f"{tx.now:%Y-%m-%d}" if held.since is None else held.since.isoformat()
    key = f"{NOTICE}:held:{held.what}:{time}"
    messages.tell(tx, NewMessage(key, NOTICE, channel, data=data))


def tell_silence(store: Store, channel: str | None, cases: Sequence[Case]) -> bool:
    """Tell a channel, each case once, of accounts that are not looked at as they should be."""
    told = False
    for case in cases if channel is not None else ():
        key = f"{NOTICE}:silence:{case.key}"
        data: dict[str, Json] = {"what": "silence", "why": case.sentence, "case": case.what}
        with store.write() as tx:
            if messages.by_key(tx, key) is None:
                messages.tell(tx, NewMessage(key, NOTICE, channel or "", data=data))
                _log.warning("%s", case.sentence)
                told = True
    return told


def tell_freeze_soon(tx: Transaction) -> None:
    """Let it fall due that the security channel is told of the freeze, or of its end.

    Any process may stop writes, with a connection to Slack or without one.
    """
    if dues.get_due(tx, TELL_FREEZE, _ALL) is None:
        dues.set_due(tx, TELL_FREEZE, _ALL, tx.now)


def tell_freeze(store: Store, channel: str | None, due: Due) -> bool:
    """Tell a channel of the freeze in force, and on what told of earlier ones that they ended."""
    with store.write() as tx:
        if not dues.take(tx, due) or channel is None:
            return False
        for message in messages.messages_to(tx, channel, FROZEN):
            over = None if message.data.get("ended") else _over(tx, message.data)
            if over is not None:
                messages.retell_one(tx, message.id, data={**message.data, **over})
        standing = freezes.current_freeze(tx)
        if standing is not None:
            since = standing.since.isoformat()
            data: dict[str, Json] = {"since": since}
            if standing.by.kind == freezes.BY_FILE:
                data |= {"file": standing.by.name, "why": standing.reason}
            messages.tell(tx, NewMessage(f"{FROZEN}:{since}", FROZEN, channel, data=data))
    return True


def _over(tx: Transaction, data: Mapping[str, Json]) -> dict[str, Json] | None:
    """What a message says once the freeze that it tells of is over; None while it stands."""
    known = freeze_of(tx, data)
    if known is None:
        return None
    if known.by.kind != freezes.BY_FILE:
        return {"ended": True} if known.ended_at is not None else None
    standing = freezes.by_file(tx)
    if standing is not None and standing.since == known.since:
        return None
    return {"ended": True, "over": tx.now.isoformat()}


def freeze_of(tx: Transaction, data: Mapping[str, Json]) -> Freeze | None:
    """The freeze that a message tells of, as it stands now."""
    since = data.get("since")
    if not isinstance(since, str):
        return None
    file, over = data.get("file"), data.get("over")
    if not isinstance(file, str):
        return freezes.freeze_since(tx, datetime.fromisoformat(since))
    ended = datetime.fromisoformat(over) if isinstance(over, str) else None
    by = Actor(freezes.BY_FILE, file)
    return Freeze(datetime.fromisoformat(since), by, str(data.get("why", "")), ended)
