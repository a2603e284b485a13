"""How much room rules have: the settings, what is known of now, and what a hold is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine.windows import Window
from bot.store.deeds import Deed
from bot.store.scans import ScanRecord

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What `bot.config.LimitsSettings` says; its fields tell what each of these means."""

    per_scan: int = 10
    per_hour: int = 5
    per_day: int = 10
    share_percent: float = 5
    per_hour_in_all: int = 20
    per_day_in_all: int = 50
    principal_pause: timedelta = _DAY
    canary: int = 1
    canary_wait: timedelta = _DAY
    failures: int = 1
    undone: int = 1
    breaker_time: timedelta = _DAY
    unusual_times: float = 5
    unusual_least: int = 10
    ramp: timedelta = _HOUR
    windows: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a rule would carry out now."""

    account_id: str
    control: str
    principal: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Which limit holds something up, in words, and until when; None where no time can be told.

    Everything that one limit holds up has the same `what`, so that it is told once. `since` tells
    one stop of a limit from its next; None where days do.
    """

    what: str
    why: str
    until: datetime | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What limits are judged on.

    `deeds` is what rules did, oldest first. `scans` are looks at the account, newest first.
    `confirmed` is when a person last said that this account's findings are what they should be,
    and that its breakers may close. `unusual` is when a scan of it last found far more than usual,
    `resumed` when work went on last after a freeze or an outage of everything, and `resumed_here`
    after one of this account. `by_people` are changes that people approved there lately: they count
    for the pause of a principal only.
    """

    now: datetime
    deeds: Sequence[Deed] = ()
    scans: Sequence[ScanRecord] = ()
    confirmed: datetime | None = None
    unusual: datetime | None = None
    resumed: datetime | None = None
    resumed_here: datetime | None = None
    by_people: Sequence[Deed] = ()

    def is_open(self, at: datetime) -> bool:
        """Whether nobody has confirmed the account since."""
        return self.confirmed is None or at > self.confirmed


@dataclass(frozen=True, slots=True)
class Judging:
    """One candidate and what it is judged on: `here` is what rules did in its account, `ours` what
    they did there for its control.
    """

    limits: Limits
    candidate: Candidate
    known: Known
    here: Sequence[Deed]
    ours: Sequence[Deed]

    def since(self, deeds: Sequence[Deed], span: timedelta) -> list[Deed]:
        """What was begun in this time until now."""
        return [each for each in deeds if each.started_at > self.known.now - span]
