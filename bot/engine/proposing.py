"""Which questions a look at AWS opens, keeps and closes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine.planner import WATCH_OVER, Asked, Remediation
from bot.model import (
    Account,
    Actor,
    Finding,
    FindingRecord,
    FindingStatus,
    Manual,
    Origin,
    OwnerClaim,
    OwnerSource,
    ProposalRecord,
    ProposalState,
    Severity,
)
from bot.store import handovers, proposals
from bot.store.database import Transaction
from bot.store.handovers import Handover
from bot.store.proposals import NewProposal

#: Who owns what a finding is about, by each source, given what was handed over so far.
ClaimsOf = Callable[[Finding, Mapping[str, Handover]], tuple[OwnerClaim, ...]]

_SECURITY_ALONE = OwnerClaim(
    OwnerSource.SECURITY, "", "its owner may be who got in, so that only security is asked"
)
_UNDECIDED = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})
_NOT_STARTED = _UNDECIDED | {ProposalState.APPROVED}
_UNANSWERED = frozenset({ProposalState.DENIED, ProposalState.EXPIRED, ProposalState.SNOOZED})


def no_claims(_finding: Finding, _handovers: Mapping[str, Handover]) -> tuple[OwnerClaim, ...]:
    """Nobody owns anything, as far as it is known."""
    return ()


@dataclass(frozen=True, slots=True)
class Item:
    """One finding of this look: its record, who asks about it, and the fix."""

    record: FindingRecord
    asked: Asked
    remediation: Remediation

    def asks(self, wanted: Collection[str]) -> bool:
        """Whether this finding has a question of its own that someone could answer.

        One whose fix was undone is held: it asks again only when someone wants it to.
        """
        return (
            self.asked.asks_elsewhere is None
            and self.remediation.digest is not None
            and self.record.status is FindingStatus.OPEN
            and (not self.record.held or self.record.id in wanted)
        )


def reconcile(
    tx: Transaction,
    account: Account,
    items: Sequence[Item],
    resolved: Iterable[FindingRecord],
    actor: Actor,
    *,
    cool_off: Callable[[Severity], timedelta],
    approval: timedelta,
    wanted: Collection[str] = (),
    claims_of: ClaimsOf = no_claims,
) -> dict[str, ProposalRecord]:
    """Close the questions that the world or time has answered, open the new ones.

    `approval` is how long one stands unused; `wanted` are findings that someone asks about.
    `claims_of` says who owns what a new question is about; that is fixed with the question.
    Returns the proposal to show for each finding id: the open one, or else the latest.
    """
    shown = dict(proposals.latest_proposals(tx, account.id))
    kept = list(_kept(tx, account, items, resolved, actor, approval))
    taken = {each.subject for each in kept if each.state.is_open}
    for each in kept:
        if each.finding_id is not None and each.origin is Origin.FINDING:
            shown[each.finding_id] = each
    denied = proposals.denied_digests(tx, account.id)
    given = handovers.handovers(tx, account.id)
    new = [
        _new(
            account,
            item,
            shown.get(item.record.id),
            (_SECURITY_ALONE,)
            if item.asked.seen.control.asks_security
            else claims_of(item.asked.seen.finding, given),
        )
        for item in items
        if item.asks(wanted)
        and item.asked.seen.finding.subject not in taken
        and _may_ask(
            item, shown.get(item.record.id), denied, tx.now, cool_off(item.record.finding.severity)
        )
    ]
    for made in proposals.propose_many(tx, new, actor):
        if made.finding_id is not None:
            shown[made.finding_id] = made
    return shown


def _kept(
    tx: Transaction,
    account: Account,
    items: Sequence[Item],
    resolved: Iterable[FindingRecord],
    actor: Actor,
    approval: timedelta,
) -> Iterator[ProposalRecord]:
    """What was open until now, each as it stays or as it was closed."""
    by_finding = {item.record.id: item for item in items}
    gone = {record.id for record in resolved}
    for proposal in proposals.open_proposals(tx, account.id):
        ended = _end(proposal, by_finding.get(proposal.finding_id or ""), gone)
        if ended is None and is_worn_out(proposal, tx.now, approval):
            ended = ProposalState.STALE, f"approved over {approval.days} days ago, never applied"
        yield _keep_or_close(tx, proposal, ended, actor)


def _keep_or_close(
    tx: Transaction,
    proposal: ProposalRecord,
    ended: tuple[ProposalState, str] | None,
    actor: Actor,
) -> ProposalRecord:
    if ended is None or proposal.state not in _NOT_STARTED:
        return proposal
    to, why = ended
    return proposals.move(tx, proposal.id, expected=proposal.state, to=to, why=why, actor=actor)


def is_worn_out(proposal: ProposalRecord, now: datetime, approval: timedelta) -> bool:
    """Whether an approval has stood for too long to act on."""
    return proposal.state is ProposalState.APPROVED and now - proposal.changed_at > approval


def _end(
    proposal: ProposalRecord, item: Item | None, gone: set[str]
) -> tuple[ProposalState, str] | None:
    if proposal.origin is not Origin.FINDING:
        return None
    if proposal.finding_id in gone:
        if isinstance(proposal.plan, Manual) and proposal.state in _UNDECIDED:
            return ProposalState.DONE, "made by hand: AWS no longer shows the violation"
        return ProposalState.STALE, "already fixed: AWS no longer shows the violation"
    if item is None:
        return None
    if item.record.status is FindingStatus.EXEMPT:
        return ProposalState.CANCELLED, f"exempt: {item.record.exempt_reason}"
    if item.asked.asks_elsewhere:
        return ProposalState.CANCELLED, f"asked by {item.asked.asks_elsewhere} instead"
    if item.remediation.needs == WATCH_OVER:
        return (
            ProposalState.STALE,
            "an earlier change is being watched: it is asked anew after that",
        )
    digest = item.remediation.digest
    if digest is not None and digest != proposal.digest:
        return ProposalState.STALE, "the plan changed since: a new question takes its place"
    return None


def _may_ask(
    item: Item,
    latest: ProposalRecord | None,
    denied: dict[str, datetime],
    now: datetime,
    cool_off: timedelta,
) -> bool:
    said_no = denied.get(item.remediation.digest or "")
    if said_no is not None and now - said_no < cool_off:
        return False
    if latest is None:
        return True
    if latest.state is ProposalState.SNOOZED:
        return latest.snoozed_until is None or latest.snoozed_until <= now
    if latest.state is ProposalState.EXPIRED and latest.digest == item.remediation.digest:
        return now - latest.changed_at >= cool_off
    return True


def _new(
    account: Account,
    item: Item,
    latest: ProposalRecord | None,
    claims: tuple[OwnerClaim, ...],
) -> NewProposal:
    before = latest.asked_before if latest else 0
    if latest and latest.state in _UNANSWERED:
        before += 1
    return NewProposal(
        account=account,
        subject=item.asked.seen.finding.subject,
        origin=Origin.FINDING,
        plan=item.remediation.plan,
        control=item.asked.seen.control.id,
        finding_id=item.record.id,
        asked_before=before,
        claims=claims,
    )
