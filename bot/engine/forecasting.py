"""The use cases of acting alone: what rules would do, and that an account is as it should be."""

from collections.abc import Sequence
from dataclasses import replace

from bot.engine.cards import EXPIRE
from bot.engine.foreseeing import Calendar, Foreseen, Outlook, foresee, play
from bot.engine.guardrails import confirmed_mark, known_of
from bot.engine.identifying import Identifying
from bot.engine.room import Known
from bot.errors import NotFoundError
from bot.model import Actor, FindingRecord, FindingStatus
from bot.store import accounts, dues, findings, graces, marks, proposals
from bot.store.database import Transaction


class Forecasting(Identifying):
    """Looking ahead, without writing anything."""

    def forecast(self) -> list[Foreseen]:
        """What each open finding's rule is, and what happens next about it; the worst first."""
        return [
            foresee(each, self._unattended.calendar, self._clock()) for each in self._outlooks()
        ]

    def play(self, days: int) -> list[Foreseen]:
        """The coming days, if nobody answers: what is told, done and held up, and when.

        Each account by itself; limits of all accounts together count what came before.
        """
        outlooks = self._outlooks()
        played: list[Foreseen] = []
        for account in sorted({each.record.account.id for each in outlooks}):
            here = [each for each in outlooks if each.record.account.id == account]
            known = self._known(account)
            calendar = self._calendar_of(account)
            played += play(here, self._unattended.limits, known, calendar, days=days)
        return played

    def confirm_account(self, account_id: str, actor: Actor) -> None:
        """Say that an account is as it should be: rules go on that an unusual scan, or changes that
        failed or were taken back, have stopped. For the security group and operators.

        Raises NotFoundError for an account that was never scanned, and RefusedError.
        """
        self._require_security(actor, "confirm", account_id)
        with self._store.write() as tx:
            if accounts.get_account(tx, account_id) is None:
                raise NotFoundError(
                    f"account {account_id} was never scanned",
                    hint="`locksmith status` lists the accounts that were.",
                )
            marks.set_mark(tx, confirmed_mark(account_id), tx.now)
            tx.record("account.confirmed", actor=actor, account=account_id, subject=account_id)

    def _calendar_of(self, account_id: str) -> Calendar:
        """What time means in this account: its scans come as its schedule says."""
        calendar = self._unattended.calendar
        gap = self._unattended.timetable.gap(account_id, self._clock())
        return calendar if gap is None else replace(calendar, scan_every=gap)

    def _known(self, account_id: str) -> Known:
        with self._store.read() as tx:
            pause = self._unattended.limits.principal_pause
            return known_of(tx, account_id, waiting=True, people_since=tx.now - pause)

    def _outlooks(self) -> Sequence[Outlook]:
        with self._store.read() as tx:
            records = findings.list_findings(tx, status=FindingStatus.OPEN)
            return [self._outlook(tx, each) for each in records if not each.from_files]

    def _outlook(self, tx: Transaction, record: FindingRecord) -> Outlook:
        proposal = proposals.open_proposal_for(tx, record.id)
        account = accounts.get_account(tx, record.account.id)
        live = account is not None and account.mode == "live"
        rules = self._approvals.remediation
        if proposal is None:
            ruling = rules.ruling_of(record)
            return Outlook(record, ruling, live=live)
        due = dues.get_due(tx, EXPIRE, proposal.id)
        return Outlook(
            record,
            rules.ruling(proposal),
            proposal,
            graces.get_grace(tx, proposal.id),
            due.at if due else None,
            live,
        )
