"""The wire between botocore and the quick account: real clients, and nothing leaves the process.

A call goes through Locksmith's own gates and botocore's checks as ever; what would be sent is
answered here. So is trouble: refusals, answers that are lost, and processes that end mid-call.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.exceptions import ConnectionClosedError

from bot.aws.connection import AwsConnection
from bot.model import Account
from tests.proofs.histories.quick_account import ACCOUNT_ID, QuickAccount
from tests.proofs.histories.quick_answers import OWN_ARN, OWN_ID, WRITES, RefusedByAws, answer


class Fault(StrEnum):
    """What goes wrong with one write."""

    THROTTLED = "throttled"
    DENIED = "denied"
    LOST_BEFORE = "lost before it arrived"
    LOST_AFTER = "its answer was lost"
    BROKEN_BEFORE = "a 500, and nothing done"
    BROKEN_AFTER = "a 500, and it was done"
    KILLED_BEFORE = "the process ended before it was sent"
    KILLED_AFTER = "the process ended before the answer came"


_APPLIED = {None, Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.KILLED_AFTER}


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Entry:
    """One call that arrived: a write, or a read and what it was answered."""

    number: int
    at: datetime
    operation: str
    params: dict[str, Any]
    applied: bool = False
    answer: dict[str, Any] | None = None


@dataclass
class Wire:
    """What arrives, and what happens to it.

    `refused` are reads that AWS denies. `witness` is told of a write before the account changes.
    `fault` befalls the next write. `killed` ends the process whose call it is.
    """

    account: QuickAccount
    witness: Callable[[Entry], None]
    killed: Callable[[], None]
    fault: Fault | None = None
    refused: set[str] = field(default_factory=set)
    log: list[Entry] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def writes(self) -> list[Entry]:
        """The writes that arrived."""
        return [each for each in self.log if each.operation in WRITES]

    def carry(self, operation: str, params: Mapping[str, Any]) -> tuple["_Http", dict[str, Any]]:
        """One call and its answer."""
        try:
            if operation in WRITES:
                found = self._write(operation, params)
            else:
                found = self._read(operation, params)
        except RefusedByAws as error:
            said = {"Code": error.code, "Message": str(error), "Type": "Sender"}
            return _Http(error.status), {"Error": said, **_metadata(error.status)}
        return _Http(200), {**found, **_metadata(200)}

    def _read(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if operation in self.refused:
            raise RefusedByAws("AccessDenied", f"not authorized to perform iam:{operation}", 403)
        entry = self._entry(operation, params)
        entry.answer = answer(self.account, operation, params)
        return entry.answer

    def _write(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        fault, self.fault = self.fault, None
        if fault is Fault.KILLED_BEFORE:
            self.killed()
        entry = self._entry(operation, params)
        self.witness(entry)
        if fault is Fault.THROTTLED:
            raise RefusedByAws("Throttling", "Rate exceeded", 400)
        if fault is Fault.DENIED:
            raise RefusedByAws("AccessDenied", f"not authorized to perform iam:{operation}", 403)
        if fault in _APPLIED:
            answer(self.account, operation, params)
            entry.applied = True
        if fault is Fault.KILLED_AFTER:
            self.killed()
        if fault in (Fault.LOST_BEFORE, Fault.LOST_AFTER):
            raise ConnectionClosedError(endpoint_url="https://iam.amazonaws.com/")
        if fault in (Fault.BROKEN_BEFORE, Fault.BROKEN_AFTER):
            raise RefusedByAws("ServiceFailure", "try again later", 500)
        return {}

    def _entry(self, operation: str, params: Mapping[str, Any]) -> Entry:
        entry = Entry(next(self._numbers), self.account.clock(), operation, dict(params))
        self.log.append(entry)
        return entry


@dataclass(frozen=True)
class _Http:
    """As much of an answer as botocore looks at."""

    status_code: int


def _metadata(status: int) -> dict[str, Any]:
    return {"ResponseMetadata": {"RequestId": "quick", "HTTPStatusCode": status}}


class Line:
    """The one connection of this process, which can be plugged into another wire."""

    def __init__(self) -> None:
        core = botocore.session.Session()
        core.set_credentials("AKIAQUICK", "none")
        core.register("provide-client-params", self._remember)
        core.register("before-call", self._carry)
        self.wire: Wire | None = None
        self.connection = AwsConnection(
            boto3.Session(botocore_session=core, region_name="us-east-1"),
            account=Account(ACCOUNT_ID),
            caller_arn=OWN_ARN,
            caller_id=OWN_ID,
            region="us-east-1",
            read_attempts=1,
        )

    @staticmethod
    def _remember(params: Any, context: dict[str, Any], **_: Any) -> None:
        context["asked"] = params

    def _carry(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        assert self.wire is not None
        return self.wire.carry(model.name, context["asked"])


@cache
def line() -> Line:
    """The connection; making its clients takes longer than a whole history."""
    return Line()
