"""A question with everything that its card needs to know: its reader, the place, their rights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from bot.engine.views import ProposalView
from bot.model import (
    Actor,
    ExecutionRecord,
    ExemptionRequest,
    GraceRecord,
    Json,
    Manual,
    OwnerSource,
    Plan,
    ProposalState,
    Risk,
    Verdict,
    WatchRecord,
)

_ASKED = frozenset({ProposalState.PROPOSED, ProposalState.PENDING})


class Role(StrEnum):
    """Why someone has a card. Who is `told` made the thing, and who is `notified` owns it where
    nobody is asked: they decide nothing.
    """

    OWNER = "owner"
    MANAGER = "manager"
    SECURITY = "security"
    TOLD = "told"
    NOTIFIED = "notified"


_KNOWING = frozenset({Role.TOLD, Role.NOTIFIED})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: whether names and keys may be shown, and whether it is a channel."""

    confidential: bool
    channel: bool = False


#: A direct message, an answer that one person sees, a modal.
PRIVATE = Place(confidential=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question came to its reader; what a card's row remembers.

    `passed_over` are sentences on owners who could not be reached. `number_asked` counts reminders.
    `handed_to` are the ids of those who are asked instead of this reader since `handed_at`, by the
    word of `handed_by` where someone gave it.
    """

    source: OwnerSource
    because: str
    role: Role = Role.OWNER
    passed_over: tuple[str, ...] = ()
    deadline: datetime | None = None
    escalates: datetime | None = None
    number_asked: int = 0
    handed_to: tuple[str, ...] = ()
    handed_by: Actor | None = None
    handed_at: datetime | None = None

    @classmethod
    def read(cls, data: Mapping[str, Json]) -> Self:
        """From a message's data. Raises ValueError or KeyError where it isn't a card's."""
        number = data.get("number_asked")
        return cls(
            source=OwnerSource(str(data["owner_source"])),
            because=str(data.get("because") or ""),
            role=Role(str(data.get("role", Role.OWNER))),
            passed_over=_texts(data.get("passed_over")),
            deadline=_moment(data.get("deadline")),
            escalates=_moment(data.get("escalates")),
            number_asked=number if isinstance(number, int) else 0,
            handed_to=_texts(data.get("handed_to")),
            handed_by=_actor(data.get("handed_by")),
            handed_at=_moment(data.get("handed_at")),
        )


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be offered to those who read a card; every click is judged anew all the same.

    `people` is how many must approve, `code` whether it takes a one-time code. An account that is
    not `live` is only looked at: nothing can be approved there. `reserved_for` says in words who
    may approve, where its reader may not.
    """

    decides: bool = True
    exempts: bool = True
    undoes: bool = True
    people: int = 1
    code: bool = False
    live: bool = True
    reserved_for: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A proposal for one reader at one moment.

    `asked` is None where nobody was asked, as in an answer to a command. `people` are names of
    actors outside Slack by `str(actor)`. `exemption` is a request that waits. `undone` is the
    execution that took this one back. `grace` is there where a rule was to act on it, `watch`
    where it is looked after what was done.
    """

    view: ProposalView
    now: datetime
    place: Place = PRIVATE
    asked: Asked | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    rights: Rights = field(default_factory=Rights)
    exemption: ExemptionRequest | None = None
    undone: ExecutionRecord | None = None
    grace: GraceRecord | None = None
    watch: WatchRecord | None = None

    @property
    def plan(self) -> Plan | Manual:
        """What would be done."""
        return self.view.proposal.plan

    @property
    def state(self) -> ProposalState:
        """Where the proposal stands."""
        return self.view.proposal.state

    @property
    def is_asked(self) -> bool:
        """Whether it waits for people."""
        return self.state in _ASKED

    @property
    def approvers(self) -> tuple[Actor, ...]:
        """Who approved exactly this plan so far, first one first."""
        proposal = self.view.proposal
        said = [
            decision.actor
            for decision in self.view.decisions
            if decision.verdict is Verdict.APPROVE and decision.digest == proposal.digest
        ]
        return tuple(dict.fromkeys(said))

    @property
    def decides(self) -> bool:
        """Whether its reader is offered to decide."""
        if self.is_handed_on:
            return False
        return self.rights.decides and not self.is_known

    @property
    def is_known(self) -> bool:
        """Whether its reader is only to know of it."""
        return self.asked is not None and self.asked.role in _KNOWING

    @property
    def rule(self) -> str | None:
        """The name of the rule that will act on this unless someone objects, or None."""
        if self.grace is None or self.grace.stopped or not self.is_asked:
            return None
        return self.grace.rule.partition("@")[0]

    @property
    def is_handed_on(self) -> bool:
        """Whether others are asked instead of its reader by now."""
        return self.asked is not None and bool(self.asked.handed_to)

    @property
    def is_final(self) -> bool:
        """Whether its plan can't be undone as a whole."""
        return isinstance(self.plan, Plan) and self.plan.risk is Risk.IRREVERSIBLE

    @property
    def value(self) -> str:
        """What a button about it carries: the proposal's id and its digest."""
        return f"{self.view.proposal.id} {self.view.proposal.digest}"

    @property
    def actors(self) -> frozenset[Actor]:
        """Everyone whose name its sentences can have."""
        execution = self.view.execution
        return frozenset(
            {decision.actor for decision in self.view.decisions}
            | ({execution.actor} if execution else set())
            | ({self.undone.actor} if self.undone else set())
            | ({self.exemption.by} if self.exemption else set())
        )


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _actor(value: Json) -> Actor | None:
    kind, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    return Actor(kind, name) if name else None


def _moment(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return moment
