"""What is about the whole of it: scan, pause, resume."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.service import Service
from bot.engine.views import ScanResult
from bot.errors import LocksmithError, RefusedError, UsageError
from bot.model import Actor
from bot.slack.blocks.answers import scan_answer, scans_answer, word
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.escape import date, say
from bot.slack.blocks.notes import frozen
from bot.slack.commands.asked import Asked, Run
from bot.slack.commands.catalogue import COMMANDS
from bot.slack.commands.parsing import nothing_more, reason_in
from bot.slack.commands.replying import Replying

#: Looks at one account for someone, and asks.
Scan = Callable[[Actor, str], ScanResult]


@dataclass(frozen=True, slots=True)
class Ruling:
    """`scan` looks at an account and asks, for someone.

    `changed` is called after writes were stopped or let go on, so that others look at once.
    """

    service: Service
    scan_for: Scan
    replying: Replying
    clock: Callable[[], datetime]
    changed: Callable[[], None]
    people: Mapping[str, str] = field(default_factory=dict)
    _scanning: threading.Lock = field(default_factory=threading.Lock)

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name."""
        return {"scan": self.scan, "pause": self.pause, "resume": self.resume}

    def scan(self, asked: Asked) -> Payload:
        """Look at the accounts now: says when it began, and then what came out."""
        accounts = self._accounts_in(asked)
        if not self._scanning.acquire(blocking=False):
            raise RefusedError("a scan that someone asked for runs already: wait for it")
        try:
            began = say(
                "Scan of {accounts} began {when}. What comes out is told here.",
                accounts=accounts[0] if len(accounts) == 1 else f"{len(accounts)} accounts",
                when=date(self.clock()),
            )
            self.replying.answer(asked.body, word(began))
            if len(accounts) == 1:
                return scan_answer(self.scan_for(asked.actor, accounts[0]))
            return self._each_of(accounts, asked.actor)
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

    def _each_of(self, accounts: Sequence[str], actor: Actor) -> Payload:
        """One that can't be looked at holds up no other."""
        results: list[ScanResult] = []
        failed: dict[str, str] = {}
        for account_id in accounts:
            try:
                results.append(self.scan_for(actor, account_id))
            except LocksmithError as error:
                failed[account_id] = str(error)
        return scans_answer(results, failed, self.service.account_names())

    def _accounts_in(self, asked: Asked) -> Sequence[str]:
        words = asked.typed.words
        if len(words) > 1:
            raise UsageError(
                "scan takes one account, or none for all",
                hint=f"It goes: {COMMANDS['scan'].usage}",
            )
        return self.service.accounts(words[0] if words else None)
