"""The composition root: what a command needs is built here, when it is first needed."""

import gc
import hashlib
import logging
import os
import pwd
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from bot import demo, registry, rulebook, unattended
from bot.anchors import Anchors
from bot.aws.connection import AwsConnection
from bot.cli.command_line import carry_out
from bot.cli.context import Doors
from bot.cli.screen import Screen
from bot.config import Config
from bot.engine.approvals import Approvals
from bot.engine.attesting import custody_of
from bot.engine.claimants import Claimants
from bot.engine.codes import Codes
from bot.engine.entering import Accounts
from bot.engine.executor import Executor, VerifySettings
from bot.engine.guardrails import Guardrails
from bot.engine.overview import Overview, State
from bot.engine.owner_claims import OwnerRules, untold_owners
from bot.engine.ports import all_still_stand
from bot.engine.protecting import Guard
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.engine.tidying import Tidying
from bot.entrances import Entrances, protected_by
from bot.errors import ConfigError, ExitCode
from bot.model import Actor, AnchorTarget, Greeting, Protection
from bot.registry import Enabled
from bot.store.database import Store, open_store
from bot.store.leases import this_process

if TYPE_CHECKING:
    # Slack's libraries and the scheduler's are a third of all modules, and only serving needs them.
    from bot.chat import Chat
    from bot.parts import Parts

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@dataclass
class Application:
    """One process's collaborators, each built once and only when it is asked for."""

    config: Config
    verification: VerifySettings | None = None
    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep

    @cached_property
    def enabled(self) -> tuple[Enabled, ...]:
        """The controls that are switched on, with their settings. Raises ConfigError."""
        return tuple(registry.controls(self.config.controls, where=self.config.where))

    @cached_property
    def store(self) -> Store:
        """The database, open. Raises StoreError."""
        return open_store(
            self.config.database_url, clock=self.clock, stop_file=self.config.limits.stop_file
        )

    @cached_property
    def service(self) -> Service:
        """Every use case over the store; AWS is entered when a use case needs it."""
        settings = self.config
        scanner = Scanner(
            self.store,
            self.enabled,
            ScanSettings(
                naming_budget=settings.inventory.naming_budget,
                last_access_budget=settings.inventory.last_access_budget,
                listing_budget=settings.inventory.listing_budget,
                known_accounts=rulebook.known_accounts(settings),
                change_stacks=settings.protected.infrastructure_as_code == "change",
                patience=rulebook.patience(settings),
            ),
            Guard.on,
            self.clock,
            # Nobody else is asked who owns what, so nothing is looked up for the others.
            Claimants(self.owner_rules, rulebook.creators(settings))
            if settings.slack.is_used
            else None,
            partial(untold_owners, self.owner_rules),
            lambda tx, account: custody_of(tx, account, self.approvals.people),
            rulebook.readers(self.owner_rules),
            self._connection_to,
        )
        return Service(
            self.store,
            self.accounts,
            scanner,
            self.approvals,
            self.clock,
            self.chat.confirming if self.chat else None,
            unattended.unattended(self.config),
        )

    @cached_property
    def approvals(self) -> Approvals:
        """Who may decide, with the people whom the configuration links. Raises ConfigError."""
        return rulebook.approvals(self.config, registry.discover())

    @cached_property
    def owner_rules(self) -> OwnerRules:
        """Where owners are looked up. Raises ConfigError."""
        return rulebook.owner_rules(self.config)

    @cached_property
    def chat(self) -> "Chat | None":
        """Slack, where this process has a token; nothing is asked there yet."""
        if self.config.slack.bot_token is None:
            return None
        from bot.chat import Chat

        return Chat(
            self.config,
            self.owner_rules,
            self.approvals,
            lambda: self.service,
            lambda: self.codes,
            self.clock,
        )

    def slack_manifest(self, url: str | None) -> str:
        """The Slack app's manifest. Raises UsageError."""
        from bot.slack.manifest import manifest_text

        return manifest_text(url)

    def slack_check(self) -> Greeting:
        """Who Slack says we are, once all is there that serving needs. Raises LocksmithError."""
        from bot.slack.preflight import check_secrets

        check_secrets(self.config.slack)
        return self._chat_with_token.check()

    def serve(self, say: Callable[[str], None]) -> None:
        """`locksmith serve`, until a signal says stop. Raises LocksmithError."""
        from bot.running import Running, stopped_by_signals
        from bot.serving import Desk

        greeting = self.slack_check()
        desk = Desk(self.parts())
        running = Running(desk, self.config.slack, self.clock)
        accounts = ", ".join(self.accounts.ids())

        def ready(where: str) -> None:
            say(f"Locksmith serves {greeting.team} ({greeting.team_id}), {where}.")
            say(f"AWS account {accounts}. Ctrl-C stops it cleanly.")

        with stopped_by_signals(running.stop, say):
            running.run(ready)

    @property
    def _chat_with_token(self) -> "Chat":
        if self.chat is None:  # check_secrets has refused that before
            raise RuntimeError("there is no token for Slack")
        return self.chat

    def parts(self) -> "Parts":
        """What serving is made of. Raises LocksmithError."""
        from bot.parts import Parts

        store, chat, accounts = self.store, self._chat_with_token, self.accounts
        accounts.ids()  # without `accounts` AWS must let us in before anything is served
        url = self.config.database_url
        return Parts(
            store,
            self.service,
            self.approvals,
            chat.asker(store),
            chat.directory,
            chat.clients,
            chat.ours,
            self.clock,
            accounts,
            hashlib.sha256(url.encode()).hexdigest()[:16],
            chat.longest_exemption,
            chat.people,
            {each.control.id: each.control.topic for each in self.enabled},
            limits=unattended.limits(self.config),
            timetable=unattended.timetable(self.config),
            watch=unattended.watch_rules(self.config),
            anchoring=self.anchors.placing if self.anchors.every else None,
            anchor_every=self.anchors.every,
            tidying=self.tidying,
        )

    @property
    def tidying(self) -> Tidying:
        """What removes what was kept long enough."""
        return Tidying(self.store, rulebook.retention(self.config))

    @cached_property
    def anchors(self) -> Anchors:
        """Where the end of the audit log is noted down, and how that is checked."""

        def in_slack(channel: str) -> AnchorTarget:
            if self.chat is None:
                raise ConfigError(
                    "audit.anchors names a Slack channel, and there is no token for Slack",
                    hint="Set LOCKSMITH_SLACK__BOT_TOKEN, or LOCKSMITH_SLACK__BOT_TOKEN_FILE.",
                )
            return self.chat.anchors_in(self.store, channel)

        return Anchors(
            self.config.audit,
            lambda: self.store,
            lambda: self.entrances.connection,
            in_slack,
            self.clock,
        )

    @cached_property
    def codes(self) -> Codes:
        """The one-time codes of people in Slack."""
        return Codes(self.config.codes_path, self.clock)

    @cached_property
    def actor(self) -> Actor:
        """Whoever runs this process: the operating system's user at this host."""
        # Not getpass.getuser(), which believes the environment.
        user = pwd.getpwuid(os.getuid()).pw_name
        return Actor("local", f"{user}@{socket.gethostname()}")

    def now(self) -> datetime:
        """The one clock, UTC."""
        return self.clock()

    @cached_property
    def entrances(self) -> Entrances:
        """The ways into the accounts that are worked on."""
        return Entrances(self.config, self._writer)

    @property
    def accounts(self) -> Accounts:
        """The accounts that are worked on. Raises ConfigError for two that are called alike."""
        return self.entrances.accounts

    def _connection_to(self, account_id: str) -> AwsConnection | None:
        """The connection to an account of `accounts`, None for others. Raises AwsError."""
        known = {each.id for each in self.config.accounts}
        return self.accounts.enter(account_id).connection if account_id in known else None

    def _writer(self, connection: AwsConnection, protection: Protection) -> Executor:
        """The one writer of an account."""
        verification = self.config.verification
        return Executor(
            self.store,
            connection,
            self.clock,
            self.sleep,
            Guardrails(
                Guard(protection),
                unattended.limits(self.config),
                self.config.slack.security_channel,
            ),
            self.approvals.authorise,
            self.verification
            or VerifySettings(
                verification.reads, verification.interval_seconds, verification.patience_seconds
            ),
            this_process(),
            recheck=self.chat.recheck(_log.warning) if self.chat else all_still_stand,
        )

    def state(self) -> State:
        """How everything stands, from the database alone. Raises ConfigError and StoreError."""
        topics = {each.control.id: each.control.topic for each in self.enabled}
        return Overview(self.store, topics).state(self.service.watched())

    def protection(self) -> Protection:
        """Who is out of reach by configuration alone, for snapshots from files."""
        return protected_by(self.config)

    def close(self) -> None:
        """Close what was opened."""
        for opened in ("entrances", "store"):
            if opened in self.__dict__:
                self.__dict__[opened].close()


def play_demo(*, users: int, serve: bool, screen: Screen) -> ExitCode | None:
    """Play the loop on a simulated account, with a database and an environment of its own."""
    with demo.simulated_account(users) as (environment, endpoint):
        demo.point_at(environment)
        database = demo.new_database()
        settings = {
            "database": {"url": f"sqlite:///{database}"},
            "protected": {"break_glass": (demo.BREAK_GLASS,)},
        }
        app = Application(Config.model_validate(settings), demo.QUICK_LOOKS)
        try:
            stage = demo.Stage(app.service, app.actor, screen, app.now)
            outcome = demo.play(stage, database)
            if serve:
                demo.keep_serving(screen, environment, endpoint)
        finally:
            app.close()
    return outcome


def main() -> None:
    """The `locksmith` command."""
    # What was read of an account is held until it was judged: looking through it again and again
    # for what nobody holds any more is a sixth of the work of a large scan.
    gc.set_threshold(50_000, 20, 100)
    doors = Doors(
        open=lambda options: Application(options.configuration(os.environ)), demo=play_demo
    )
    carry_out(doors)


if __name__ == "__main__":
    main()
