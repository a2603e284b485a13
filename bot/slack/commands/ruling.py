"""What is about the whole of it: scan, pause, resume."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.service import Service
from bot.engine.views import ScanResult
from bot.errors import RefusedError, UsageError
from bot.model import Actor
from bot.slack.blocks.answers import scan_answer, word
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.escape import date, say
from bot.slack.blocks.notes import frozen
from bot.slack.commands.asked import Asked, Run
from bot.slack.commands.catalogue import COMMANDS
from bot.slack.commands.parsing import nothing_more, reason_in
from bot.slack.commands.replying import Replying

Scan = Callable[[Actor], ScanResult]


@dataclass(frozen=True, slots=True)
class Ruling:
    """`scan` looks and asks for someone; `account` is the id of the one that it looks at.

    `changed` is called after writes were stopped or let go on, so that others look at once.
    """

    service: Service
    scan_for: Scan
    account: Callable[[], str]
    replying: Replying
    clock: Callable[[], datetime]
    changed: Callable[[], None]
    people: Mapping[str, str] = field(default_factory=dict)
    _scanning: threading.Lock = field(default_factory=threading.Lock)

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name."""
        return {"scan": self.scan, "pause": self.pause, "resume": self.resume}

    def scan(self, asked: Asked) -> Payload:
        """Look at the account now: says when it began, and then what came out."""
        account = self._account_in(asked)
        if not self._scanning.acquire(blocking=False):
            raise RefusedError("a scan that someone asked for runs already: wait for it")
        try:
            began = say(
                "Scan of {account} began {when}. What comes out is told here.",
                account=account,
                when=date(self.clock()),
            )
            self.replying.answer(asked.body, word(began))
            return scan_answer(self.scan_for(asked.actor))
        finally:
            self._scanning.release()

    def pause(self, asked: Asked) -> Payload:
        """Stop every write at once, also half way through a plan."""
        freeze = self.service.pause(reason_in(asked.typed.rest), asked.actor)
        self.changed()
        return frozen(freeze, self.people)

    def resume(self, asked: Asked) -> Payload:
        """Let writes go on."""
        nothing_more(asked.typed)
        freeze = self.service.resume(asked.actor)
        self.changed()
        return frozen(freeze, self.people)

    def _account_in(self, asked: Asked) -> str:
        ours, words = self.account(), asked.typed.words
        if words not in ((), (ours,)):
            raise UsageError(
                f"this Locksmith looks at account {ours} alone",
                hint=f"It goes: {COMMANDS['scan'].usage}",
            )
        return ours
