"""One text for one JSON value, so that equal plans have equal digests."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from bot.errors import PlanError

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical(value: Json) -> str:
    """The one compact text of `value`: sorted keys, no floats, every string in NFC.

    Raises PlanError for what has no single text: floats, non-string keys, other types.
    """
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Json) -> str:
    """SHA-256 over the canonical text, as `sha256:` and 64 hex digits."""
    return "sha256:" + hashlib.sha256(canonical(value).encode()).hexdigest()


def _check(value: Json) -> None:
    match value:
        case None | bool() | int():
            return
        case str():
            if not value.isascii() and not unicodedata.is_normalized("NFC", value):
                raise PlanError(f"not in Unicode's NFC form: {value!r}")
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str):
                    raise PlanError(f"a JSON key must be text, not {key!r}")
                _check(key)
                _check(inner)
        case list() | tuple():
            for inner in value:
                _check(inner)
        case _:
            raise PlanError(f"{type(value).__name__} has no canonical JSON text")
