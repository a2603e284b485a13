"""Backups of a SQLite database: new files, checked before they count, the newest few kept."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import StoreError
from bot.store.checking import Contents, check
from bot.store.copying import copy_pages, put_in_place, refuse_existing, unfinished

_STAMP = "%Y%m%dT%H%M%SZ"
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class BackupRules:
    """Which copies are made by themselves, where (None: beside the database), how many are kept."""

    before_upgrade: bool = True
    folder: Path | None = None
    keep: int = 5


def back_up(path: Path, target: Path | None, rules: BackupRules, now: datetime) -> Contents:
    """Copy a SQLite database to a new file, or into a folder, while other processes write.

    A copy that isn't whole is no backup: it is removed, and StoreError raised. Raises
    RefusedError where the file is there already.
    """
    if not path.exists():
        raise StoreError(f"there is no database {path} yet", hint="Nothing was written.")
    return _copied(path, place_of(path, target, rules, now, "db"))


def place_of(
    database: Path, target: Path | None, rules: BackupRules, now: datetime, ending: str
) -> Path:
    """Where a backup goes: the file named, or a file named after the time in a folder."""
    if target is not None and not target.is_dir():
        return target
    folder = target or rules.folder or database.parent
    return folder / f"{database.stem}-{stamp(now)}.{ending}"


def back_up_before_upgrade(
    path: Path, revision: str, rules: BackupRules, now: datetime
) -> Path | None:
    """The copy that is made before a migration, where the rules want one.

    Only once it is checked, older ones than the newest few are removed. Raises StoreError.
    """
    if not rules.before_upgrade:
        return None
    folder = rules.folder or path.parent
    made = _copied(
        path, _free(folder / f"{path.name}.{stamp(now)}.before-upgrade-of-{revision}")
    ).path
    for old in _automatic(path, folder)[: -rules.keep]:
        old.unlink()
    return made


def _copied(source: Path, target: Path) -> Contents:
    refuse_existing(target)
    with unfinished(target) as partial:
        copy_pages(source, partial)
        contents = check(partial)
        put_in_place(partial, target)
    return replace(contents, path=target)


def _free(target: Path) -> Path:
    """The name, or the first one like it that is free."""
    names = (target, *(target.with_name(f"{target.name}.{n}") for n in range(2, _MOST)))
    return next((name for name in names if not name.exists()), target)


def _automatic(path: Path, folder: Path) -> list[Path]:
    """The copies that were made of this database by themselves, oldest first."""
    name = re.compile(
        rf"{re.escape(path.name)}\.(\d{{8}}T\d{{6}}Z)\.before-upgrade-of-\w+?(?:\.(\d+))?"
    )
    found = [(match, each) for each in folder.iterdir() if (match := name.fullmatch(each.name))]
    return [each for _, each in sorted(found, key=lambda one: (one[0][1], int(one[0][2] or 1)))]


def stamp(now: datetime) -> str:
    """A moment as file names have it: 20261124T120000Z."""
    return now.astimezone(UTC).strftime(_STAMP)
