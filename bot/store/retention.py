"""What is old enough to go, and removing it; the audit log and the anchors always stay."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, or_, select, update

from bot.model import FindingStatus, ProposalState
from bot.store import tables
from bot.store.database import Transaction
from bot.store.messages import NEVER_SENT

_MESSAGE, _PROPOSAL, _EXECUTION = tables.message, tables.proposal, tables.execution
_FINDING, _SCAN = tables.finding, tables.scan
_AT_ONCE = 500


def drop_messages(tx: Transaction, before: datetime, *, keeping: Collection[str]) -> int:
    """Remove messages from before that moment that say what they must, or need not any more.

    Those about open proposals stay, those whose threads others are in, and the kinds `keeping`.
    """
    reply = _MESSAGE.alias("reply")
    about = _PROPOSAL.c.id == _MESSAGE.c.proposal_id
    old = (
        (_MESSAGE.c.created_at < before)
        & _MESSAGE.c.kind.not_in(keeping)
        & or_(
            (_MESSAGE.c.told >= _MESSAGE.c.wanted)
            & _MESSAGE.c.sending_since.is_(None)
            & (_MESSAGE.c.error == ""),
            (_MESSAGE.c.kind == NEVER_SENT) | (_MESSAGE.c.error != ""),
        )
        & ~exists().where(reply.c.thread == _MESSAGE.c.id)
        & ~exists().where(about, _PROPOSAL.c.state.in_(tables.OPEN_STATES))
    )
    return _drop(tx, _MESSAGE, _MESSAGE.c.number, old)


def ended_proposals(tx: Transaction, before: datetime, after: int) -> list[tuple[int, str]]:
    """Numbers and ids of proposals that ended before that moment, after a number, a page of them.

    Those are left out that something else still needs, or that need it: an execution that has not
    ended, one that was undone and its undo, a message, an exemption that waits.
    """
    undo = _PROPOSAL.alias("undo")
    execution, undone = _EXECUTION.alias("its"), _EXECUTION.alias("undone")
    watch = tables.watch
    of_it = execution.c.proposal_id == _PROPOSAL.c.id
    rows = tx.connection.execute(
        select(_PROPOSAL.c.number, _PROPOSAL.c.id)
        .where(
            _PROPOSAL.c.number > after,
            _PROPOSAL.c.changed_at < before,
            _PROPOSAL.c.state.not_in(tables.OPEN_STATES),
            or_(_PROPOSAL.c.snoozed_until.is_(None), _PROPOSAL.c.snoozed_until < tx.now),
            ~exists().where(of_it, execution.c.id == undone.c.undone_by),
            ~exists().where(of_it, execution.c.finished_at.is_(None)),
            ~exists().where(of_it, execution.c.finished_at >= before),
            ~exists().where(of_it, execution.c.id == undo.c.undoes),
            ~exists().where(
                of_it, execution.c.id == watch.c.execution_id, watch.c.ended_at.is_(None)
            ),
            ~exists().where(_MESSAGE.c.proposal_id == _PROPOSAL.c.id),
            ~exists().where(
                tables.exemption_request.c.proposal_id == _PROPOSAL.c.id,
                tables.exemption_request.c.state == "waiting",
            ),
            # Of what was done, only what has a step without a way back can't be undone.
            or_(
                ~exists().where(of_it, execution.c.state == ProposalState.DONE.value),
                _PROPOSAL.c.plan.contains('"undo":null', autoescape=True),
            ),
        )
        .order_by(_PROPOSAL.c.number)
        .limit(_AT_ONCE)
    )
    return [(number, id_) for number, id_ in rows]


def drop_proposals(tx: Transaction, ids: Sequence[str], before: datetime) -> int:
    """Remove ended proposals with all that was decided, carried out and seen about them."""
    if not ids:
        return 0
    of_them = select(_EXECUTION.c.id).where(_EXECUTION.c.proposal_id.in_(ids))
    with _open(tx, before):
        tx.connection.execute(
            delete(tables.step_event).where(tables.step_event.c.execution_id.in_(of_them))
        )
        tx.connection.execute(delete(tables.watch).where(tables.watch.c.execution_id.in_(of_them)))
        tx.connection.execute(delete(tables.decision).where(tables.decision.c.proposal_id.in_(ids)))
    for table in (_EXECUTION, tables.exemption_request, tables.grace):
        tx.connection.execute(delete(table).where(table.c.proposal_id.in_(ids)))
    return tx.connection.execute(delete(_PROPOSAL).where(_PROPOSAL.c.id.in_(ids))).rowcount


def drop_findings(tx: Transaction, before: datetime) -> int:
    """Remove findings that were resolved before that moment, and that nothing refers to.

    One whose fix was undone is held, and stays; so does one that is exempt until a later day.
    """
    old = (
        (_FINDING.c.status == FindingStatus.RESOLVED.value)
        & (_FINDING.c.resolved_at < before)
        & _FINDING.c.held.is_(False)
        & or_(_FINDING.c.exempt_until.is_(None), _FINDING.c.exempt_until < tx.now)
        & ~exists().where(_PROPOSAL.c.finding_id == _FINDING.c.id)
        & ~exists().where(tables.exemption_request.c.finding_id == _FINDING.c.id)
    )
    aliases, dropped = tables.finding_alias, 0
    page = select(_FINDING.c.id).where(old).limit(_AT_ONCE)
    while ids := tx.connection.execute(page).scalars().all():
        tx.connection.execute(delete(aliases).where(aliases.c.finding_id.in_(ids)))
        tx.connection.execute(delete(_FINDING).where(_FINDING.c.id.in_(ids)))
        dropped += len(ids)
    return dropped


def drop_observations(tx: Transaction, before: datetime) -> int:
    """Remove the records of old scans but the newest of each account, and old listings of keys."""
    later = _SCAN.alias("later")
    newest = ~exists().where(
        later.c.account_id == _SCAN.c.account_id, later.c.number > _SCAN.c.number
    )
    scans = _drop(tx, _SCAN, _SCAN.c.number, (_SCAN.c.finished_at < before) & ~newest)
    listing = tables.key_listing
    listings = tx.connection.execute(delete(listing).where(listing.c.observed_at < before))
    return scans + listings.rowcount


def _drop(tx: Transaction, table: Table, key: Any, old: ColumnElement[bool]) -> int:
    """Remove rows until none is old; removing one can make another one so."""
    dropped = 0
    while keys := tx.connection.execute(select(key).where(old).limit(_AT_ONCE)).scalars().all():
        dropped += tx.connection.execute(delete(table).where(key.in_(keys))).rowcount
    return dropped


@contextmanager
def _open(tx: Transaction, before: datetime) -> Iterator[None]:
    """Let rows of append-only tables be removed that are older; nobody else sees it open."""
    row = tables.housekeeping
    tx.connection.execute(update(row).values(older_than=before))
    yield
    tx.connection.execute(update(row).values(older_than=None))
