"""`locksmith serve`: everything that runs together, from start to a clean stop."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bot.engine.grace_clock import GraceClock
from bot.engine.overview import Overview
from bot.engine.ticking import Ticker
from bot.engine.views import ScanResult
from bot.engine.watching import Watching
from bot.errors import LocksmithError
from bot.falling_due import FallingDue
from bot.http.admission import Admission
from bot.http.answers import Answer
from bot.http.door import Door
from bot.http.health import Check
from bot.model import Actor, Occasion, Severity
from bot.parts import Parts
from bot.rounds import Rounds
from bot.slack.acting import Acting
from bot.slack.commands.making import Around, commanding
from bot.slack.homing import Homing
from bot.slack.listening import Hearing, Work, dispatch, listen
from bot.slack.rendering import Renderer
from bot.slack.sender import Sender
from bot.slack.submitting import Submitting
from bot.slack.unfinished import Unfinished
from bot.store import dues, messages
from bot.store.leases import this_process
from bot.store.once import admit
from bot.worker import Worker

SERVER = Actor("locksmith", "serve")

_log = logging.getLogger(__name__)
_HANDS = 16  # threads that decide what was clicked


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
        self._unfinished = Unfinished(parts.store, this_process())
        self.hearing = self._hearing()
        self.app = listen(parts.ours, self.hearing, self._pool, self._windows, self._unfinished)
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
            deciding=acting.deciding,
            decides=commands.decides,
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
        self.ask_in_between(result.account.id)
        return result

    def ask_in_between(self, account_id: str) -> None:
        """Ask about what nobody was asked about yet, save what waits for a digest."""
        waits = Occasion.DIGESTS in self.parts.timetable.others
        self._ask(account_id, only=frozenset({Severity.CRITICAL}) if waits else None)

    def ask(self, account_id: str) -> None:
        """Ask about all that nobody was asked about yet."""
        self._ask(account_id, only=None)

    def _ask(self, account_id: str, only: frozenset[Severity] | None) -> None:
        came = self.parts.asker.ask(account_id, only)
        for problem in came.problems:
            _log.warning("%s", problem)
        if came.asked or came.waiting:
            _log.info("Asked %d questions; %d wait.", len(came.asked), len(came.waiting))
        self.changed()

    @property
    def falling_due(self) -> FallingDue:
        """What comes at times."""
        return FallingDue(
            self.parts,
            self.rounds,
            self.watching,
            self.grace_clock,
            self.ask,
            self.ask_in_between,
            self.changed,
            self.take_over,
        )

    def ticker(self) -> Ticker:
        """What does what falls due; lets every account be looked at in time."""
        return self.falling_due.ticker()

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

    def take_over(self) -> None:
        """Deal with what people did, and a process that is gone had acknowledged."""
        Work(self._pool, self._unfinished).take_over(self.hearing)

    def start(self) -> None:
        """Begin to send and to apply; what Slack did not take before is tried once more."""
        self.retry()
        self.take_over()
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
