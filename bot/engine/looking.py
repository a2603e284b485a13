"""Looks at AWS: what an expectation sees there, and whether that is what it expects."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from bot.engine.filling import outputs_named
from bot.errors import AwsError, PlanError
from bot.model import Call, Expect, Json, Operator, Step

#: Carries out one read call and gives its whole answer; None where AWS says it doesn't exist.
Read = Callable[[Call], Json]

_NEVER = "never"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one expectation saw: the value at its path, and whether that is as expected."""

    expect: Expect
    value: Json
    holds: bool

    @property
    def label(self) -> str:
        """What was looked at, short enough for a journal and plain enough for a person."""
        call = self.expect.read
        params = ", ".join(f"{name}={_text(value)}" for name, value in sorted(call.params.items()))
        root = f" as root of {call.root_of}" if call.root_of else ""
        return f"{call.service}:{call.operation}({params}){root} {self.expect.path}"

    @property
    def said(self) -> str:
        """Why this does not hold, and what was there instead."""
        why = self.expect.why or f"{self.label}: expected {_expected(self.expect)}"
        return f"{why} (seen: {_text(self.value)})"


@dataclass(slots=True)
class Look:
    """One look at AWS at one moment: however many expectations ask, the same call is made once."""

    read: Read
    _answers: dict[str, Json] = field(default_factory=dict)

    def at(self, expects: Sequence[Expect], now: datetime) -> tuple[Seen, ...]:
        """What each expectation sees. Raises what `read` raises, and PlanError for a bad path."""
        return tuple(
            Seen(expect, seen_at(expect, answer), holds(expect, answer, now))
            for expect in expects
            for answer in (self.answer(expect.read),)
        )

    def answer(self, call: Call) -> Json:
        """What AWS answers this call."""
        key = _same_text(call.data())
        if key not in self._answers:
            self._answers[key] = self.read(call)
        return self._answers[key]

    def items(self, operation: str, params: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        """What IAM lists under `key`; nothing where what was asked about isn't there."""
        answer: Any = self.answer(Call("iam", operation, params)) or {}
        return list(answer.get(key, ()))


def why_stale(look: Look, seen: Sequence[Seen], left: Sequence[Step], now: datetime) -> str:
    """Why nothing may be written after this look, or empty.

    `left` are all steps of a plan of which nothing was written yet: where AWS shows all that they
    would bring about, there is nothing to do.
    """
    off = "; ".join(one.said for one in seen if not one.holds)
    if off and left and _as_wanted(look, left, now):
        return f"already as wanted, so there was nothing to write: {off}"
    return off


def _as_wanted(look: Look, steps: Sequence[Step], now: datetime) -> bool:
    """False also where it can't be told: it takes what a step would give, or can't be read."""
    expects = [expect for step in steps for expect in step.after]
    if outputs_named([expect.data() for expect in expects]):
        return False
    try:
        return all(seen.holds for seen in look.at(expects, now))
    except AwsError:
        return False


def seen_at(expect: Expect, answer: Json) -> Json:
    """The value at the expectation's path; None where the answer has nothing there."""
    if answer is None:
        return None
    try:
        value: Json = compiled(expect.path).search(answer)
    except JMESPathError as error:
        raise PlanError(f"the path {expect.path!r} can't be applied: {error}") from error
    return value


def holds(expect: Expect, answer: Json, now: datetime) -> bool:
    """Whether what was read is what is expected; the operators are those of `Operator`.

    None, an empty list, an empty object and an empty text are nothing; false and 0 are something.
    Raises PlanError for a path or a value that its operator can't work with.
    """
    value = seen_at(expect, answer)
    match expect.operator:
        case Operator.EQUALS:
            return same(value, expect.value)
        case Operator.ABSENT:
            return _is_nothing(value)
        case Operator.PRESENT:
            return not _is_nothing(value)
        case Operator.CONTAINS:
            return _contains(value, expect.value)
        case Operator.LACKS:
            return _is_nothing(value) or (
                not isinstance(value, str) and not _contains(value, expect.value)
            )
        case Operator.OLDER_THAN:
            return _is_older(value, expect, now) is True or value == _NEVER
        case Operator.NEWER_THAN:
            return _is_older(value, expect, now) is False


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal: key order is free, and 1, 1.0 and true all differ."""
    return _same_text(one) == _same_text(other)


@lru_cache(maxsize=1024)
def compiled(path: str) -> Any:
    """The compiled JMESPath. Raises PlanError for text that is none."""
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        raise PlanError(f"{path!r} is not a JMESPath: {error}") from error


def _is_nothing(value: Json) -> bool:
    return value is None or (isinstance(value, str | Sequence | Mapping) and len(value) == 0)


def _contains(value: Json, wanted: Json) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and bool(wanted) and wanted in value
    if isinstance(value, Sequence):
        return any(same(item, wanted) for item in value)
    return False


def _is_older(value: Json, expect: Expect, now: datetime) -> bool | None:
    """Whether a time lies more than so many days back; None for what is no time with a zone."""
    days = expect.value
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        raise PlanError(f"{expect.operator.value} needs a number of days, not {days!r}")
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return now - moment > timedelta(days=days)


def _expected(expect: Expect) -> str:
    if expect.operator in (Operator.ABSENT, Operator.PRESENT):
        return expect.operator.value
    return f"{expect.operator.value} {_text(expect.value)}"


def _same_text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _text(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:199] + "…"
