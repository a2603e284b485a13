"""What people decided; never changed, never deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from bot.errors import LostRaceError, NotFoundError, StaleError
from bot.model import Actor, Decision, ProposalState, Verdict
from bot.store import messages, tables
from bot.store.audit import texts_of
from bot.store.chain import ERASED
from bot.store.database import Transaction
from bot.store.ids import new_id

_T = tables.decision
_PROPOSAL = tables.proposal


def decide(
    tx: Transaction, proposal_id: str, digest: str, verdict: Verdict, actor: Actor, reason: str
) -> Decision:
    """Write down one person's word on one digest; the move it leads to is the caller's.

    Raises StaleError where the digest isn't the proposal's, LostRaceError where the question is
    settled already, and NotFoundError.
    """
    row = tx.connection.execute(
        select(
            _PROPOSAL.c.account_id, _PROPOSAL.c.digest, _PROPOSAL.c.state, _PROPOSAL.c.why
        ).where(_PROPOSAL.c.id == proposal_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no proposal {proposal_id}")
    if row.digest != digest:
        raise StaleError(
            f"{proposal_id} has the digest {row.digest} now, not the one that was decided on",
            hint=f"`locksmith plan {proposal_id}` shows what it would do.",
        )
    if not ProposalState(row.state).is_open:
        raise LostRaceError(
            f"{proposal_id} is {row.state} already" + (f": {row.why}" if row.why else ""),
            hint=f"`locksmith plan {proposal_id}` shows what became of it.",
        )
    made = Decision(new_id("d"), proposal_id, digest, verdict, actor, tx.now, reason)
    _write(tx, made)
    messages.retell(tx, [proposal_id])
    tx.record(
        "decision.made",
        actor=actor,
        account=row.account_id,
        subject=proposal_id,
        data={"decision": made.id, "verdict": verdict.value, "digest": digest},
        people={"reason": reason},
    )
    return made


def _write(tx: Transaction, made: Decision) -> None:
    personal = [made.actor.name, made.actor.aws_arn, made.reason]
    hidden = tx.log.commit_to(text for text in personal if text)
    tx.connection.execute(
        insert(_T).values(
            id=made.id,
            proposal_id=made.proposal_id,
            digest=made.digest,
            verdict=made.verdict.value,
            actor_kind=made.actor.kind,
            actor=hidden[made.actor.name],
            actor_arn=hidden.get(made.actor.aws_arn or ""),
            reason=hidden.get(made.reason),
            at=made.at,
        )
    )


def decisions(tx: Transaction, proposal_id: str) -> list[Decision]:
    """Every decision on the proposal, oldest first."""
    rows = tx.connection.execute(
        select(_T).where(_T.c.proposal_id == proposal_id).order_by(_T.c.number)
    ).all()
    texts = texts_of(
        tx, [name for row in rows for name in (row.actor, row.actor_arn, row.reason) if name]
    )
    return [_decision(row, texts) for row in rows]


def decisions_by(tx: Transaction, actor: Actor, limit: int) -> list[Decision]:
    """The newest decisions of someone, newest first; none once their name was erased."""
    said = tables.person_text
    rows = tx.connection.execute(
        select(_T)
        .join(said, said.c.commitment == _T.c.actor)
        .where(_T.c.actor_kind == actor.kind, said.c.text == actor.name)
        .order_by(_T.c.number.desc())
        .limit(limit)
    ).all()
    texts = texts_of(
        tx, [name for row in rows for name in (row.actor, row.actor_arn, row.reason) if name]
    )
    return [_decision(row, texts) for row in rows]


def denied_digests(tx: Transaction, account_id: str) -> dict[str, datetime]:
    """Every digest that was denied in the account, and when last."""
    rows = tx.connection.execute(
        select(_T.c.digest, func.max(_T.c.at))
        .join(_PROPOSAL, _PROPOSAL.c.id == _T.c.proposal_id)
        .where(_PROPOSAL.c.account_id == account_id, _T.c.verdict == Verdict.DENY.value)
        .group_by(_T.c.digest)
    )
    return {row[0]: row[1] for row in rows}


def _decision(row: Row[Any], texts: dict[str, str]) -> Decision:
    def text(name: str | None) -> str | None:
        return None if name is None else texts.get(name, ERASED)

    return Decision(
        row.id,
        row.proposal_id,
        row.digest,
        Verdict(row.verdict),
        Actor(row.actor_kind, text(row.actor) or "", text(row.actor_arn)),
        row.at,
        text(row.reason) or "",
    )
