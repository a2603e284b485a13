"""Settles what became of a write by looking until the picture is clear, or patience ends."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.engine.looking import Look, Read, Seen, same
from bot.errors import ConfigError, LocksmithError
from bot.model import Outcome, Step


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """How long to look: `reads` equal good looks in a row, `interval` seconds apart.

    `patience` is how many seconds a look goes on at most; IAM's readers lag behind its writers.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    """

    reads: int = 2
    interval: float = 5.0
    patience: float = 90.0

    def __post_init__(self) -> None:
        if self.reads < 1 or self.interval < 0 or self.patience < 0:
            raise ConfigError(
                "verification needs at least one read, and no negative interval or patience"
            )

    @property
    def looks(self) -> int:
        """How many looks there are at most."""
        waits = math.ceil(self.patience / self.interval) if self.interval > 0 else 0
        return max(self.reads, 1 + waits)


@dataclass(frozen=True, slots=True)
class Settled:
    """What looking says of a step, and why where it does not hold.

    `seen` is whether AWS could be looked at, at least the last time.
    """

    outcome: Outcome
    why: str = ""
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Verifier:
    """Looks at AWS again and again. `pulse` is called before each further look: still here."""

    read: Read
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    settings: VerifySettings
    pulse: Callable[[], None]

    def briefly(self) -> "Verifier":
        """The same with just as many looks as make a picture."""
        patience = self.settings.interval * (self.settings.reads - 1)
        return replace(self, settings=replace(self.settings, patience=patience))

    def settle(self, step: Step, *, answered: bool = False) -> Settled:
        """HOLDS once `after` was seen enough times in a row, else what all the looks amount to.

        NOT_APPLIED where every single look showed the state from before; UNKNOWN otherwise, and
        always where AWS had `answered` with success: then its readers may only be late.
        """
        before = step.changes() or step.before
        untouched = True
        streak: list[tuple[Seen, ...]] = []
        why, could_look = "", True
        for number in range(self.settings.looks):
            if number:
                self.sleep(self.settings.interval)
                self.pulse()
            look = Look(self.read)
            try:
                after = look.at(step.after, self.clock())
                untouched = untouched and _all_hold(look.at(before, self.clock()))
            except LocksmithError as error:
                untouched, streak, could_look = False, [], False
                why = f"AWS could not be looked at: {error}"
                continue
            could_look = True
            if not _all_hold(after):
                streak, why = [], _said(after)
                continue
            untouched = False
            streak = [*streak, after] if streak and _equal(streak[-1], after) else [after]
            if len(streak) >= self.settings.reads:
                return Settled(Outcome.HOLDS)
            why = "the effect was seen, but not steadily"
        if untouched and not answered:
            return Settled(Outcome.NOT_APPLIED, f"everything is as it was before: {why}")
        return Settled(Outcome.UNKNOWN, why, could_look)


def _all_hold(seen: Sequence[Seen]) -> bool:
    return all(one.holds for one in seen)


def _equal(one: Sequence[Seen], other: Sequence[Seen]) -> bool:
    return all(same(a.value, b.value) for a, b in zip(one, other, strict=True))


def _said(seen: Sequence[Seen]) -> str:
    return "; ".join(one.said for one in seen if not one.holds)
