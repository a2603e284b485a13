"""What commands work with: the application behind a port, the global options, the screen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import click

from bot.cli.screen import Screen, at_terminal
from bot.config import Config, load
from bot.engine.anchor_checking import AnchorChecking
from bot.engine.anchoring import Anchoring
from bot.engine.codes import Codes, Enrolment
from bot.engine.doors import Contained
from bot.engine.executor import Rehearsal
from bot.engine.foreseeing import Foreseen
from bot.engine.overview import State
from bot.engine.story import Story
from bot.engine.taking_back import Reversal
from bot.engine.tidying import Tidying
from bot.engine.views import FindingView, ProposalView, ScanResult
from bot.errors import ExitCode
from bot.model import (
    Actor,
    Attested,
    AuditEvent,
    ExecutionRecord,
    FindingStatus,
    Freeze,
    Greeting,
    ProposalRecord,
    Protection,
    Severity,
    Signer,
    Snapshot,
    WatchRecord,
)
from bot.policy import Document
from bot.store.accounts import AccountRecord
from bot.store.audit import AuditVerdict

Progress = Callable[[str], None]


class UseCases(Protocol):
    """The service as commands see it; `bot.engine.service.Service` says what each does."""

    def accounts(self, named: str | None = None) -> tuple[str, ...]: ...
    def scan(
        self, actor: Actor, progress: Progress, account_id: str | None = None
    ) -> ScanResult: ...
    def scan_offline(self, actor: Actor, snapshot: Snapshot) -> ScanResult: ...
    def findings(
        self,
        *,
        status: FindingStatus | None = None,
        control: str | None = None,
        severity: Severity | None = None,
        account: str | None = None,
    ) -> list[FindingView]: ...
    def finding(self, finding_id: str) -> FindingView: ...
    def refresh(self, finding_id: str, actor: Actor, progress: Progress) -> FindingView: ...
    def proposal(self, proposal_id: str) -> ProposalView: ...
    def open_proposal(self, any_id: str) -> ProposalRecord: ...
    def story(self, any_id: str) -> Story: ...
    def approve(self, proposal_id: str, digest: str, actor: Actor) -> ProposalView: ...
    def deny(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView: ...
    def snooze(
        self, proposal_id: str, until: datetime, reason: str, actor: Actor
    ) -> ProposalView: ...
    def exempt(
        self, finding_id: str, reason: str, until: datetime, actor: Actor
    ) -> FindingView: ...
    def apply(self, proposal_id: str, actor: Actor, progress: Progress) -> ExecutionRecord: ...
    def rehearse(self, proposal_id: str, actor: Actor) -> Rehearsal: ...
    def undo(self, any_id: str, actor: Actor) -> ProposalView: ...
    def settle(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView: ...
    def contain(self, user: str, actor: Actor, progress: Progress) -> Contained: ...
    def attest_root(self, account_id: str, actor: Actor) -> Attested: ...
    def review_policy(self, finding_id: str, actor: Actor) -> FindingView: ...
    def pause(self, reason: str, actor: Actor) -> Freeze: ...
    def resume(self, actor: Actor) -> Freeze: ...
    def forecast(self) -> list[Foreseen]: ...
    def play(self, days: int) -> list[Foreseen]: ...
    def confirm_account(self, account_id: str, actor: Actor) -> None: ...
    def forget(self, names: Sequence[str], actor: Actor) -> int: ...
    def enrol(self, enrolment: Enrolment, code: str, actor: Actor) -> None: ...
    def withdraw(self, codes: Codes, person: str, actor: Actor) -> None: ...
    def executions(self) -> list[ExecutionRecord]: ...
    def execution(self, execution_id: str) -> ExecutionRecord: ...
    def reversals(
        self, since: datetime, *, rule: str | None = None, account: str | None = None
    ) -> list[Reversal]: ...
    def watch(self, execution_id: str) -> WatchRecord | None: ...
    def policy(self, arn: str, actor: Actor) -> Document: ...
    def account(self, account_id: str) -> AccountRecord: ...
    def go_live(self, account_id: str, actor: Actor) -> AccountRecord: ...
    def audit_events(self, *, subject: str | None = None, limit: int = 50) -> list[AuditEvent]: ...
    def audit_verify(self) -> AuditVerdict: ...
    def audit_export(self) -> Iterator[AuditEvent]: ...


class AnchorCases(Protocol):
    """Anchors of the audit log as commands see them. Each property raises ConfigError.

    `placing` and `checking` raise UsageError where no place for them is configured.
    """

    @property
    def placing(self) -> Anchoring:
        """What places them."""

    @property
    def checking(self) -> AnchorChecking:
        """What compares them with the log."""

    @property
    def signer(self) -> Signer | None:
        """Who signs them, or None."""


class App(Protocol):
    """One process's application. `service` opens the database, and AWS once it is needed."""

    @property
    def config(self) -> Config:
        """The settings in force, the command's own options on top."""

    @property
    def service(self) -> UseCases:
        """The use cases. Raises StoreError."""

    @property
    def actor(self) -> Actor:
        """Whoever runs this process."""

    @property
    def codes(self) -> Codes:
        """Who is enrolled for one-time codes."""

    @property
    def tidying(self) -> Tidying:
        """What removes what was kept long enough."""

    @property
    def anchors(self) -> AnchorCases:
        """Where the end of the audit log is noted down."""

    def now(self) -> datetime:
        """The one clock, UTC."""

    def serve(self, say: Callable[[str], None]) -> None:
        """Serve Slack until told to stop. Raises LocksmithError; UnfinishedError at the end."""

    def slack_manifest(self, url: str | None) -> str:
        """The Slack app's manifest, for HTTP with a `url`. Raises UsageError."""

    def slack_check(self) -> Greeting:
        """Who Slack says we are, once everything is there that serving needs."""

    def state(self) -> State:
        """How everything stands, from the database alone."""

    def protection(self) -> Protection:
        """Who is out of reach by configuration alone, for snapshots from files."""

    def close(self) -> None:
        """Close what was opened."""


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What every command takes, before or after its name."""

    config: Path | None = None
    db: str | None = None
    profile: str | None = None
    region: str | None = None
    output: str = "table"
    no_color: bool = False
    verbose: int = 0

    def configuration(self, environ: Mapping[str, str]) -> Config:
        """The configuration in force with these options on top. Raises ConfigError."""
        config = load(self.config, environ)
        database, aws = config.database, config.aws
        if self.db:
            database = database.model_copy(update={"url": self.db})
        if self.profile:
            aws = aws.model_copy(update={"profile": self.profile})
        if self.region:
            aws = aws.model_copy(update={"region": self.region})
        return config.model_copy(update={"database": database, "aws": aws})


class Demo(Protocol):
    """Plays the loop on a simulated account, or serves one."""

    def __call__(self, *, users: int, serve: bool, screen: Screen) -> ExitCode | None: ...


@dataclass(frozen=True, slots=True)
class Doors:
    """What the composition root gives the command line.

    `open` builds the application; `at_terminal` tells whether someone is there to answer.
    """

    open: Callable[[GlobalOptions], App]
    demo: Demo
    at_terminal: Callable[[], bool] = at_terminal


@dataclass
class Session:
    """One command: its global options as they were given, and what they lead to."""

    doors: Doors
    given: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def options(self) -> GlobalOptions:
        """The global options, from both sides of the command's name."""
        return GlobalOptions(**self.given)

    @cached_property
    def screen(self) -> Screen:
        """Where the command writes and asks."""
        return Screen(
            json=self.options.output == "json",
            no_color=self.options.no_color,
            verbose=self.options.verbose,
            at_terminal=self.doors.at_terminal,
        )

    @cached_property
    def app(self) -> App:
        """The application, opened when it is first needed."""
        return self.doors.open(self.options)

    @property
    def service(self) -> UseCases:
        """The use cases."""
        return self.app.service

    @property
    def actor(self) -> Actor:
        """Whoever runs this command."""
        return self.app.actor

    def close(self) -> None:
        """Close the application, if it was opened."""
        if "app" in self.__dict__:
            self.app.close()


pass_session = click.make_pass_decorator(Session)
