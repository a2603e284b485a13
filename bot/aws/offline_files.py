"""The files of an offline scan: their text and their JSON, or an error with file and place."""

import json
from pathlib import Path
from typing import Any

from bot.errors import InputError


def json_of(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises InputError."""
    return parsed(path, text_of(path))


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The JSON object in a file's text. Raises InputError with line and column."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}: line {error.lineno}, column {error.colno}: {error.msg}",
            hint="The file must be JSON, as `aws … --output json` writes it.",
        ) from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: it must hold a JSON object", hint="Export it again.")
    return data


def text_of(path: Path) -> str:
    """A file's text, in the encodings that shells write. Raises InputError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", hint="Check the file's name.") from error
    # PowerShell's redirection writes UTF-16 with a byte order mark.
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not text: {error}", hint="Export it again.") from error
