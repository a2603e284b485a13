"""Opaque ids with a prefix that says what they name."""

import base64
import difflib
import secrets
from collections.abc import Iterable


def new_id(prefix: str) -> str:
    """A fresh id: the prefix, a dash and ten characters of lower-case base32 (50 random bits)."""
    return f"{prefix}-{base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]}"


def nearest(wrong: str, known: Iterable[str]) -> str:
    """A hint that names ids like this one, or how to see them all."""
    close = difflib.get_close_matches(wrong, list(known), n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return "`locksmith findings` and `locksmith executions` list the ids there are."
