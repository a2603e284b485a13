"""Carries out what was approved, in one thread, in every account one after the other."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.aws.reading import ReadFailedError
from bot.engine.grace_clock import OUTAGE
from bot.engine.service import Service
from bot.errors import (
    AwsError,
    FrozenError,
    HeldError,
    LocksmithError,
    LostRaceError,
    NotEnteredError,
    NotLiveError,
    RefusedError,
)
from bot.model import Actor, ProposalState

WORKER = Actor("locksmith", "worker")

_log = logging.getLogger(__name__)
_LOOK = 2.0  # seconds between two looks where nobody wakes it
_FIRST_DELAY = timedelta(minutes=1)
_LONGEST_DELAY = timedelta(hours=1)


def _is_denied(error: AwsError) -> bool:
    """Whether AWS answered, and said no: that is no outage."""
    return isinstance(error, ReadFailedError) and error.denied


@dataclass(slots=True)
class Worker:
    """Applies approved proposals one after the other.

    What was approved elsewhere is found too, since approved means executable. A proposal whose
    account can't be reached keeps its approval and is tried again, a little later each time; no
    write is ever repeated by that, since only what was never claimed is tried. An account that
    can't be entered is put off as a whole and comes after the others, so that it delays none.
    """

    service: Service
    accounts: Callable[[], Sequence[str]]
    clock: Callable[[], datetime]
    wake: threading.Event = field(default_factory=threading.Event)
    _delays: dict[str, timedelta] = field(default_factory=dict)
    _not_before: dict[str, datetime] = field(default_factory=dict)
    _missed_since: dict[str, datetime] = field(default_factory=dict)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; what runs then comes to its end."""
        while not stop.is_set():
            self.wake.clear()
            try:
                self.run_once(stop)
            except LocksmithError as error:
                _log.warning("Nothing is carried out now: %s", error)
            self.wake.wait(_LOOK)

    def run_once(self, stop: threading.Event | None = None) -> int:
        """Apply everything that is approved and may be tried now; how many came to an end."""
        troubled_last = sorted(self.accounts(), key=lambda each: each in self._delays)
        return sum(self._run_in(account_id, stop) for account_id in troubled_last)

    def _run_in(self, account_id: str, stop: threading.Event | None) -> int:
        """The same for one account."""
        if stop is not None and stop.is_set():
            return 0
        done = self._settle_left(account_id)
        for proposal in self.service.approved(account_id):
            if stop is not None and stop.is_set():
                break
            if self._waits(account_id):
                break
            if self._waits(proposal.id):
                continue
            if self.service.freeze() is not None:
                break
            done += self._apply(proposal.id, account_id)
        return done

    def _settle_left(self, account_id: str) -> int:
        """Find out what came of changes in whose middle a process ended; how many are settled."""
        left = f"left in {account_id}"
        if self._waits(account_id) or self._waits(left):
            return 0
        try:
            settled = self.service.settle_left(account_id, WORKER, _log.debug)
        except LocksmithError as error:
            _log.warning("What was left in account %s can't be settled yet: %s", account_id, error)
            self._put_off(left)
            return 0
        self._delays.pop(left, None)
        for execution in settled:
            _log.info("%s was left by another process: it is %s", execution.id, execution.state)
        return len(settled)

    def _waits(self, any_id: str) -> bool:
        return self._not_before.get(any_id, self.clock()) > self.clock()

    def _apply(self, proposal_id: str, account_id: str) -> bool:
        try:
            execution = self.service.apply(proposal_id, WORKER, _log.info)
        except HeldError as error:
            _log.info("%s", error)
            self._put_off(proposal_id)
            return False
        except (FrozenError, NotLiveError) as error:
            _log.info("%s waits: %s", proposal_id, error)
            return False
        except (RefusedError, LostRaceError) as error:
            _log.info("%s was not carried out: %s", proposal_id, error)
            return True
        except NotEnteredError as error:
            _log.warning("Nothing is carried out in account %s now: %s", account_id, error)
            self._put_off(account_id)
            self._miss(account_id)
            return False
        except LocksmithError as error:
            _log.warning("%s could not be carried out yet: %s", proposal_id, error)
            self._put_off(proposal_id)
            if isinstance(error, AwsError) and not _is_denied(error):
                self._miss(account_id)
            return False
        self._missed_since.pop(account_id, None)
        self._delays.pop(proposal_id, None)
        self._delays.pop(account_id, None)
        _log.info("%s: %s is %s", proposal_id, execution.id, execution.state)
        return execution.state is not ProposalState.APPROVED

    def _miss(self, account_id: str) -> None:
        """Let nothing that rules approved fire at once when a long outage of an account is over."""
        since = self._missed_since.setdefault(account_id, self.clock())
        if self.clock() - since >= OUTAGE:
            self.service.note_outage(account_id)

    def _put_off(self, any_id: str) -> None:
        """Try this proposal, or this account, again later, and later each time."""
        known = self._delays.get(any_id)
        delay = _FIRST_DELAY if known is None else min(known * 2, _LONGEST_DELAY)
        self._delays[any_id] = delay
        self._not_before[any_id] = self.clock() + delay
