"""Opaque ids with a prefix that says what they name."""

import base64
import secrets


def new_id(prefix: str) -> str:
    """A fresh id: the prefix, a dash and ten characters of lower-case base32 (50 random bits)."""
    return f"{prefix}-{base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]}"
