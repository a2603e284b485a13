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
    # The plans of a large account have millions of values: a loop is quicker than recursion.
    waiting: list[object] = [value]
    for one in waiting:
        if isinstance(one, str):
            if not one.isascii() and not unicodedata.is_normalized("NFC", one):
                raise PlanError(f"not in Unicode's NFC form: {one!r}")
        elif isinstance(one, dict):
            for key in one:
                if not isinstance(key, str):
                    raise PlanError(f"a JSON key must be text, not {key!r}")
            waiting += one
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        elif one is not None and not isinstance(one, int):
            raise PlanError(f"{type(one).__name__} has no canonical JSON text")
