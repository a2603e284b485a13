"""Backups, upgrades and restores, for people."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from bot.engine.tidying import Tidied
from bot.reports.terminal import styled
from bot.reports.words import counted
from bot.store.checking import Contents
from bot.store.restoring import Restored
from bot.store.upgrading import Upgrade


def upgrade_lines(where: str, done: Upgrade) -> Sequence[RenderableType]:
    """What an upgrade did, and where the copy from before is."""
    if done.from_revision == done.to_revision:
        said = f"already at revision {done.to_revision}"
    else:
        said = f"from {done.from_revision or 'nothing'} to revision {done.to_revision}"
    lines = [styled(f"{where}: {said}")]
    if done.backup:
        lines.append(styled(f"The copy from before is {done.backup}"))
    return lines


def backup_lines(path: Path, contents: Contents | None = None) -> Sequence[RenderableType]:
    """Where a backup is, and until when it reaches; a dump's content isn't looked into."""
    if contents is None:
        return (
            styled(f"Dumped to {path}"),
            Text("  All tables are in it; `pg_restore` reads it back.", "dim"),
        )
    return (
        styled(f"Copied and checked: {path}"),
        Text(f"  revision {contents.revision}; {_until(contents)}", "dim"),
    )


def restore_lines(where: str, done: Restored) -> Sequence[RenderableType]:
    """What was restored, where the replaced database is, and what to do next."""
    lines: list[RenderableType] = [
        styled(f"{where} is what {done.backup.path} held: {_until(done.backup)}.")
    ]
    if done.kept:
        lines.append(styled(f"What stood there before is {done.kept}"))
    if done.unreadable:
        lines.append(styled(f"  It could not be read: {done.unreadable}"))
    if done.replaced and done.replaced.head_seq > done.backup.head_seq:
        lost = done.replaced.head_seq - done.backup.head_seq
        lines.append(styled(f"  Not in the backup: {counted(lost, 'event')} of its log."))
    lines.append(
        Text(
            "Writes to AWS are stopped. Look at what is approved (`locksmith findings`), then "
            "`locksmith resume`.",
            "bold",
        )
    )
    return lines


def tidied_lines(done: Tidied) -> Sequence[RenderableType]:
    """How much housekeeping removed."""
    gone = [
        counted(done.messages, "message"),
        counted(done.proposals, "proposal"),
        counted(done.findings, "finding"),
        counted(done.observations, "observation"),
    ]
    return (Text(f"Removed {', '.join(gone)}."),)


def _until(contents: Contents) -> str:
    if contents.newest_at is None:
        return "its log is empty"
    return f"its log ends with row {contents.head_seq}, {_moment(contents.newest_at)}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
