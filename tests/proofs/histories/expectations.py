"""Whether a plan's expectations hold, by a reading of our own of the plan's JSON as it is stored.

It shares no code with the engine: what AWS shows goes in as botocore gives it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jmespath

Expectation = Mapping[str, Any]


def fits(expectation: Expectation, answer: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether an answer is as expected; None where there is no such thing."""
    found = None if answer is None else jmespath.search(expectation["path"], _plain(answer))
    wanted = expectation["value"]
    match expectation["operator"]:
        case "equals":
            return type(found) is type(wanted) and bool(found == wanted)
        case "absent":
            return found in (None, [], {}, "")
        case "present":
            return found not in (None, [], {}, "")
        case "older_than":
            return found == "never" or _is_older(found, wanted, now)
        case "newer_than":
            return isinstance(found, str) and not _is_older(found, wanted, now)
    raise ValueError(f"unknown operator: {expectation['operator']}")


def _is_older(found: Any, days: int, now: datetime) -> bool:
    return isinstance(found, str) and now - datetime.fromisoformat(found) > timedelta(days=days)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
