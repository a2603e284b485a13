"""Troubles on order: lost requests, lost answers, throttling, errors and delays, for tests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal["drop_before", "drop_after", "throttle", "error", "delay"]

# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the operations' pages
_STATUS = {
    "AccessDenied": 403,
    "ConcurrentModification": 409,
    "DeleteConflict": 409,
    "EntityAlreadyExists": 409,
    "EntityTemporarilyUnmodifiable": 409,
    "ExpiredToken": 403,
    "InternalFailure": 500,
    "InternalServiceError": 500,
    "InvalidClientTokenId": 403,
    "LimitExceeded": 409,
    "NoSuchEntity": 404,
    "ServiceFailure": 500,
    "ServiceUnavailable": 503,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble, for calls `nth` to `nth + times - 1` of an operation after it was ordered.

    `operation` is `iam:UpdateAccessKey` or a bare `UpdateAccessKey`; `*` is any. `drop_before`
    closes the connection without applying the call, `drop_after` applies it and closes without an
    answer, `throttle` answers as AWS does, `error` answers `code` with `message`, `delay` waits
    `seconds`. `times` None means every call from the nth on.
    """

    operation: str
    kind: FaultKind
    nth: int = 1
    times: int | None = 1
    code: str = ""
    seconds: float = 0.0
    message: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            known = ", ".join(get_args(FaultKind))
            raise ValueError(f"{self.kind!r} is no fault; known are {known}")
        if self.nth < 1 or (self.times is not None and self.times < 1):
            raise ValueError("a fault's nth and times count from 1")
        if self.kind == "error" and not self.code:
            raise ValueError("an error fault needs the code to answer, such as error:AccessDenied")
        if self.kind == "delay" and self.seconds <= 0:
            raise ValueError("a delay fault needs its seconds, such as delay:2.5")

    def concerns(self, service: str, operation: str) -> bool:
        """Whether a call of that operation is one this fault counts."""
        return self.operation in ("*", operation, f"{service}:{operation}")


def parse_fault(operation: str, what: str, *, nth: int = 1, times: int | None = 1) -> Fault:
    """A fault from its short form: `drop_after`, `throttle`, `error:AccessDenied`, `delay:2.5`.

    AWS's words may follow an error's code: `error:DeleteConflict:must detach all policies first`.
    Raises ValueError that says what is wrong with it.
    """
    kind, _, detail = what.partition(":")
    if kind not in get_args(FaultKind):
        raise ValueError(f"{kind!r} is no fault; known are {', '.join(get_args(FaultKind))}")
    code, _, message = detail.partition(":") if kind == "error" else ("", "", "")
    seconds = float(detail) if kind == "delay" else 0.0
    chosen: FaultKind = next(known for known in get_args(FaultKind) if known == kind)
    return Fault(operation, chosen, nth, times, code, seconds, message)


@dataclass(slots=True)
class _Ordered:
    fault: Fault
    seen: int = 0


@dataclass(slots=True)
class FaultPlan:
    """The faults in force. Safe to use from many threads."""

    _ordered: list[_Ordered] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, fault: Fault) -> None:
        """Put a fault in force; its calls are counted from now."""
        with self._lock:
            self._ordered.append(_Ordered(fault))

    def clear(self) -> None:
        """Drop every fault."""
        with self._lock:
            self._ordered.clear()

    def next_for(self, service: str, operation: str) -> Fault | None:
        """Count a call and return the first fault that strikes it, or None."""
        struck: Fault | None = None
        with self._lock:
            for ordered in self._ordered:
                fault = ordered.fault
                if not fault.concerns(service, operation):
                    continue
                ordered.seen += 1
                last = None if fault.times is None else fault.nth + fault.times - 1
                if ordered.seen >= fault.nth and (last is None or ordered.seen <= last):
                    struck = struck or fault
        return struck


def error_status(code: str) -> int:
    """The HTTP status that AWS answers with an error code."""
    return _STATUS.get(code, 400)
