"""Policy documents as AWS sends them: JSON text or URL-encoded JSON text, read strictly."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import unquote


class MalformedTextError(ValueError):
    """The text isn't one strict JSON object; the message is the reason, without a place."""


def plain_text(raw: str | Mapping[str, Any]) -> str:
    """The JSON text behind a document: decoded if URL-encoded (RFC 3986), written if a mapping.

    A JSON object starts with a brace and RFC 3986 encodes braces, so the two can't be confused.
    Raises MalformedTextError.
    """
    if isinstance(raw, str):
        if raw.lstrip().startswith("{"):
            return raw
        try:
            return unquote(raw, errors="strict")
        except UnicodeDecodeError as error:
            raise MalformedTextError("it is URL-encoded, but not as UTF-8") from error
    if not isinstance(raw, Mapping):
        raise MalformedTextError(f"it is of the type {type(raw).__name__}, not text or an object")
    try:
        return json.dumps(raw, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedTextError(f"it holds what JSON can't: {error}") from error


def read_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`; duplicate keys, NaN and infinities are refused.

    Duplicates matter: `{"Effect":"Deny","Effect":"Allow"}` would silently become an Allow.
    Raises MalformedTextError.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except MalformedTextError:
        raise
    except RecursionError as error:
        raise MalformedTextError("it is nested too deeply") from error
    except ValueError as error:
        raise MalformedTextError(f"it isn't JSON: {error}") from error
    if not isinstance(value, dict):
        raise MalformedTextError("it isn't a JSON object")
    return value


def compact(value: Mapping[str, Any]) -> str:
    """Compact JSON with sorted keys, in ASCII: one text for one value."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)


def document_size(raw: str | Mapping[str, Any]) -> int:
    """The size of a document in characters, as AWS's quotas count it: without white space.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    Raises MalformedTextError.
    """
    return sum(not character.isspace() for character in plain_text(raw))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise MalformedTextError(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedTextError(f"{name} isn't a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise MalformedTextError(f"{text} isn't a finite number")
    return number
