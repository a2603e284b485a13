"""`locksmith serve`: everything that runs together, from start to a clean stop."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.anchoring import Anchoring
from bot.engine.announcing import TELL_FREEZE, tell_freeze, tell_silence
from bot.engine.approvals import Approvals
from bot.engine.asking import ASK, ESCALATE, EXPIRE, GRACE, REMIND, Asker
from bot.engine.cards import AFTER, TELL_CONTAINED, TELL_EXEMPTION
from bot.engine.entering import Accounts
from bot.engine.grace_clock import COUNT, GraceClock
from bot.engine.limits import Limits
from bot.engine.looking_after import LookingAfter, WatchRules
from bot.engine.overview import Overview
from bot.engine.reminding import Reminding
from bot.engine.rule_acting import RuleActing
from bot.engine.service import Service
from bot.engine.telling import tell_contained, tell_exemption
from bot.engine.ticking import Handler, Ticker, every
from bot.engine.tidying import Tidying
from bot.engine.timetable import Timetable
from bot.engine.views import ScanResult
from bot.engine.watching import SCAN, Watching
from bot.errors import LocksmithError
from bot.http.admission import Admission
from bot.http.answers import Answer
from bot.http.door import Door
from bot.http.health import Check
from bot.model import Actor, Directory
from bot.rounds import Rounds
from bot.slack.acting import Acting
from bot.slack.clients import Clients
from bot.slack.commands.making import Around, commanding
from bot.slack.homing import Homing
from bot.slack.listening import Hearing, Ours, dispatch, listen
from bot.slack.pacing import Pace
from bot.slack.rendering import Renderer
from bot.slack.sender import Sender
from bot.slack.submitting import Submitting
from bot.store import dues, messages
from bot.store.database import Store
from bot.store.once import admit
from bot.worker import Worker

ANCHOR, TIDY, KEEP_TIME, WATCH = "anchor", "tidy", "keep-time", "watch"
OWN = "own"
SERVER = Actor("locksmith", "serve")

_log = logging.getLogger(__name__)
_HANDS = 16  # threads that decide what was clicked
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SOON = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Parts:
    """What serving is made of; `accounts` are those that are looked at and worked on."""

    store: Store
    service: Service
    approvals: Approvals
    asker: Asker
    directory: Directory
    clients: Clients
    ours: Ours
    clock: Callable[[], datetime]
    accounts: Accounts
    database: str
    longest_exemption: timedelta = timedelta(days=365)
    people: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)  # of each enabled control
    pace: Pace = field(default_factory=Pace)
    anchoring: Anchoring | None = None
    anchor_every: timedelta | None = None
    limits: Limits = field(default_factory=Limits)
    timetable: Timetable = field(default_factory=Timetable)
    watch: WatchRules = field(default_factory=WatchRules)
    tidying: Tidying | None = None


class Desk:
    """The parts at work: what hears Slack, what answers it, what falls due, and what applies."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.stop = threading.Event()
        self.fatal: LocksmithError | None = None
        self._all_sent = threading.Event()
        self._pool = ThreadPoolExecutor(_HANDS, thread_name_prefix="hands")
        self._windows = ThreadPoolExecutor(_HANDS, thread_name_prefix="windows")
        self._sending = threading.Event()
        self.worker = Worker(parts.service, parts.accounts.ids, parts.clock)
        self.rounds = Rounds(parts.store, parts.accounts, parts.timetable, self.scan)
        self.watching = Watching(parts.store, parts.timetable, parts.accounts.ids)
        self.overview = Overview(parts.store, parts.topics)
        self.renderer = Renderer(
            parts.store,
            parts.service,
            parts.approvals,
            parts.directory,
            parts.clock,
            parts.people,
        )
        self.sender = Sender(
            parts.store,
            parts.clients.background,
            self.renderer,
            database=parts.database,
            pace=parts.pace,
        )
        self.homing = Homing(
            parts.service,
            parts.asker,
            self.overview,
            self.renderer,
            parts.clients.background,
            self._pool.submit,
        )
        #: Why owners can't be heard now, or None; whoever opens the way in says so.
        self.silent: Check = lambda: None
        self.grace_clock = GraceClock(parts.store, lambda: self.silent())
        self.app = listen(parts.ours, self._hearing(), self._pool, self._windows)
        self._threads: list[threading.Thread] = []

    def _hearing(self) -> Hearing:
        parts = self.parts
        client = parts.clients.background
        acting = Acting(
            parts.service,
            parts.asker,
            self.renderer,
            client,
            self.changed,
            parts.longest_exemption,
        )
        submitting = Submitting(
            parts.service, parts.asker, client, parts.clock, self.changed, parts.pace.modal
        )
        homing = self.homing
        commands = commanding(
            acting,
            self.overview,
            Around(
                self.look,
                self.problems,
                homing.queue_of,
            ),
        )
        return Hearing(
            tell=acting.tell,
            show=submitting.show,
            reply=commands.replying.tell,
            buttons=homing.after_buttons(commands.buttons(acting.handlers())),
            modals=homing.after_modals(submitting.handlers()),
            events=homing.handlers(),
            commands=commands.handlers(),
            shortcuts=commands.shortcuts,
            opening=acting.opening,
        )

    def changed(self) -> None:
        """Something was decided: whoever waits for it looks at once."""
        self._sending.set()
        self.worker.wake.set()

    def scan(self, account_id: str) -> None:
        """Look at an account and ask about what was found."""
        self.look(SERVER, account_id)

    def look(self, actor: Actor, account_id: str) -> ScanResult:
        """The same for someone who wants it now, with what was seen."""
        result = self.parts.service.scan(actor, _log.info, account_id)
        self.ask(result.account.id)
        return result

    def ask(self, account_id: str) -> None:
        """Ask about what nobody was asked about yet."""
        came = self.parts.asker.ask(account_id)
        for problem in came.problems:
            _log.warning("%s", problem)
        if came.asked or came.waiting:
            _log.info("Asked %d questions; %d wait.", len(came.asked), len(came.waiting))
        self.changed()

    def ticker(self) -> Ticker:
        """What does what falls due; lets every account be looked at in time."""
        parts = self.parts
        channel = parts.asker.security_channel
        reminding = Reminding(parts.asker)
        rules = RuleActing(
            parts.asker,
            parts.approvals.remediation,
            parts.limits,
            self.grace_clock,
            self.changed,
        )
        handlers: dict[str, Handler] = {
            REMIND: reminding.remind,
            ESCALATE: reminding.escalate,
            EXPIRE: reminding.expire,
            GRACE: rules.look,
            COUNT: every(parts.store, _MINUTE, self.grace_clock.count),
            TELL_FREEZE: lambda due: tell_freeze(parts.store, channel, due),
            TELL_EXEMPTION: lambda due: tell_exemption(parts.store, channel, due.subject),
            TELL_CONTAINED: lambda due: tell_contained(parts.store, channel, due.subject),
            ASK: lambda due: every(parts.store, _DAY, lambda: self.ask(due.subject))(due),
            SCAN: self.rounds.start,
            KEEP_TIME: every(parts.store, _MINUTE, self.rounds.keep_due),
            WATCH: every(parts.store, _SOON, self.watch),
            ANCHOR: every(parts.store, parts.anchor_every or _DAY, self.anchor),
            TIDY: every(parts.store, _DAY, self.tidy),
            AFTER: LookingAfter(
                parts.store,
                lambda account: parts.accounts.enter_account(account).connection,
                parts.approvals.remediation,
                parts.watch,
                self.changed,
            ).look,
        }
        self._keep_due(ANCHOR, parts.anchor_every)
        self._keep_due(TIDY, _DAY if parts.tidying else None)
        self._keep_due(COUNT, _MINUTE)
        self._keep_due(KEEP_TIME, _MINUTE)
        self._keep_due(WATCH, _SOON)
        self.rounds.keep_due()
        return Ticker(parts.store, handlers)

    def _keep_due(self, kind: str, interval: timedelta | None) -> None:
        """Let this fall due now where it doesn't yet, or never where there is no interval."""
        with self.parts.store.write() as tx:
            if interval is None:
                dues.drop_due(tx, kind, OWN)
            elif dues.get_due(tx, kind, OWN) is None:
                dues.set_due(tx, kind, OWN, tx.now)

    def watch(self) -> None:
        """Tell the security channel of accounts that are not looked at as they should be."""
        if tell_silence(self.parts.store, self.parts.asker.security_channel, self.watching.cases()):
            self.changed()

    def anchor(self) -> None:
        """Note the end of the audit log down outside the database."""
        if self.parts.anchoring is not None:
            self.parts.anchoring.anchor_all()
            self.changed()

    def tidy(self) -> None:
        """Remove what was kept long enough."""
        if self.parts.tidying is not None:
            self.parts.tidying.tidy()

    def door(self, signing_secret: str) -> Door:
        """Where Slack's requests come in over HTTP."""
        handle = dispatch(self.app)

        def answer(headers: Mapping[str, str], body: str) -> Answer:
            return Answer(*handle(headers, body))

        return Door(Admission(signing_secret, self.parts.clock), self.once, answer)

    def once(self, key: str) -> bool:
        """Whether what Slack sends is new, by its key; what it repeats is not handled again."""
        with self.parts.store.write() as tx:
            return admit(tx, key)

    def checks(self) -> Mapping[str, Check]:
        """What must be so for this process to do its work."""

        def database() -> str | None:
            try:
                with self.parts.store.read() as tx:
                    dues.next_due(tx)
            except LocksmithError as error:
                return str(error)
            return None

        def migrations() -> str | None:
            try:
                self.parts.store.check_schema()
            except LocksmithError as error:
                return str(error)
            return None

        def threads() -> str | None:
            dead = [each.name for each in self._threads if not each.is_alive()]
            return f"not running any more: {', '.join(dead)}" if dead else None

        return {"database": database, "migrations": migrations, "threads": threads}

    def problems(self) -> list[str]:
        """What is not as it must be, in sentences."""
        found = ((name, check()) for name, check in self.checks().items())
        cases = [each.sentence for each in self.watching.cases()]
        return [*(f"{name}: {problem}" for name, problem in found if problem), *cases]

    def retry(self) -> None:
        """Try again what Slack did not take: meanwhile the app may have been let in."""
        with self.parts.store.write() as tx:
            messages.try_again(tx, SERVER)
        self.changed()

    def start(self) -> None:
        """Begin to send and to apply; what Slack did not take before is tried once more."""
        self.retry()
        for name, run in (("sender", self._send), ("worker", lambda: self.worker.run(self.stop))):
            thread = threading.Thread(
                target=self._guarded, args=[name, run], name=name, daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def end(self, within: timedelta) -> bool:
        """Take no more work and finish what runs; whether all of it did in that time.

        What was decided and done last is still told, where Slack takes it at once.
        """
        until = time.monotonic() + within.total_seconds()
        self.stop.set()
        self.changed()
        hands = threading.Thread(target=self._let_go, name="last hands", daemon=True)
        hands.start()
        for thread in (hands, *self._threads[1:]):
            thread.join(max(0.0, until - time.monotonic()))
        looked = self.rounds.end(timedelta(seconds=max(0.0, until - time.monotonic())))
        self._all_sent.set()
        self.changed()
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return looked and not any(thread.is_alive() for thread in (hands, *self._threads))

    def _let_go(self) -> None:
        self._windows.shutdown()
        self._pool.shutdown()

    def _send(self) -> None:
        self.sender.run(self._all_sent, self._sending)
        if self.fatal is None:
            self.sender.run_once()

    def _guarded(self, name: str, run: Callable[[], None]) -> None:
        """A thread that breaks down ends the process, so that whoever runs it starts it anew."""
        try:
            run()
        except LocksmithError as error:
            self.give_up(error)
        except Exception as error:  # noqa: BLE001 - its message may hold what people wrote
            places = "".join(traceback.format_tb(error.__traceback__))
            _log.error("The %s broke down: %s\n%s", name, type(error).__name__, places)
            self.give_up(
                LocksmithError(
                    f"the {name} broke down: {type(error).__name__}",
                    hint="This is a bug; the log says where. Nothing that was approved is lost.",
                )
            )

    def give_up(self, error: LocksmithError) -> None:
        """This can't go on, as where Slack doesn't let us in any more: the process ends."""
        if self.fatal is None:
            self.fatal = error
        self.stop.set()
        self._all_sent.set()
        self.changed()
