"""The use cases that look: scan, list, look at one finding anew."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from bot.engine.core import Core, key_owner, seen_by_aws
from bot.engine.gathering import Progress
from bot.engine.guardrails import note_scan
from bot.engine.planner import Remediation
from bot.engine.story import Story, story_of
from bot.engine.views import FindingView, ProposalView, ScanResult
from bot.engine.watching import note_failed, turn_to_look
from bot.errors import AwsError, NotFoundError, RefusedError, StaleError
from bot.model import (
    Actor,
    FindingRecord,
    FindingStatus,
    Plan,
    ProposalRecord,
    ProposalState,
    Severity,
    Snapshot,
)
from bot.store import findings, proposals


class Inspecting(Core):
    """Looking at AWS, and at what is remembered of it."""

    def accounts(self, named: str | None = None) -> tuple[str, ...]:
        """The ids of the accounts that are looked at, or of the one with this id or name.

        Raises UsageError for one that isn't among them, and AwsError where AWS can't say which
        account the caller's own is.
        """
        return self._accounts.ids() if named is None else (self._accounts.id_of(named),)

    def account_names(self) -> Mapping[str, str]:
        """What people call the accounts, by id, where the configuration says so."""
        return self._accounts.names()

    def scan(self, actor: Actor, progress: Progress, account_id: str | None = None) -> ScanResult:
        """Look at one account with every enabled control, after settling old executions.

        AWS says first whose credentials these are now. Raises AwsError when the account can't be
        entered or AWS can't be reached, LostRaceError while someone else looks at the account, and
        UsageError where it isn't clear which account is meant; parts that can't be read are in
        the result.
        """
        account_id = account_id or self._accounts.only()
        with turn_to_look(self._store, account_id, progress) as progress_kept:
            try:
                return self._scan(account_id, actor, progress_kept)
            except (AwsError, StaleError) as error:
                with self._store.write() as tx:
                    note_failed(tx, account_id, actor, str(error))
                raise

    def _scan(self, account_id: str, actor: Actor, progress: Progress) -> ScanResult:
        aws = self._accounts.enter(account_id)
        aws.executor.ports.confirm_account(aws.connection.account)
        actor = seen_by_aws(actor, aws)
        settled = self._recover(aws, actor, progress)
        result = self._scanner.scan(aws.connection, aws.protection, actor, progress)
        with self._store.write() as tx:
            note_scan(tx, self._unattended.limits, account_id)
        return replace(result, settled=settled, endpoint=aws.connection.endpoint)

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
            FindingView(record, _template(record), latest[record.account.id].get(record.id))
            for record in records
        ]

    def finding(self, finding_id: str) -> FindingView:
        """One finding as it is remembered. Raises NotFoundError."""
        with self._store.read() as tx:
            record = findings.get_finding(tx, finding_id)
            latest = proposals.latest_proposals(tx, record.account.id).get(record.id)
        return FindingView(record, _template(record), latest)

    def refresh(self, finding_id: str, actor: Actor, progress: Progress) -> FindingView:
        """One finding as AWS shows it now, keys named and their last use read live.

        The view's record is resolved when AWS no longer shows the violation. A finding from files
        comes back as it is remembered. Raises RefusedError for another account's than the
        caller's.
        """
        with self._store.read() as tx:
            record = findings.get_finding(tx, finding_id)
        if record.from_files:
            return self.finding(finding_id)
        aws = self._accounts.enter_account(record.account)
        result = self._scanner.look_again(
            aws.connection,
            aws.protection,
            {record.finding.control},
            key_owner(record),
            seen_by_aws(actor, aws),
            progress,
            wanted={finding_id},
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

    def story(self, any_id: str) -> Story:
        """All that happened about what an id means: a finding's, a proposal's, or a key's.

        Raises NotFoundError, and RefusedError for a key that is known in several accounts.
        """
        with self._store.read() as tx:
            return story_of(tx, any_id)

    def open_proposal(self, any_id: str) -> ProposalRecord:
        """The proposal that an id means: itself, or the open one of a finding.

        Raises NotFoundError where there never was one, RefusedError where the last one ended.
        """
        with self._store.read() as tx:
            if any_id.startswith("p-"):
                return proposals.get_proposal(tx, any_id)
            record = findings.get_finding(tx, any_id)
            found = proposals.open_proposal_for(tx, any_id)
            if found is not None:
                return found
            latest = proposals.latest_proposals(tx, record.account.id).get(record.id)
        if record.from_files:
            raise RefusedError(
                f"{any_id} was found in files: its plan is a template that can't be decided on",
                hint="Scan the account itself: `locksmith scan`.",
            )
        hint = f"`locksmith plan {any_id}` looks at AWS again and proposes anew where it must."
        if latest is None:
            raise NotFoundError(f"{any_id} has no proposal yet", hint=hint)
        if latest.state is ProposalState.DENIED:
            hint = (
                "A scan asks again proposals.cool_off_days after the no, or once the plan is "
                "another one."
            )
        raise RefusedError(
            f"{any_id} has no open proposal: {latest.id} is {latest.state} already", hint=hint
        )


def _template(record: FindingRecord) -> Remediation | None:
    """The fix that a finding from files was remembered with; nobody can approve it."""
    if record.template is None:
        return None
    kind: Literal["plan", "manual"] = "plan" if isinstance(record.template, Plan) else "manual"
    key = record.finding.resource.key
    needs = "key_id" if key and key.key_id is None and kind == "plan" else "live_account"
    return Remediation(kind, record.template, None, needs)
