"""A whole Locksmith over a simulated account, with a clock that the test moves."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot import registry
from bot.aws.connection import AwsConnection
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder
from bot.engine.approvals import Approvals
from bot.engine.attesting import custody_of
from bot.engine.core import Aws
from bot.engine.executor import Executor, VerifySettings
from bot.engine.gathering import OwnersIn, ReadersIn
from bot.engine.guardrails import Guardrails
from bot.engine.protecting import Guard
from bot.engine.room import Limits
from bot.engine.scanning import ClaimsFor, Scanner, ScanSettings
from bot.engine.service import Service
from bot.engine.views import FindingView, ScanResult
from bot.model import Actor, ExecutionRecord, Protection
from bot.store.database import Store
from bot.store.leases import this_process
from tests.conftest import StandingClock

ALICE = Actor("local", "alice@desk")


def quiet(_text: str) -> None:
    """Progress that nobody watches."""


@dataclass
class House:
    """One service, and everything that a test wants to look at or to move."""

    account: AccountBuilder
    store: Store
    clock: StandingClock
    connection: AwsConnection
    service: Service

    def scan(self) -> ScanResult:
        """A whole scan."""
        return self.service.scan(ALICE, quiet)

    def only(self, control: str, result: ScanResult | None = None) -> FindingView:
        """The one finding of a control."""
        views = (result or self.scan()).findings
        [view] = [view for view in views if view.record.finding.control == control]
        return view

    def live(self) -> None:
        """Confirm the account."""
        self.service.go_live(self.connection.account.id, ALICE)

    def approve(self, view: FindingView) -> str:
        """Say yes to the proposal of a finding; returns its id."""
        assert view.proposal is not None
        self.service.approve(view.proposal.id, view.proposal.digest, ALICE)
        return view.proposal.id

    def apply(self, proposal_id: str) -> ExecutionRecord:
        """Carry it out."""
        return self.service.apply(proposal_id, ALICE, quiet)

    def fix(self, view: FindingView) -> ExecutionRecord:
        """Approve and apply."""
        return self.apply(self.approve(view))

    def pass_time(self, **duration: float) -> None:
        """Move Locksmith's clock and the account's together."""
        self.clock.pass_time(**duration)
        self.account.advance(seconds=timedelta(**duration).total_seconds())


@contextmanager
def house(
    account: AccountBuilder,
    store: Store,
    clock: StandingClock,
    *,
    controls: Mapping[str, Mapping[str, Any]] | None = None,
    only: tuple[str, ...] = (),
    settings: ScanSettings | None = None,
    protection: Protection | None = None,
    yield_point: Callable[[str], None] = quiet,
    claims_for: ClaimsFor | None = None,
    owners_in: OwnersIn | None = None,
    readers_in: ReadersIn | None = None,
    approvals: Approvals | None = None,
    limits: Limits | None = None,
) -> Iterator[House]:
    """Everything wired as `bot.main` does it; `only` switches all other controls off.

    `yield_point` is told each place where the executor could be interrupted.
    """
    raw = {name: dict(values) for name, values in (controls or {}).items()}
    for name in registry.discover():
        if only and name not in only:
            raw[name] = {"enabled": False}
    with connect(read_attempts=1) as connection:
        known = protection or Protection()
        approvals = approvals or Approvals()
        executor = Executor(
            store,
            connection,
            clock,
            lambda seconds: clock.pass_time(seconds=seconds),
            Guardrails(Guard(known), limits),
            approvals.authorise,
            VerifySettings(reads=2, interval=5, patience=30),
            this_process(),
            yield_point=yield_point,
        )
        scanner = Scanner(
            store,
            registry.controls(raw),
            settings or ScanSettings(),
            Guard.on,
            clock,
            claims_for,
            owners_in,
            lambda tx, account: custody_of(tx, account, approvals.people),
            readers_in,
        )
        service = Service(
            store, lambda: Aws(connection, known, executor), scanner, approvals, clock
        )
        yield House(account, store, clock, connection, service)
