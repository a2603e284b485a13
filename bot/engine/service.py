"""The service: every use case, for one database and its accounts; all that surfaces call."""

from collections.abc import Iterator, Sequence

from bot.aws.policy_text import PolicyPlace
from bot.aws.reading import read
from bot.engine.forecasting import Forecasting
from bot.engine.tags import still_says
from bot.engine.watching import Watched, Watching
from bot.errors import NotFoundError, RefusedError, UsageError
from bot.model import (
    Actor,
    AuditEvent,
    ExecutionRecord,
    OwnerClaim,
    ProposalRecord,
    ProposalState,
    WatchRecord,
)
from bot.policy import Document, parse_document
from bot.store import accounts, audit, erasing, executions, proposals, watches
from bot.store.accounts import AccountRecord
from bot.store.audit import AuditVerdict


class Service(Forecasting):
    """Everything that Locksmith does: looking, deciding, doing, and what it remembers of that.

    Every method that changes something takes the actor who asked for it.
    """

    def forget(self, names: Sequence[str], actor: Actor) -> int:
        """Erase what names a person from everywhere; how many texts that were.

        For the security group and operators. Raises RefusedError.
        """
        self._require_security(actor, "forget a person")
        with self._store.write() as tx:
            return erasing.erase(tx, names, actor)

    def watched(self) -> list[Watched]:
        """Every account that should be looked at, and whether it is; AWS is not asked."""
        with self._store.read() as tx:
            known = [each.account.id for each in accounts.known_accounts(tx)]
        ids = [each.id for each in self._accounts.configured] or known
        timetable, names = self._unattended.timetable, self._accounts.names()
        return Watching(self._store, timetable, lambda: ids, names).watched()

    def executions(self) -> list[ExecutionRecord]:
        """All executions, newest first."""
        with self._store.read() as tx:
            return executions.list_executions(tx)

    def execution(self, execution_id: str) -> ExecutionRecord:
        """One execution with its steps. Raises NotFoundError."""
        with self._store.read() as tx:
            return executions.get_execution(tx, execution_id)

    def watch(self, execution_id: str) -> WatchRecord | None:
        """How it is looked after an execution for harm, or None where it isn't."""
        with self._store.read() as tx:
            return watches.get_watch(tx, execution_id)

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
        connection = self._accounts.enter_account(proposal.account).connection
        account_id = proposal.account.id
        return still_says(finding, claim, account_id, lambda call: read(connection, call))

    def policy(self, arn: str, actor: Actor) -> Document:
        """What a policy says now, read from AWS; for the security group and operators.

        An inline one is named by its holder's ARN and `/inline/NAME`. Raises NotFoundError,
        RefusedError for another account's, and what reading raises.
        """
        self.require_security(actor, "read a policy")
        try:
            place = PolicyPlace(arn)
        except ValueError:
            raise UsageError(
                f"{arn} is no policy's ARN",
                hint="It looks like arn:aws:iam::123456789012:policy/name; an inline policy's like "
                "arn:aws:iam::123456789012:role/holder/inline/name.",
            ) from None
        ours = self._accounts.ids()
        if place.owner not in ("aws", *ours):
            raise RefusedError(f"{arn} is not in account {', '.join(ours)}")
        by_aws = place.owner == "aws"
        aws = self._accounts.first() if by_aws else self._accounts.enter(place.owner)
        document = place.read(aws.connection)
        if document is None:
            raise NotFoundError(f"AWS knows no policy {arn}", hint="Look at its ARN once more.")
        return parse_document(document, where=arn)

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
