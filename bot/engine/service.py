"""The use cases: scan, decide, apply, undo, audit. The one thing that surfaces call."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.aws.sessions import AwsConnection
from bot.engine import recovery
from bot.engine.approvals import Approvals
from bot.engine.executor import Executor, Rehearsal
from bot.engine.scanning import Progress, Scanner
from bot.engine.undoing import undo_plan
from bot.engine.views import FindingView, ProposalView, ScanResult
from bot.errors import NotFoundError, NotLiveError, RefusedError, StaleError
from bot.model import (
    Account,
    Actor,
    AuditEvent,
    ExecutionRecord,
    FindingRecord,
    FindingStatus,
    Manual,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    Protection,
    Severity,
    Snapshot,
    Verdict,
)
from bot.store import accounts, audit, executions, findings, proposals
from bot.store.accounts import AccountRecord
from bot.store.audit import AuditVerdict
from bot.store.database import Store, Transaction
from bot.store.proposals import NewProposal

Clock = Callable[[], datetime]
_VERDICT_STATES = {
    Verdict.APPROVE: ProposalState.APPROVED,
    Verdict.DENY: ProposalState.DENIED,
    Verdict.SNOOZE: ProposalState.SNOOZED,
}


@dataclass(frozen=True, slots=True)
class Aws:
    """A way into one account: the connection, who is out of reach there, and who may write."""

    connection: AwsConnection
    protection: Protection
    executor: Executor


class Service:
    """Everything that Locksmith does, for one database and one account at a time.

    `enter` connects to AWS when it is first needed, so that looking at what is remembered works
    without credentials. Every method that changes something takes the actor who asked for it.
    """

    def __init__(
        self,
        store: Store,
        enter: Callable[[], Aws],
        scanner: Scanner,
        approvals: Approvals,
        clock: Clock,
    ) -> None:
        self._store = store
        self._enter = enter
        self._scanner = scanner
        self._approvals = approvals
        self._clock = clock

    # Looking

    def scan(self, actor: Actor, progress: Progress) -> ScanResult:
        """Look at the caller's account with every enabled control, after settling old executions.

        Raises AwsError when AWS can't be reached; parts that can't be read are in the result.
        """
        aws = self._enter()
        actor = _seen_by_aws(actor, aws)
        self._recover(aws, actor, progress)
        return self._scanner.scan(aws.connection, aws.protection, actor, progress)

    def scan_offline(self, actor: Actor, snapshot: Snapshot) -> ScanResult:
        """Look at a snapshot that was built from files."""
        return self._scanner.read_files(snapshot, actor)

    def findings(
        self,
        *,
        status: FindingStatus | None = None,
        control: str | None = None,
        severity: Severity | None = None,
        account: str | None = None,
    ) -> list[FindingView]:
        """What is remembered, worst first, without looking at AWS."""
        with self._store.read() as tx:
            records = findings.list_findings(
                tx, account=account, status=status, control=control, severity=severity
            )
            latest = {
                account_id: proposals.latest_proposals(tx, account_id)
                for account_id in {record.account.id for record in records}
            }
        return [
            FindingView(record, proposal=latest[record.account.id].get(record.id))
            for record in records
        ]

    def finding(self, finding_id: str) -> FindingView:
        """One finding as it is remembered. Raises NotFoundError."""
        with self._store.read() as tx:
            record = findings.get_finding(tx, finding_id)
            latest = proposals.latest_proposals(tx, record.account.id).get(record.id)
        return FindingView(record, proposal=latest)

    def refresh(self, finding_id: str, actor: Actor, progress: Progress) -> FindingView:
        """One finding as AWS shows it now, keys named and their last use read live.

        The view's record is resolved when AWS no longer shows the violation. Raises RefusedError
        for findings from files, or of another account than the caller's.
        """
        with self._store.read() as tx:
            record = findings.get_finding(tx, finding_id)
        aws = self._enter_account(record.account)
        result = self._scanner.look_again(
            aws.connection,
            aws.protection,
            {record.finding.control},
            _key_owner(record),
            _seen_by_aws(actor, aws),
            progress,
        )
        if record.finding.control in result.not_evaluated:
            raise RefusedError(
                f"{record.id} can't be judged now: {result.not_evaluated[record.finding.control]}"
            )
        fresh = next((view for view in result.findings if view.record.id == finding_id), None)
        return fresh or self.finding(finding_id)

    def proposal(self, proposal_id: str) -> ProposalView:
        """A proposal with its finding, decisions and execution. Raises NotFoundError."""
        with self._store.read() as tx:
            return self._view(tx, proposals.get_proposal(tx, proposal_id))

    def open_proposal(self, any_id: str) -> ProposalRecord:
        """The proposal that an id means: itself, or the open one of a finding.

        Raises NotFoundError where there is none, with the reason.
        """
        with self._store.read() as tx:
            if any_id.startswith("p-"):
                return proposals.get_proposal(tx, any_id)
            record = findings.get_finding(tx, any_id)
            found = proposals.open_proposal_for(tx, any_id)
            if found is not None:
                return found
            latest = proposals.latest_proposals(tx, record.account.id).get(record.id)
        state = f"its last proposal {latest.id} is {latest.state}" if latest else "none was made"
        raise NotFoundError(
            f"{any_id} has no open proposal: {state}",
            hint=f"`locksmith plan {any_id}` looks at AWS again and proposes anew.",
        )

    # Deciding

    def approve(self, proposal_id: str, digest: str, actor: Actor) -> ProposalView:
        """Say yes to exactly this digest. Raises RefusedError, StaleError, LostRaceError."""
        with self._store.read() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            self._require_live(tx, proposal.account)
        return self._decide(proposal_id, Verdict.APPROVE, digest, actor, "")

    def deny(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView:
        """Say no; remembered for this digest. Wins over an approval until the first intent."""
        digest = self.proposal(proposal_id).proposal.digest
        return self._decide(proposal_id, Verdict.DENY, digest, actor, reason)

    def snooze(self, proposal_id: str, until: datetime, reason: str, actor: Actor) -> ProposalView:
        """Put the question off; after `until` a scan asks anew."""
        digest = self.proposal(proposal_id).proposal.digest
        return self._decide(proposal_id, Verdict.SNOOZE, digest, actor, reason, until=until)

    def exempt(self, finding_id: str, reason: str, until: datetime, actor: Actor) -> FindingView:
        """Accept a violation until a day; it comes back by itself."""
        with self._store.write() as tx:
            findings.exempt(tx, finding_id, reason, until, actor)
            asked = proposals.open_proposal_for(tx, finding_id)
            if asked and asked.state in (ProposalState.PROPOSED, ProposalState.PENDING):
                proposals.move(
                    tx,
                    asked.id,
                    expected=asked.state,
                    to=ProposalState.CANCELLED,
                    why=f"exempt until {until:%Y-%m-%d}: {reason}",
                    actor=actor,
                )
        return self.finding(finding_id)

    def go_live(self, account_id: str, actor: Actor) -> AccountRecord:
        """Confirm that Locksmith may change this account. It must have been scanned before."""
        with self._store.write() as tx:
            return accounts.go_live(tx, account_id, actor)

    def _decide(
        self,
        proposal_id: str,
        verdict: Verdict,
        digest: str,
        actor: Actor,
        reason: str,
        *,
        until: datetime | None = None,
    ) -> ProposalView:
        objection: str | None = None
        with self._store.write() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            objection = self._approvals.objection(verdict, proposal, digest, actor)
            if objection is not None:
                tx.record(
                    "decision.refused",
                    actor=actor,
                    account=proposal.account.id,
                    subject=proposal.id,
                    data={"verdict": verdict.value, "digest": digest, "why": objection},
                )
            else:
                proposals.decide(tx, proposal_id, digest, verdict, actor, reason)
                self._move_by(tx, proposal, verdict, actor, reason, until)
        if objection is not None:
            error = StaleError if digest != proposal.digest else RefusedError
            raise error(f"{proposal_id}: {objection}")
        return self.proposal(proposal_id)

    def _move_by(
        self,
        tx: Transaction,
        proposal: ProposalRecord,
        verdict: Verdict,
        actor: Actor,
        reason: str,
        until: datetime | None,
    ) -> None:
        if verdict is Verdict.APPROVE and not self._approvals.is_complete(
            proposal, proposals.decisions(tx, proposal.id)
        ):
            return
        to = _VERDICT_STATES[verdict]
        why = f"{to} by {actor}" + (f": {reason}" if reason else "")
        changes = {} if until is None else {"snoozed_until": until}
        proposals.move(
            tx, proposal.id, expected=proposal.state, to=to, why=why, actor=actor, **changes
        )

    # Doing

    def apply(self, proposal_id: str, actor: Actor, progress: Progress) -> ExecutionRecord:
        """Carry out an approved proposal now, then look whether the finding is gone."""
        proposal, aws = self._ready_to_write(proposal_id)
        actor = _seen_by_aws(actor, aws)
        self._recover(aws, actor, progress)
        execution = aws.executor.apply(proposal_id, actor)
        if execution.state is ProposalState.DONE:
            self._after(proposal, execution, aws, actor, progress)
        return self.execution(execution.id)

    def rehearse(self, proposal_id: str, actor: Actor) -> Rehearsal:
        """Everything up to the first write: what each step finds, and whether it could go on."""
        proposal = self.proposal(proposal_id).proposal
        if isinstance(proposal.plan, Manual):
            raise RefusedError(f"{proposal_id} is made by hand: there is nothing to rehearse")
        aws = self._enter_account(proposal.account)
        return aws.executor.rehearse(proposal_id, _seen_by_aws(actor, aws))

    def undo(self, any_id: str, actor: Actor) -> ProposalView:
        """Propose to take an execution back; the same gate as any plan comes next.

        Takes an execution's, proposal's or finding's id. Raises RefusedError where nothing holds
        that could be taken back, or where it was taken back already.
        """
        with self._store.write() as tx:
            execution = self._execution_meant(tx, any_id)
            original = proposals.get_proposal(tx, execution.proposal_id)
            if execution.undone_by:
                raise RefusedError(f"{execution.id} was undone already by {execution.undone_by}")
            if not isinstance(original.plan, Plan):
                raise RefusedError(f"{original.id} was made by hand; undo it by hand")
            made = proposals.propose_many(
                tx,
                [
                    NewProposal(
                        account=original.account,
                        subject=original.subject,
                        origin=Origin.UNDO,
                        plan=undo_plan(execution, original.plan),
                        control=original.control,
                        finding_id=original.finding_id,
                        undoes=execution.id,
                    )
                ],
                actor,
            )
            if not made:
                raise RefusedError(
                    f"{original.subject} has an open proposal; decide that one first"
                )
            return self._view(tx, made[0])

    def settle(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView:
        """A person closes what Locksmith could not, with a reason."""
        with self._store.write() as tx:
            proposals.move(
                tx,
                proposal_id,
                expected=ProposalState.NEEDS_HUMAN,
                to=ProposalState.CANCELLED,
                why=f"settled by {actor}: {reason}",
                actor=actor,
            )
        return self.proposal(proposal_id)

    def _ready_to_write(self, proposal_id: str) -> tuple[ProposalRecord, Aws]:
        with self._store.read() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            self._require_live(tx, proposal.account)
        if isinstance(proposal.plan, Manual):
            raise RefusedError(
                f"{proposal_id} is made by hand: {proposal.plan.reason}",
                hint=f"`locksmith plan {proposal_id}` lists the steps; scan again when done.",
            )
        return proposal, self._enter_account(proposal.account)

    def _after(
        self,
        proposal: ProposalRecord,
        execution: ExecutionRecord,
        aws: Aws,
        actor: Actor,
        progress: Progress,
    ) -> None:
        if proposal.undoes:
            with self._store.write() as tx:
                executions.mark_undone(tx, proposal.undoes, execution.id)
                if proposal.finding_id:
                    findings.hold(tx, proposal.finding_id, actor)
        if proposal.finding_id is None:
            return
        progress("Looking whether the finding is gone")
        with self._store.read() as tx:
            record = findings.get_finding(tx, proposal.finding_id)
        self._scanner.look_again(
            aws.connection,
            aws.protection,
            {record.finding.control},
            _key_owner(record),
            actor,
            progress,
        )

    def _recover(self, aws: Aws, actor: Actor, progress: Progress) -> None:
        for settled in recovery.recover(aws.executor, aws.connection.account, actor):
            progress(f"{settled.id} was interrupted earlier: {settled.state} ({settled.why})")

    # Remembering

    def executions(self) -> list[ExecutionRecord]:
        """All executions, newest first."""
        with self._store.read() as tx:
            return executions.list_executions(tx)

    def execution(self, execution_id: str) -> ExecutionRecord:
        """One execution with its steps. Raises NotFoundError."""
        with self._store.read() as tx:
            return executions.get_execution(tx, execution_id)

    def audit_events(self, *, subject: str | None = None, limit: int = 50) -> list[AuditEvent]:
        """The newest audit events, oldest of them first."""
        with self._store.read() as tx:
            return audit.events(tx, subject=subject, limit=limit)

    def audit_verify(self) -> AuditVerdict:
        """Whether the log is whole; names the first row that isn't as it was written."""
        with self._store.read() as tx:
            return audit.verify(tx)

    def audit_export(self) -> Iterator[AuditEvent]:
        """Every audit event, oldest first."""
        with self._store.read() as tx:
            yield from audit.export(tx)

    # Shared

    def _enter_account(self, account: Account) -> Aws:
        aws = self._enter()
        if aws.connection.account != account:
            raise RefusedError(
                f"this belongs to account {account.id}, and you are signed in to "
                f"{aws.connection.account.id}",
                hint="Choose the right --profile.",
            )
        return aws

    def _require_live(self, tx: Transaction, account: Account) -> None:
        record = accounts.get_account(tx, account.id)
        if record is None or record.mode != "live":
            raise NotLiveError(
                f"account {account.id} is in notify mode: nothing is changed there yet",
                hint=f"`locksmith go-live {account.id}` once you trust what the scan shows.",
            )

    def _view(self, tx: Transaction, proposal: ProposalRecord) -> ProposalView:
        finding = None
        if proposal.finding_id:
            finding = FindingView(findings.get_finding(tx, proposal.finding_id), proposal=proposal)
        return ProposalView(
            proposal,
            finding,
            proposals.decisions(tx, proposal.id),
            executions.execution_of(tx, proposal.id),
        )

    @staticmethod
    def _execution_meant(tx: Transaction, any_id: str) -> ExecutionRecord:
        if any_id.startswith("x-"):
            return executions.get_execution(tx, any_id)
        proposal_id = any_id
        if any_id.startswith("f-"):
            record = findings.get_finding(tx, any_id)
            latest = proposals.latest_proposals(tx, record.account.id).get(record.id)
            if latest is None:
                raise RefusedError(f"nothing was ever done about {any_id}")
            proposal_id = latest.id
        found = executions.execution_of(tx, proposal_id)
        if found is None:
            raise RefusedError(f"{proposal_id} was never carried out: there is nothing to undo")
        return found


def _seen_by_aws(actor: Actor, aws: Aws) -> Actor:
    return replace(actor, aws_arn=aws.connection.caller_arn)


def _key_owner(record: FindingRecord) -> Sequence[tuple[str, str]]:
    key = record.finding.resource.key
    return [(key.user, key.user_id)] if key else []
