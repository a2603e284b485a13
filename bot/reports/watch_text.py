"""The watch after an execution for people: whether it runs, what was seen, and what nobody sees."""

from collections.abc import Sequence

from rich.console import RenderableType

from bot.model import WatchRecord
from bot.reports.terminal import styled
from bot.reports.times import exact


def watch_lines(watch: WatchRecord | None) -> Sequence[RenderableType]:
    """Nothing where an execution isn't watched."""
    if watch is None:
        return ()
    lines: list[RenderableType] = [styled(f"  {_head(watch)}")]
    lines += [styled(f"    harm: {each}", "red") for each in watch.harm]
    if not watch.harm:
        lines += [styled(f"    no harm seen in {each}") for each in watch.looked]
    lines += [styled(f"    not known: {each}", "yellow") for each in watch.unknown]
    return [*lines, *(styled(f"    {each}", "dim") for each in watch.blind)]


def _head(watch: WatchRecord) -> str:
    if watch.ended_at is not None:
        return f"watched until {exact(watch.ended_at)}, looks: {watch.looks}; {watch.ended}"
    if watch.until is None or watch.looked_at is None:
        return "waits to be watched for harm: `locksmith serve` does the looking"
    last = f"last look {exact(watch.looked_at)}"
    return f"watched for harm until {exact(watch.until)}, {watch.looks} looks so far, {last}"
