"""What Locksmith does by itself about a finding."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_TEXT = re.compile(r"(\d{1,4}) ?(?:(d|h)|(working days?))", re.ASCII)
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


class RemediationMode(StrEnum):
    """What happens about a finding without anyone asking for it.

    off      it is remembered and reported, and nobody is told
    notify   its owner is told once, and nobody is asked
    ask      its owner is asked, and nothing happens without a yes
    auto     its owner is told first; what nobody objects to in the grace period is done
    """

    OFF = "off"
    NOTIFY = "notify"
    ASK = "ask"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Grace:
    """A span from the moment at which the owner was told: working days of theirs, or plain time."""

    time: timedelta = timedelta()
    working_days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Grace":
        """From `5 working days`, `7d` or `12h`. Raises ValueError for anything else."""
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            raise ValueError("must be like 5 working days, 7d or 12h")
        count = int(found[1])
        if found[3]:
            return cls(working_days=count)
        return cls(time=count * _UNITS[found[2]])

    def __str__(self) -> str:
        if self.working_days:
            return f"{self.working_days} working day{'s' if self.working_days != 1 else ''}"
        hours = int(self.time.total_seconds() // 3600)
        return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"


@dataclass(frozen=True, slots=True)
class GraceRecord:
    """One proposal that a rule will carry out.

    `rule` is the rule's name as an actor, which carries the beginning of its digest, and `span`
    how long its grace is, like `5 working days`, for people in `zone`. `told_at` is None until the
    message has reached someone; the grace ends at `until`.
    `stopped` says why the rule won't act after all; empty while it will.
    """

    proposal_id: str
    rule: str
    begun_at: datetime
    span: str
    told_at: datetime | None = None
    until: datetime | None = None
    zone: str | None = None
    stopped: str = ""
