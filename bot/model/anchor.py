"""Anchors: the end of the audit log, noted down where whoever can write the database can't."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, Self

_FORM = "anchor/1"
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Anchor:
    """Row `seq` of a database's log had the hash `hash` at a moment; nothing of it is secret.

    `key` names the public key that the signature is made for, empty where it isn't signed;
    `signature` is in base64.
    """

    database: str
    seq: int
    hash: str
    at: datetime
    key: str = ""
    signature: str = ""

    def content(self) -> bytes:
        """What is signed: everything but the signature."""
        return _text(self._data()).encode()

    def text(self) -> str:
        """The one line, ASCII, that is noted down."""
        return _text({**self._data(), "signature": self.signature})

    def signed(self, key: str, sign: "Sign") -> Self:
        """The same anchor with the signature of what names this key."""
        named = replace(self, key=key)
        return replace(named, signature=sign(named.content()))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The anchor that a line is, or None where it is none that this release knows."""
        try:
            data = json.loads(text)
            if not isinstance(data, dict) or data.pop("locksmith") != _FORM:
                return None
            made = cls(**{**data, "at": datetime.fromisoformat(data["at"]).astimezone(UTC)})
        except (ValueError, KeyError, TypeError):
            return None
        return made if made._is_plain() else None

    def _is_plain(self) -> bool:
        texts = (self.database, self.hash, self.key, self.signature)
        return (
            all(isinstance(each, str) for each in texts)
            and type(self.seq) is int
            and bool(_HASH.fullmatch(self.hash))
        )

    def _data(self) -> dict[str, str | int]:
        return {
            "locksmith": _FORM,
            "database": self.database,
            "seq": self.seq,
            "hash": self.hash,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "key": self.key,
        }


def _text(data: dict[str, str | int]) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Placed:
    """An anchor that the database remembers to have placed. `reference` is where in the target."""

    anchor: Anchor
    target: str
    reference: str


@dataclass(frozen=True, slots=True)
class Found:
    """A line that was read back from a target. `trouble` is what was done to it, else empty."""

    text: str
    reference: str
    trouble: str = ""


class Sign(Protocol):
    """Signs bytes; the signature in base64. Raises LocksmithError."""

    def __call__(self, content: bytes) -> str: ...


class Signer(Protocol):
    """Signs anchors with a private key that never leaves it. Both raise LocksmithError."""

    def sign(self, content: bytes) -> str:
        """The signature in base64."""

    def public_key(self) -> str:
        """The public key as PEM."""


class AnchorTarget(Protocol):
    """A place outside the database. Its methods raise LocksmithError where it can't be reached."""

    @property
    def name(self) -> str:
        """What rows and people call it: `s3://bucket/prefix`."""

    def place(self, anchor: Anchor) -> str:
        """Note an anchor down there, for good; returns the reference that finds it again."""

    def found(self, known: Sequence[Placed]) -> Sequence[Found]:
        """Everything that is noted there now, of any database, oldest first.

        `known` is what the database remembers to have placed there.
        """

    def may_miss(self, placed: Placed, now: datetime) -> str | None:
        """Why an anchor that isn't found need not have been removed, or None."""
