"""A firm with an account, a chat workspace, people of many standings, and Locksmith at work.

Everything of Locksmith's is the real thing, put together as `bot.main` and `bot.serving` do it, on
a database file in memory. AWS and the workspace are answered in this process.
"""

import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from bot import registry
from bot.engine.announcing import TELL_FREEZE
from bot.engine.approvals import Approvals
from bot.engine.asking import ESCALATE, EXPIRE, GRACE, REMIND, Asker, AskingRules
from bot.engine.cards import ASK, TELL_EXEMPTION
from bot.engine.claimants import Claimants
from bot.engine.core import Confirming
from bot.engine.entering import Aws
from bot.engine.executor import Executor, VerifySettings
from bot.engine.foreseeing import Unattended
from bot.engine.grace_clock import COUNT, GraceClock
from bot.engine.guardrails import Guardrails
from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.people import People
from bot.engine.protecting import Guard
from bot.engine.rechecking import recheck
from bot.engine.reminding import Reminding
from bot.engine.rule_acting import RuleActing
from bot.engine.rules import built_in
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.engine.standing import Standings
from bot.engine.ticking import Ticker
from bot.model import OwnerSource, Protection, Severity
from bot.store import dues, engines, marks, messages
from bot.store.database import Store, Transaction, open_store
from bot.worker import Worker
from tests.conftest import NOON, StandingClock
from tests.proofs.histories.quick_account import ACCOUNT_ID, QuickAccount
from tests.proofs.histories.quick_answers import OWN_ARN
from tests.proofs.histories.quick_wire import Killed, Wire, line
from tests.proofs.histories.staff import CHANNEL, PERSON_OF, SECURITY, workspace
from tests.proofs.histories.words import Words

CONTROLS = ("unused-access-key", "inactive-access-key", "policy-attached-to-user")
BREAK_GLASS = f"arn:aws:iam::{ACCOUNT_ID}:user/glass"


class MortalStore(Store):
    """The store as one process has it: once that has ended, it neither reads nor writes."""

    dead = False

    @contextlib.contextmanager
    def read(self) -> Iterator[Transaction]:
        """As ever, while the process lives."""
        self._alive()
        with super().read() as tx:
            yield tx

    @contextlib.contextmanager
    def write(self) -> Iterator[Transaction]:
        """As ever, while the process lives."""
        self._alive()
        with super().write() as tx:
            yield tx

    def _alive(self) -> None:
        if self.dead:
            raise Killed


@dataclass
class Process:
    """One process that serves: what people and time reach Locksmith through."""

    store: MortalStore
    executor: Executor
    service: Service
    asker: Asker
    approvals: Approvals
    ticker: Ticker
    grace_clock: GraceClock
    worker: Worker


class Firm:
    """The firm. `yield_point` is told every place where something could come in between.

    `witness` is told of every write before the account changes. `running` is the process that is
    at work, and `holder` how it is named in leases.
    """

    def __init__(self) -> None:
        self.clock = StandingClock(NOON)
        self.path = folder() / "firm.db"
        self.stop_file = self.path.with_name("STOP")
        self.stop_file.unlink(missing_ok=True)
        self.account = QuickAccount(self.clock)
        self.words = Words()
        self.yield_point: Callable[[str, str], None] = lambda _process, _label: None
        self.running = ""
        self.wire = Wire(self.account, lambda _entry: None, self.kill)
        self.directory = workspace()
        self.silent: str | None = None
        self._processes: dict[str, Process] = {}
        self._started: Counter[str] = Counter()
        line().wire = self.wire

    @contextlib.contextmanager
    def at_work(self, name: str = "one") -> Iterator[Process]:
        """A process at work; it is started when it is first needed, or anew after its end."""
        if name not in self._processes:
            self._processes[name] = self._start(name)
        before, self.running = self.running, name
        try:
            yield self._processes[name]
        finally:
            self.running = before

    @property
    def holder(self) -> str:
        """How the process at work is named in leases."""
        return self._processes[self.running].executor.ports.holder

    def kill(self) -> None:
        """The process at work ends at once: nothing of it reaches the database any more."""
        self._processes.pop(self.running).store.dead = True
        raise Killed

    def take(self, database: Path) -> None:
        """Let this be the database from now on."""
        _engine(self.path).dispose()
        shutil.copy(database, self.path)

    def configure(self, words: Words) -> None:
        """The configuration says something else, and every process is started anew."""
        self.words = words
        self._processes.clear()

    def deliver(self) -> None:
        """The workspace shows everyone what they are to be told."""
        with self.at_work() as one, one.store.write() as tx:
            for each in messages.untold(tx):
                messages.posted(tx, each.id, each.recipient, f"1.{each.id}", each.wanted, "")

    def pass_time(self, span: timedelta, *, awake: bool = True) -> None:
        """Time goes by, and what fell due is done; all the time a process ran, or none did."""
        with self.at_work() as one:
            if awake:
                one.grace_clock.count()
            begun, self.clock.now = self.clock.now, self.clock.now + span
            with one.store.write() as tx:
                if awake and marks.get_mark(tx, "grace-clock") == begun:  # it went on counting
                    marks.set_mark(tx, "grace-clock", tx.now - timedelta(minutes=1))
            one.grace_clock.count()
            one.ticker.tick()

    def _start(self, name: str) -> Process:
        words, connection = self.words, line().connection
        engine = _engine(self.path)
        self._started[name] += 1
        store = MortalStore(engine, engine.url, self.clock, None, self.stop_file)
        owner_rules = OwnerRules(
            (OwnerSource.HANDED_OVER, OwnerSource.TAGS), ("owner",), {}, {}, None
        )
        owners = Owners(self.directory, owner_rules, CHANNEL, frozenset({"example.com"}))
        approvals = Approvals(
            People(PERSON_OF),
            rules=built_in(2),
            alone=False,
            strict=words.strict,
            subject_may_approve=words.subject_may_approve,
            anyone_resumes=words.anyone_resumes,
            remediation=words.remediation,
        )
        made: list[Service] = []
        standings = Standings(
            self.directory,
            owners,
            (SECURITY,),
            tag_holds=lambda proposal, claim: made[0].tag_holds(proposal, claim),
            trusted_word=lambda proposal: made[0].trusted_word(proposal),
            arn_of=lambda proposal: made[0].identity(proposal),
            person=approvals.people.person,
            strict=words.strict,
        )
        protection = Protection((BREAK_GLASS,), words.protected, (OWN_ARN,))
        executor = Executor(
            store,
            connection,
            self.clock,
            lambda seconds: self.clock.pass_time(seconds=seconds),
            Guardrails(Guard(protection), words.limits, CHANNEL),
            approvals.authorise,
            VerifySettings(reads=2, interval=5, patience=30),
            f"firm/1/{name}-{self._started[name]}",
            yield_point=lambda label: self.yield_point(name, label),
            recheck=recheck(standings, approvals, lambda _said: None),
        )
        scanner = Scanner(
            store, _controls(), ScanSettings(), Guard.on, self.clock, Claimants(owner_rules)
        )
        service = Service(
            store,
            lambda: Aws(connection, protection, executor),
            scanner,
            approvals,
            self.clock,
            Confirming(standings, second_person=Severity.MEDIUM),
            Unattended(words.limits),
        )
        made.append(service)
        asker = Asker(
            store,
            owners,
            self.directory,
            AskingRules(few=100, per_day=100),
            CHANNEL,
            service.owner_approves,
            words.remediation,
        )
        grace_clock = GraceClock(store, lambda: self.silent)
        ticker = self._ticker(store, asker, grace_clock)
        worker = Worker(service, lambda: (ACCOUNT_ID,), self.clock)
        return Process(store, executor, service, asker, approvals, ticker, grace_clock, worker)

    def _ticker(self, store: Store, asker: Asker, grace_clock: GraceClock) -> Ticker:
        reminding = Reminding(asker)
        acting = RuleActing(asker, self.words.remediation, self.words.limits, grace_clock)

        def taken(due: dues.Due) -> bool:
            with store.write() as tx:
                return dues.take(tx, due)

        return Ticker(
            store,
            {
                REMIND: reminding.remind,
                ESCALATE: reminding.escalate,
                EXPIRE: reminding.expire,
                GRACE: acting.look,
                ASK: taken,
                COUNT: taken,
                TELL_FREEZE: taken,
                TELL_EXEMPTION: taken,
                "after-change": taken,
            },
        )


@cache
def _controls() -> tuple[registry.Enabled, ...]:
    off = {name: {"enabled": False} for name in registry.discover() if name not in CONTROLS}
    return tuple(registry.controls(off))


@cache
def folder() -> Path:
    """Where this process keeps its databases: in memory, if the machine has that."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a new folder in it
    made = tempfile.TemporaryDirectory(prefix="locksmith-firm-", dir=memory)
    _kept.append(made)
    path = Path(made.name) / "template.db"
    open_store(f"sqlite:///{path}", clock=StandingClock()).close()
    return path.parent


_kept: list[tempfile.TemporaryDirectory[str]] = []


@cache
def _engine(path: Path) -> Engine:
    """As the product makes it, but for the pool: opening a connection takes longer than its work.

    One engine serves all histories, so that what SQLAlchemy learned goes on to be of use.
    """
    engine = create_engine(f"sqlite:///{path}", poolclass=QueuePool, hide_parameters=True)
    event.listen(engine, "connect", engines._prepare_sqlite)
    event.listen(engine, "begin", engines._begin_sqlite)
    return engine
