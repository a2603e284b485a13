"""A plan: the exact calls that fix a finding, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.errors import PlanError
from bot.model.account import Account
from bot.model.canonical import Json, digest
from bot.model.too_early import TooEarly, early_data


class Risk(StrEnum):
    """What a step can cost: undone in one call, noticed by someone, or final."""

    REVERSIBLE = "reversible"
    DISRUPTIVE = "disruptive"
    IRREVERSIBLE = "irreversible"

    @property
    def rank(self) -> int:
        """0 for reversible to 2 for irreversible."""
        return list(Risk).index(self)


class Operator(StrEnum):
    """How an expectation compares what was read; a closed set.

    equals       the JSON value at the path is exactly `value`
    absent       the path gives nothing, or AWS says that the thing doesn't exist
    present      the path gives something
    contains     the list or text at the path has `value` in it
    lacks        the list at the path doesn't have `value` in it; a path that gives nothing holds
    older_than   the time at the path lies more than `value` days back, or is the word `never`;
                 a path that gives nothing does not hold. Relative, so that the digest holds
    newer_than   the time at the path lies at most `value` days back; a path that gives nothing
                 does not hold
    """

    EQUALS = "equals"
    ABSENT = "absent"
    PRESENT = "present"
    CONTAINS = "contains"
    LACKS = "lacks"
    OLDER_THAN = "older_than"
    NEWER_THAN = "newer_than"


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS API call: boto3's service name, the operation in AWS's words, its parameters.

    A parameter `{"$output": "step.name"}` stands for an earlier step's output; `bot.engine.filling`
    lists what else is filled in when a call is made. `region` is None for global services, whose
    endpoint follows from the account's partition. `root_of` is a member account of the organization
    where the call is made as its root user, in a session that AWS limits to looking at root's
    credentials or to deleting them. `too_early` are the refusals of a write after which it is made
    again, as AWS may not know yet what an earlier step did; every other refusal is final.
    """

    service: str
    operation: str
    params: Mapping[str, Json] = field(default_factory=dict)
    region: str | None = None
    root_of: str | None = None
    too_early: tuple[TooEarly, ...] = ()

    def data(self) -> dict[str, Json]:
        """This call as JSON; without what is not said of it, as digests of old plans lack it."""
        return {
            "service": self.service,
            "operation": self.operation,
            "params": dict(self.params),
            "region": self.region,
            **({} if self.root_of is None else {"root_of": self.root_of}),
            **early_data(self.too_early),
        }


@dataclass(frozen=True, slots=True)
class Expect:
    """Something that must be true in AWS: a read call, a JMESPath into its whole answer, a value.

    All pages of the answer are read before the path is applied. Times in the answer are ISO 8601
    text. `why` is said when it does not hold: "the key was used since".
    """

    read: Call
    path: str
    operator: Operator
    value: Json = None
    why: str = ""

    def data(self) -> dict[str, Json]:
        """This expectation as JSON, `why` included."""
        return {
            "read": self.read.data(),
            "path": self.path,
            "operator": self.operator.value,
            "value": self.value,
            "why": self.why,
        }

    def looks_at(self) -> tuple[str, str]:
        """What is looked at, whatever is expected of it."""
        return (digest(self.read.data()), self.path)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where what a step made is found when its answer was lost.

    `path` gives `{value, made}` of everything that wasn't there before: the output's value, and
    when it was made. Only a single one, made since the step was intended, is taken for its own.
    """

    read: Call
    path: str

    def data(self) -> dict[str, Json]:
        """This trace as JSON."""
        return {"read": self.read.data(), "path": self.path}


@dataclass(frozen=True, slots=True)
class Output:
    """A value in a step's answer that later calls need.

    A secret one goes from the answer into the next call and is kept nowhere else.
    """

    path: str
    secret: bool = False
    trace: Trace | None = None

    def data(self) -> dict[str, Json]:
        """This output as JSON."""
        found = {"trace": self.trace.data()} if self.trace else {}
        return {"path": self.path, "secret": self.secret, **found}


@dataclass(frozen=True, slots=True)
class Step:
    """One change: what must hold, the call, what must hold then, and how it is taken back.

    Exactly one of `undo` and `irreversible_because` is given. What `before` and `after` both look
    at is what the step changes, and what undo must bring back; the rest of `before` are guards.
    `undone` says instead what shows that it was taken back, where that names the step's own output.
    """

    name: str
    summary: str
    risk: Risk
    before: tuple[Expect, ...]
    do: Call
    after: tuple[Expect, ...]
    undo: Call | None = None
    irreversible_because: str = ""
    outputs: Mapping[str, Output] = field(default_factory=dict)
    undone: tuple[Expect, ...] = ()

    def __post_init__(self) -> None:
        if (self.undo is None) == (not self.irreversible_because):
            raise PlanError(f"step {self.name}: needs an undo, or the reason why there is none")
        if not self.before or not self.after:
            raise PlanError(f"step {self.name}: needs something to look at before and after")
        if self.undo is None and self.risk is not Risk.IRREVERSIBLE:
            raise PlanError(f"step {self.name}: without an undo its risk is irreversible")

    def proofs_of_undo(self) -> tuple[Expect, ...]:
        """What is looked at to see that this step was taken back."""
        return self.undone or self.changes()

    def changes(self) -> tuple[Expect, ...]:
        """The part of `before` that the step changes and that undo brings back."""
        seen = {expect.looks_at() for expect in self.after}
        return tuple(expect for expect in self.before if expect.looks_at() in seen)

    def data(self) -> dict[str, Json]:
        """This step as JSON, words included."""
        return {
            "name": self.name,
            "summary": self.summary,
            "risk": self.risk.value,
            "before": [expect.data() for expect in self.before],
            "do": self.do.data(),
            "after": [expect.data() for expect in self.after],
            "undo": self.undo.data() if self.undo else None,
            "irreversible_because": self.irreversible_because,
            "outputs": {name: output.data() for name, output in self.outputs.items()},
            # Left out where there are none, so that the digests of older plans stand.
            **({"undone": [expect.data() for expect in self.undone]} if self.undone else {}),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """The fix of one finding: steps in order, for one subject of one account.

    `summary` says the fix in one sentence, `breaks` what could stop working; neither is part of
    the digest, nor is anything else that people read. Of a `whole` plan either all steps hold in
    the end, or those that hold are taken back at once: half of it would be worse than nothing.
    """

    account: Account
    subject: str
    steps: tuple[Step, ...]
    summary: str
    breaks: tuple[str, ...] = ()
    whole: bool = False

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        if not names or len(set(names)) != len(names):
            raise PlanError(f"a plan for {self.subject} needs steps, each with a name of its own")

    @property
    def risk(self) -> Risk:
        """The highest risk of any step."""
        return max((step.risk for step in self.steps), key=lambda risk: risk.rank)

    def digest(self) -> str:
        """What a decision binds to: account, subject; each step's calls, before, after, undo, risk.

        Words for people are left out, so that better words never void a decision.
        """
        return digest(
            {
                "kind": "plan",
                "partition": self.account.partition,
                "account": self.account.id,
                "subject": self.subject,
                "steps": [_bound(step) for step in self.steps],
                **({"whole": True} if self.whole else {}),
            }
        )

    def data(self) -> dict[str, Json]:
        """This plan as JSON; `plan_of` reads it back."""
        return {
            "kind": "plan",
            "account": {"id": self.account.id, "partition": self.account.partition},
            "subject": self.subject,
            "steps": [step.data() for step in self.steps],
            "summary": self.summary,
            "breaks": list(self.breaks),
            **({"whole": True} if self.whole else {}),
        }


@dataclass(frozen=True, slots=True)
class Manual:
    """A fix that people make by hand: why Locksmith can't, and the exact steps.

    Risk is None: Locksmith writes nothing. Looking again is how it is proved.
    """

    account: Account
    subject: str
    reason: str
    steps: tuple[str, ...]
    links: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The reason, as the one sentence that lists show."""
        return self.reason

    def digest(self) -> str:
        """What a confirmation binds to: account, subject and the steps."""
        return digest(
            {
                "kind": "manual",
                "partition": self.account.partition,
                "account": self.account.id,
                "subject": self.subject,
                "steps": list(self.steps),
            }
        )

    def data(self) -> dict[str, Json]:
        """This advice as JSON; `plan_of` reads it back."""
        return {
            "kind": "manual",
            "account": {"id": self.account.id, "partition": self.account.partition},
            "subject": self.subject,
            "reason": self.reason,
            "steps": list(self.steps),
            "links": list(self.links),
        }


def _bound(step: Step) -> dict[str, Json]:
    data = step.data()
    for words in ("summary", "irreversible_because"):
        del data[words]
    for side in ("before", "after", "undone"):
        expectations = getattr(step, side)
        if side == "undone" and not expectations:
            continue
        data[side] = [{k: v for k, v in e.data().items() if k != "why"} for e in expectations]
    return data
