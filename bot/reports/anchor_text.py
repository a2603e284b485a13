"""Anchors of the audit log for people: where it was noted down, and whether the log still fits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.anchor_checking import AnchorsVerdict, Judged, Standing, TargetVerdict
from bot.engine.anchoring import Noted
from bot.reports.audit_text import verdict_lines
from bot.reports.terminal import styled
from bot.reports.times import ago
from bot.reports.words import counted

_BAD = frozenset(
    {
        Standing.REWRITTEN,
        Standing.TRUNCATED,
        Standing.REMOVED,
        Standing.ALTERED,
        Standing.FORGED,
    }
)
#: Of each standing and target; the JSON document has all.
_MOST = 5


def noted_lines(noted: Sequence[Noted]) -> Sequence[RenderableType]:
    """What came of each place."""
    if not noted:
        return (Text("The log is empty: there is nothing to note down yet."),)
    return [_noted(each) for each in noted]


def _noted(each: Noted) -> Text:
    if each.placed is None:
        return styled(f"{each.target}: not noted down: {each.trouble}")
    anchor = each.placed.anchor
    said = f"{each.target}: row {anchor.seq} {anchor.hash}"
    if each.before:
        return styled(f"{said} is there already; nothing was logged since")
    return styled(f"{said}{', signed' if anchor.signature else ''}")


def anchors_lines(compared: AnchorsVerdict, now: datetime) -> Sequence[RenderableType]:
    """Whether the log is whole, and what each place says of it."""
    lines = [*verdict_lines(compared.chain)[: 2 if compared.chain.ok else None]]
    for target in compared.targets:
        lines += _target(target, compared, now)
    lines += [styled(f"  {restored}.") for restored in _explaining(compared)]
    lines += [
        styled(f"{name} has anchors and is not configured any more: it was not looked at")
        for name in compared.dropped
    ]
    if not compared.signatures:
        lines.append(Text("Signatures were not checked: no public key is configured.", "dim"))
    return lines


def _target(
    target: TargetVerdict, compared: AnchorsVerdict, now: datetime
) -> Iterator[RenderableType]:
    if target.unreachable is not None:
        yield Text(f"{target.target}: could not be read, so nothing is known", "bold yellow")
        yield styled(f"  {target.unreachable}")
        return
    counts = Counter(one.standing for one in target.judged)
    said = ", ".join(f"{n} {standing}" for standing, n in sorted(counts.items())) or "no anchors"
    style = "bold red" if counts.keys() & _BAD else "green" if target.newest else "bold yellow"
    yield Text(f"{target.target}: {said}", style)
    for standing in Standing:
        if standing is not Standing.FITS:
            yield from _each([one for one in target.judged if one.standing is standing])
    if target.newest is not None:
        since = compared.chain.head_seq - target.newest.seq
        yield Text(
            f"  The newest that fits is of row {target.newest.seq}, {ago(target.newest.at, now)}; "
            f"{counted(since, 'row')} since could be rewritten unseen.",
            "dim",
        )
    if target.others:
        said = "1 line there is" if target.others == 1 else f"{target.others} lines there are"
        yield Text(f"  {said} no anchor of this database.", "dim")


def _each(judged: Sequence[Judged]) -> Iterator[RenderableType]:
    for one in judged[:_MOST]:
        yield styled(f"  {one.standing}: row {one.anchor.seq} ({one.reference}): {one.said}")
    if len(judged) > _MOST:
        yield Text(f"  … and {len(judged) - _MOST} more {judged[0].standing}")


def _explaining(compared: AnchorsVerdict) -> Sequence[str]:
    """Restores that the log tells of, where something doesn't fit."""
    if compared.standings() & {Standing.REWRITTEN, Standing.TRUNCATED}:
        return [f"The log says, in {each}" for each in compared.restored]
    return ()
