"""`locksmith serve`: everything that runs together, from start to a clean stop."""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.approvals import Approvals
from bot.engine.asking import ASK, ESCALATE, EXPIRE, REMIND, Asker
from bot.engine.reminding import Reminding
from bot.engine.service import Service
from bot.engine.ticking import Handler, Ticker, every
from bot.errors import LocksmithError, SlackFatalError
from bot.http.admission import Admission
from bot.http.answers import Answer
from bot.http.door import Door
from bot.http.health import Check
from bot.model import Actor, Directory
from bot.slack.acting import Acting
from bot.slack.clients import Clients
from bot.slack.listening import Hearing, Ours, dispatch, listen
from bot.slack.rendering import Renderer
from bot.slack.sender import Sender
from bot.slack.submitting import Submitting
from bot.store import dues
from bot.store.database import Store
from bot.store.once import admit
from bot.worker import Worker

SCAN = "scan"
OWN = "own"
SERVER = Actor("locksmith", "serve")

_log = logging.getLogger(__name__)
_HANDS = 16  # threads that decide what was clicked
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Parts:
    """What serving is made of; `account` gives the id of the account that we are signed in to."""

    store: Store
    service: Service
    approvals: Approvals
    asker: Asker
    directory: Directory
    clients: Clients
    ours: Ours
    clock: Callable[[], datetime]
    account: Callable[[], str]
    database: str
    longest_exemption: timedelta = timedelta(days=365)
    people: Mapping[str, str] = field(default_factory=dict)


class Desk:
    """The parts at work: what hears Slack, what answers it, what falls due, and what applies."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.stop = threading.Event()
        self.fatal: SlackFatalError | None = None
        self._pool = ThreadPoolExecutor(_HANDS, thread_name_prefix="hands")
        self._sending = threading.Event()
        self.worker = Worker(parts.service, parts.account, parts.clock)
        self.renderer = Renderer(
            parts.store,
            parts.service,
            parts.approvals,
            parts.directory,
            parts.clock,
            parts.people,
        )
        self.sender = Sender(
            parts.store, parts.clients.background, self.renderer, database=parts.database
        )
        self.app = listen(parts.ours, self._hearing(), self._pool)
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
        submitting = Submitting(parts.service, parts.asker, client, parts.clock, self.changed)
        return Hearing(
            tell=acting.tell,
            show=submitting.show,
            reply=acting.tell,
            buttons=acting.handlers(),
            modals=submitting.handlers(),
        )

    def changed(self) -> None:
        """Something was decided: whoever waits for it looks at once."""
        self._sending.set()
        self.worker.wake.set()

    def scan(self) -> None:
        """Look at the account and ask about what was found."""
        result = self.parts.service.scan(SERVER, _log.info)
        self.ask(result.account.id)

    def ask(self, account_id: str) -> None:
        """Ask about what nobody was asked about yet."""
        came = self.parts.asker.ask(account_id)
        for problem in came.problems:
            _log.warning("%s", problem)
        if came.asked or came.waiting:
            _log.info("Asked %d questions; %d wait.", len(came.asked), len(came.waiting))
        self.changed()

    def ticker(self, scan_every: timedelta | None) -> Ticker:
        """What does what falls due; sets the first scan where none is due."""
        parts = self.parts
        reminding = Reminding(parts.asker)
        handlers: dict[str, Handler] = {
            REMIND: reminding.remind,
            ESCALATE: reminding.escalate,
            EXPIRE: reminding.expire,
            ASK: lambda due: every(parts.store, _DAY, lambda: self.ask(due.subject))(due),
            SCAN: every(parts.store, scan_every or _DAY, self.scan),
        }
        with parts.store.write() as tx:
            if scan_every is None:
                dues.drop_due(tx, SCAN, OWN)
            elif dues.get_due(tx, SCAN, OWN) is None:
                dues.set_due(tx, SCAN, OWN, tx.now)
        return Ticker(parts.store, handlers)

    def door(self, signing_secret: str) -> Door:
        """Where Slack's requests come in over HTTP."""
        handle = dispatch(self.app)

        def answer(headers: Mapping[str, str], body: str) -> Answer:
            return Answer(*handle(headers, body))

        def once(key: str) -> bool:
            with self.parts.store.write() as tx:
                return admit(tx, key)

        return Door(Admission(signing_secret, self.parts.clock), once, answer)

    def checks(self) -> Mapping[str, Check]:
        """What must be so for this process to do its work."""

        def database() -> str | None:
            try:
                with self.parts.store.read() as tx:
                    dues.next_due(tx)
            except LocksmithError as error:
                return str(error)
            return None

        def threads() -> str | None:
            dead = [each.name for each in self._threads if not each.is_alive()]
            return f"not running any more: {', '.join(dead)}" if dead else None

        return {"database": database, "threads": threads}

    def start(self) -> None:
        """Begin to send and to apply."""
        for name, run in (("sender", self._send), ("worker", lambda: self.worker.run(self.stop))):
            thread = threading.Thread(target=run, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def end(self, within: timedelta) -> bool:
        """Take no more work and finish what runs; whether all of it did in that time."""
        until = self.parts.clock() + within
        self.stop.set()
        self.changed()
        self._pool.shutdown(wait=False)
        for thread in self._threads:
            thread.join(max(0.0, (until - self.parts.clock()).total_seconds()))
        return not any(thread.is_alive() for thread in self._threads)

    def _send(self) -> None:
        try:
            self.sender.run(self.stop, self._sending)
        except SlackFatalError as error:
            self.give_up(error)

    def give_up(self, error: SlackFatalError) -> None:
        """Slack doesn't let us in any more: the process ends and says so."""
        self.fatal = error
        self.stop.set()
        self.worker.wake.set()
