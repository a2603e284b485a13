"""Carries out what was approved, in one thread, for the account that it is signed in to."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.engine.service import Service
from bot.errors import (
    FrozenError,
    HeldError,
    LocksmithError,
    LostRaceError,
    NotLiveError,
    RefusedError,
)
from bot.model import Actor, ProposalState

WORKER = Actor("locksmith", "worker")

_log = logging.getLogger(__name__)
_LOOK = 2.0  # seconds between two looks where nobody wakes it
_FIRST_DELAY = timedelta(minutes=1)
_LONGEST_DELAY = timedelta(hours=1)


@dataclass(slots=True)
class Worker:
    """Applies approved proposals one after the other.

    What was approved elsewhere is found too, since approved means executable. A proposal whose
    account can't be reached keeps its approval and is tried again, a little later each time; no
    write is ever repeated by that, since only what was never claimed is tried.
    """

    service: Service
    account: Callable[[], str]
    clock: Callable[[], datetime]
    wake: threading.Event = field(default_factory=threading.Event)
    _delays: dict[str, timedelta] = field(default_factory=dict)
    _not_before: dict[str, datetime] = field(default_factory=dict)

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
        done = 0
        for proposal in self.service.approved(self.account()):
            if stop is not None and stop.is_set():
                break
            if self._not_before.get(proposal.id, self.clock()) > self.clock():
                continue
            if self.service.freeze() is not None:
                break
            done += self._apply(proposal.id)
        return done

    def _apply(self, proposal_id: str) -> bool:
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
        except LocksmithError as error:
            _log.warning("%s could not be carried out yet: %s", proposal_id, error)
            self._put_off(proposal_id)
            return False
        self._delays.pop(proposal_id, None)
        _log.info("%s: %s is %s", proposal_id, execution.id, execution.state)
        return execution.state is not ProposalState.APPROVED

    def _put_off(self, proposal_id: str) -> None:
        known = self._delays.get(proposal_id)
        delay = _FIRST_DELAY if known is None else min(known * 2, _LONGEST_DELAY)
        self._delays[proposal_id] = delay
        self._not_before[proposal_id] = self.clock() + delay
