"""Cuts a listing into pages as IAM does: MaxItems, an opaque Marker, IsTruncated.

https://docs.aws.amazon.com/IAM/latest/UserGuide/programming.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from moto.iam.exceptions import ValidationError

_T = TypeVar("_T")
DEFAULT_PAGE = 100
LARGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[_T]):
    """One page of a listing; `marker` is None on the last."""

    items: Sequence[_T]
    marker: str | None


def page(items: Sequence[_T], *, marker: str | None, max_items: int | None, scope: str) -> Page[_T]:
    """The page that `marker` asks for; `scope` is what the marker is good for.

    Raises ValidationError for a marker that this listing didn't hand out or a size out of range.
    """
    size = DEFAULT_PAGE if max_items is None else max_items
    if not 1 <= size <= LARGEST_PAGE:
        bound = (
            "less than or equal to 1000" if size > LARGEST_PAGE else "greater than or equal to 1"
        )
        raise ValidationError(
            f"1 validation error detected: Value '{size}' at 'maxItems' failed to satisfy "
            f"constraint: Member must have value {bound}"
        )
    start = _offset(marker, scope) if marker else 0
    end = start + size
    return Page(items[start:end], _marker(end, scope) if end < len(items) else None)


def _marker(offset: int, scope: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([scope, offset]).encode()).decode()


def _offset(marker: str, scope: str) -> int:
    try:
        given_scope, offset = json.loads(base64.urlsafe_b64decode(marker.encode()))
    except (ValueError, binascii.Error) as error:
        raise ValidationError("Invalid Marker.") from error
    if given_scope != scope:
        if scope.startswith("GetAccountAuthorizationDetails"):
            raise ValidationError("Marker and Filter do not match")
        raise ValidationError("Invalid Marker.")
    return int(offset)
