"""The doors of a user in an incident: each way in, and whether it was seen closed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model import Account, ExecutionRecord, ProposalRecord


class DoorState(StrEnum):
    """Closed only where that was seen in AWS; what could not be looked at is unknown."""

    CLOSED = "closed"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. `until` is when an open one closes by itself, None where it does not.

    `note` says what closed it, or why it is open. Both texts are ours, with names from AWS in them.
    """

    what: str
    state: DoorState
    until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contained:
    """What came of containing a user.

    `since` is when the user was contained, None while no fence stands. `executions` are what was
    carried out now, none where everything was closed before; `proposals` go with them, in order.
    `problem` says why not everything was tried.
    """

    user: str
    account: Account
    doors: tuple[Door, ...]
    since: datetime | None = None
    executions: tuple[ExecutionRecord, ...] = ()
    proposals: tuple[ProposalRecord, ...] = ()
    problem: str = ""

    @property
    def was_already(self) -> bool:
        """Whether there was nothing left that Locksmith could close."""
        return not self.executions and not self.problem

    def count(self, state: DoorState) -> int:
        """How many doors are in that state."""
        return sum(door.state is state for door in self.doors)
