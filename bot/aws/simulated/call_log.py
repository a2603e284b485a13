"""What the simulated cloud saw: every call counted, every write kept, without secrets."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

_READS = ("Get", "List", "Describe", "Generate", "Head", "Lookup", "Simulate", "Assume")
_SECRET_FIELDS = (
    "Password",
    "OldPassword",
    "NewPassword",
    "AuthenticationCode1",
    "AuthenticationCode2",
    "SecretString",
)
#: Account Management names its operations so: https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html
_NAMED_BY_PATH = re.compile(r"/([a-z]+[A-Z][A-Za-z]+)")
HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it came over the wire; `params` has AWS's parameter names, secrets hidden."""

    service: str
    operation: str
    params: dict[str, Any]

    @property
    def is_write(self) -> bool:
        """Whether the call is one that changes the account."""
        return not self.operation.startswith(_READS)


@dataclass(slots=True)
class LoggedCall:
    """One write that reached the cloud.

    `outcome` is `answered`, `dropped before`, `dropped after`, `throttled` or `refused`;
    `applied` says whether the account may have changed: the call got to it and it didn't refuse.
    """

    number: int
    at: str
    service: str
    operation: str
    params: dict[str, Any]
    outcome: str = "answered"
    status: int | None = None
    applied: bool = False
    request_id: str | None = None


@dataclass(slots=True)
class CallLog:
    """Counts and writes since the start or the last `clear`. Safe to use from many threads."""

    _counts: Counter[str] = field(default_factory=Counter)
    _writes: list[LoggedCall] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, request: Request, at: datetime) -> LoggedCall:
        """Count a call; the entry to complete once its outcome is known, kept for a write."""
        with self._lock:
            self._counts[f"{request.service}:{request.operation}"] += 1
            entry = LoggedCall(
                number=self._counts.total(),
                at=at.isoformat(),
                service=request.service,
                operation=request.operation,
                params=request.params,
            )
            if request.is_write:
                self._writes.append(entry)
        return entry

    def clear(self) -> None:
        """Forget everything counted and kept."""
        with self._lock:
            self._counts.clear()
            self._writes.clear()

    @property
    def counts(self) -> dict[str, int]:
        """Operation (`iam:ListUsers`) to number of calls, sorted by name."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    @property
    def writes(self) -> list[LoggedCall]:
        """The writes in the order they came."""
        with self._lock:
            return list(self._writes)

    def as_json(self) -> dict[str, Any]:
        """Counts and writes, ready for JSON."""
        return {"counts": self.counts, "writes": [asdict(entry) for entry in self.writes]}


def read_request(service: str, target: str, method: str, path: str, body: bytes) -> Request:
    """The operation and parameters of a call in AWS's query, JSON or REST protocol."""
    if target:
        return Request(service, target.rpartition(".")[2], _without_secrets(_json(body)))
    text = body.decode("utf-8", "replace")
    fields = dict(parse_qsl(text, keep_blank_values=True))
    operation = fields.pop("Action", "")
    if operation:
        fields.pop("Version", None)
        return Request(service, operation, _without_secrets(fields))
    named = _NAMED_BY_PATH.fullmatch(path)
    if method == "POST" and named:
        word = named[1]
        return Request(service, word[0].upper() + word[1:], _without_secrets(_json(body)))
    verb = "Get" if method in ("GET", "HEAD") else method.capitalize()
    return Request(service, f"{verb} {path}", {})


def _json(body: bytes) -> dict[str, Any]:
    parsed = json.loads(body or b"{}")
    return parsed if isinstance(parsed, dict) else {}


def _without_secrets(params: dict[str, Any]) -> dict[str, Any]:
    return {key: HIDDEN if key in _SECRET_FIELDS else value for key, value in params.items()}
