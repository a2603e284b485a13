"""Payloads kept as files, so that a change of what people see shows in review as a diff.

`UPDATE_SNAPSHOTS=1` writes the files anew.
"""

import difflib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "snapshots"
_NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


def matches(
    name: str, payload: Any, *, folder: Path = FOLDER, environ: Mapping[str, str] = os.environ
) -> bool:
    """True when `payload` is what `<folder>/<name>.json` holds, so that it can stand in an assert.

    Raises `AssertionError` with the difference otherwise, and `ValueError` for a name that is no
    plain file name of lower-case words.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a snapshot")
    path = folder / f"{name}.json"
    # ASCII only: a file of hostile texts must not hide what it holds from an editor or a diff.
    shown = json.dumps(payload, indent=2, sort_keys=True, ensure_ascii=True) + "\n"
    if environ.get("UPDATE_SNAPSHOTS") == "1":
        folder.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
        return True
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if shown != kept:
        lines = difflib.unified_diff(
            kept.splitlines(), shown.splitlines(), f"kept {name}", f"made {name}", lineterm=""
        )
        raise AssertionError("\n".join([*lines, "UPDATE_SNAPSHOTS=1 keeps what is made now."]))
    return True


def unused(names: Iterable[str], *, folder: Path = FOLDER) -> list[str]:
    """The names of the files that none of `names` asks for: snapshots of what is gone."""
    return sorted({path.stem for path in folder.glob("*.json")} - set(names))
