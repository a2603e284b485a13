"""IAM policy documents as frozen values: any spelling AWS accepts goes in, one shape comes out."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from bot.errors import LocksmithError
from bot.policy import wire

Effect = Literal["Allow", "Deny"]

_DOCUMENT_KEYS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_KEYS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"}
    | {"Principal", "NotPrincipal", "Condition"}
)
_VERSIONS = ("2012-10-17", "2008-10-17")
# What AWS takes a document without a Version to be (IAM User Guide, element Version).
_DEFAULT_VERSION = "2008-10-17"
_PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
# As many distinct documents as a large account has; one is a few kilobytes.
_REMEMBERED = 8192


class PolicyDocumentError(LocksmithError):
    """A policy document can't be read, so nothing is said about it. Look at it in AWS."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(
            f"The policy document of {where} can't be read: {reason}.",
            hint=f"Look at the document of {where} in AWS, or export it again.",
        )
        self.where = where
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal of a statement: `type` AWS, Service, Federated, CanonicalUser, or `*`."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key; the values are alternatives. Booleans and numbers are texts."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; an element that the document doesn't have is an empty tuple.

    `index` is its place in the document, from 0. Conditions are in the order of operator and key,
    and all of them must hold.
    """

    index: int
    sid: str
    effect: Effect
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def label(self) -> str:
        """How a person finds the statement: its Sid, or its number from 1."""
        return f"statement {self.sid!r}" if self.sid else f"statement {self.index + 1}"


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed policy document; two are equal if their JSON texts (`raw`) are.

    `raw` is the exact JSON text as it came (for a mapping: written compactly in its own order),
    so a plan can put back just what was there.
    """

    raw: str
    version: str = field(compare=False)
    id: str = field(compare=False)
    statements: tuple[Statement, ...] = field(compare=False)

    def as_json(self) -> dict[str, Any]:
        """A fresh mapping of the document, for a plan to write or to change."""
        return wire.read_object(self.raw)


class _ShapeError(ValueError):
    """The JSON isn't a policy document; the message is the reason."""


def parse_document(raw: str | Mapping[str, Any], *, where: str) -> Document:
    """The document in `raw`: a mapping, JSON text, or URL-encoded JSON text.

    `where` names the policy for people, as "inline policy p of user alice". Equal texts are parsed
    once. Keys that a mapping held twice were lost before it came here; text keeps them, and they
    are refused. Raises PolicyDocumentError.
    """
    try:
        return _parse(wire.plain_text(raw))
    except (wire.MalformedTextError, _ShapeError) as error:
        raise PolicyDocumentError(where, str(error)) from error


def canonical(document: Document) -> str:
    """Compact JSON with sorted keys: white space and the order of keys no longer matter."""
    return wire.compact(document.as_json())


def document_hash(document: Document) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


@lru_cache(maxsize=_REMEMBERED)
def _parse(text: str) -> Document:
    content = wire.read_object(text)
    _refuse_unknown_keys(content, _DOCUMENT_KEYS, "the document")
    if "Statement" not in content:
        raise _ShapeError("it has no Statement")
    listed = content["Statement"]
    items = listed if isinstance(listed, list) else [listed]
    version = _text(content, "Version", default=_DEFAULT_VERSION)
    if version not in _VERSIONS:
        raise _ShapeError(f"its Version {version!r} isn't one of {' and '.join(_VERSIONS)}")
    return Document(
        raw=text,
        version=version,
        id=_text(content, "Id"),
        statements=tuple(_statement(index, item) for index, item in enumerate(items)),
    )


def _statement(index: int, item: object) -> Statement:
    place = f"statement {index + 1}"
    if not isinstance(item, dict):
        raise _ShapeError(f"{place} isn't an object")
    _refuse_unknown_keys(item, _STATEMENT_KEYS, place)
    effect = item.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise _ShapeError(f"the Effect of {place} is neither Allow nor Deny")
    if "Action" not in item and "NotAction" not in item:
        raise _ShapeError(f"{place} has neither Action nor NotAction")
    for element in ("Action", "Resource", "Principal"):
        if element in item and f"Not{element}" in item:
            raise _ShapeError(f"{place} has both {element} and Not{element}")
    return Statement(
        index=index,
        sid=_text(item, "Sid"),
        effect="Allow" if effect == "Allow" else "Deny",
        actions=_texts(item, "Action", place),
        not_actions=_texts(item, "NotAction", place),
        resources=_texts(item, "Resource", place),
        not_resources=_texts(item, "NotResource", place),
        principals=_principals(item, "Principal", place),
        not_principals=_principals(item, "NotPrincipal", place),
        conditions=tuple(sorted(_conditions(item, place), key=lambda c: (c.operator, c.key))),
    )


def _refuse_unknown_keys(content: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    unknown = sorted(content.keys() - known)
    if unknown:
        raise _ShapeError(f"{place} has the unknown key {unknown[0]!r}")


def _text(content: Mapping[str, Any], key: str, *, default: str = "") -> str:
    value = content.get(key, default)
    if not isinstance(value, str):
        raise _ShapeError(f"{key} isn't text")
    return value


def _texts(content: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    if key not in content:
        return ()
    value = content[key]
    values = value if isinstance(value, list) else [value]
    # AWS refuses an empty list too, and `NotAction: []` would mean everything.
    if not values or not all(isinstance(one, str) and one for one in values):
        raise _ShapeError(f"{key} of {place} isn't a text or a list of texts")
    return tuple(values)


def _principals(content: Mapping[str, Any], key: str, place: str) -> tuple[Principal, ...]:
    if key not in content:
        return ()
    value = content[key]
    if value == "*":
        return (Principal("*", "*"),)
    if not isinstance(value, dict) or not value:
        raise _ShapeError(f"{key} of {place} is neither '*' nor an object")
    _refuse_unknown_keys(value, _PRINCIPAL_TYPES, f"{key} of {place}")
    return tuple(
        Principal(kind, one) for kind in value for one in _texts(value, kind, f"{key} of {place}")
    )


def _conditions(content: Mapping[str, Any], place: str) -> Iterator[Condition]:
    block = content.get("Condition", {})
    if not isinstance(block, dict):
        raise _ShapeError(f"the Condition of {place} isn't an object")
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            raise _ShapeError(f"the condition {operator!r} of {place} isn't an object")
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            yield Condition(operator, key, tuple(_scalar(one, place) for one in values))


def _scalar(value: object, place: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _ShapeError(f"a condition value of {place} isn't a text, number or boolean")
