"""The service: every use case, for one database and one account; all that surfaces call."""

from collections.abc import Iterator

from bot.aws.reading import read
from bot.engine.freezing import Freezing
from bot.engine.tags import still_says
from bot.errors import NotFoundError
from bot.model import AuditEvent, ExecutionRecord, OwnerClaim, ProposalRecord, ProposalState
from bot.store import accounts, audit, executions, proposals
from bot.store.accounts import AccountRecord
from bot.store.audit import AuditVerdict


class Service(Freezing):
    """Everything that Locksmith does: looking, deciding, doing, and what it remembers of that.

    Every method that changes something takes the actor who asked for it.
    """

    def executions(self) -> list[ExecutionRecord]:
        """All executions, newest first."""
        with self._store.read() as tx:
            return executions.list_executions(tx)

    def execution(self, execution_id: str) -> ExecutionRecord:
        """One execution with its steps. Raises NotFoundError."""
        with self._store.read() as tx:
            return executions.get_execution(tx, execution_id)

    def approved(self, account_id: str) -> list[ProposalRecord]:
        """What waits to be carried out in an account, oldest first."""
        with self._store.read() as tx:
            return proposals.list_proposals(tx, account=account_id, state=ProposalState.APPROVED)

    def tag_holds(self, proposal: ProposalRecord, claim: OwnerClaim) -> bool:
        """Whether the tag behind a claim says in AWS now what it said when this was asked.

        Raises what entering the account and reading raise.
        """
        if proposal.finding_id is None:
            return False
        finding = self.finding(proposal.finding_id).record.finding
        connection = self._enter_account(proposal.account).connection
        return still_says(finding, claim, lambda call: read(connection, call))

    def account(self, account_id: str) -> AccountRecord:
        """One account that was looked at. Raises NotFoundError where it never was."""
        with self._store.read() as tx:
            known = accounts.get_account(tx, account_id)
        if known is None:
            raise NotFoundError(
                f"account {account_id} was never scanned",
                hint="`locksmith scan` looks at the account of the credentials it finds.",
            )
        return known

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
