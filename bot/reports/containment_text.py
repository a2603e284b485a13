"""What came of containing a user, for people: each door, and how it is undone."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.doors import Contained, Door, DoorState
from bot.reports.terminal import safe, styled
from bot.reports.times import told

_STYLE = {DoorState.CLOSED: "green", DoorState.OPEN: "bold red", DoorState.UNKNOWN: "yellow"}
_WIDTH = max(map(len, DoorState))


def containment_lines(contained: Contained, now: datetime) -> Sequence[RenderableType]:
    """The open doors first. Never says that someone is contained while one is open."""
    head = f"{contained.user} in account {contained.account.id}: {_state(contained)}"
    return [styled(head, "bold"), *_remarks(contained, now), *_doors(contained, now)]


def _state(contained: Contained) -> str:
    every = len(contained.doors)
    if contained.count(DoorState.CLOSED) == every:
        return "every door is closed"
    counts = [(contained.count(state), state) for state in (DoorState.OPEN, DoorState.UNKNOWN)]
    return ", ".join(f"{count} of {every} doors {state}" for count, state in counts if count)


def _remarks(contained: Contained, now: datetime) -> Iterator[RenderableType]:
    if contained.was_already and contained.since is not None:
        yield Text(f"  contained already since {told(contained.since, now)}; nothing was changed")
    if contained.problem:
        yield styled(f"  not all of it was done: {contained.problem}", "bold red")


def _doors(contained: Contained, now: datetime) -> Iterator[RenderableType]:
    order = (DoorState.OPEN, DoorState.UNKNOWN, DoorState.CLOSED)
    for door in sorted(contained.doors, key=lambda each: order.index(each.state)):
        yield _door(door, now)
    for execution in contained.executions:
        yield Text(f"`locksmith undo {execution.id}` takes it back; two people must approve that.")


def _door(door: Door, now: datetime) -> Text:
    until = f" until {told(door.until, now)}" if door.until else ""
    note = f": {door.note}" if door.note else ""
    return Text.assemble(
        "  ", (f"{door.state.value:{_WIDTH}}", _STYLE[door.state]),
        f"  {safe(door.what)}{until}{safe(note)}",
    )  # fmt: skip
