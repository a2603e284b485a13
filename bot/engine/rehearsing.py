"""What a dry run says: what every step reads, whether it holds, and what stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.engine.claiming import plan_of, tampered
from bot.engine.filling import outputs_named
from bot.engine.harm import harm_behind
from bot.engine.looking import Look, Seen
from bot.engine.ports import Ports
from bot.errors import ProtectedError
from bot.model import (
    Actor,
    Call,
    Expect,
    Json,
    Plan,
    ProposalRecord,
    ProposalState,
    Step,
)
from bot.store import proposals

_NOT_STARTED = frozenset({ProposalState.PROPOSED, ProposalState.PENDING, ProposalState.APPROVED})


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """One step before anything is written.

    `seen` is what its `before` finds now; `waits` are the sentences of what is not so yet, or
    can't be looked at yet, because an earlier step is to bring it about; `objections` those of
    what is not so and stops the plan here.
    """

    name: str
    summary: str
    call: Call
    seen: tuple[Seen, ...]
    waits: tuple[str, ...]
    objections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A plan played through up to its first write. `refusals` come before any step."""

    proposal_id: str
    digest: str
    refusals: tuple[str, ...]
    steps: tuple[RehearsedStep, ...]

    @property
    def would_write(self) -> bool:
        """Whether `apply` would make the first call now."""
        return not self.refusals and not any(step.objections for step in self.steps)


def rehearse(ports: Ports, proposal_id: str, actor: Actor) -> Rehearsal:
    """Play a proposal through up to its first write, and record that it was.

    Raises RefusedError for advice, StaleError with another account's credentials, and what
    reading AWS raises.
    """
    with ports.store.read() as tx:
        proposal = proposals.get_proposal(tx, proposal_id)
        decisions = proposals.decisions(tx, proposal_id)
        changed = tampered(tx, proposal, decisions)
        harmed = harm_behind(tx, proposal)
    plan = plan_of(proposal)
    ports.confirm_account(plan.account)
    now = ports.clock()
    refusals = (
        _not_executable(proposal),
        changed,
        ports.authorise(proposal, decisions, now, harmed),
        _guarded(ports, plan, proposal),
    )
    rehearsal = Rehearsal(
        proposal.id,
        proposal.digest,
        tuple(filter(None, refusals)),
        rehearse_steps(plan, ports.look(), now),
    )
    with ports.store.write() as tx:
        tx.record(
            "execution.rehearsed",
            actor=actor,
            account=proposal.account.id,
            subject=proposal.id,
            data={"digest": proposal.digest, "would_write": rehearsal.would_write},
        )
    return rehearsal


def _not_executable(proposal: ProposalRecord) -> str | None:
    if proposal.state in _NOT_STARTED:
        return None
    return f"{proposal.id} is {proposal.state} already"


def _guarded(ports: Ports, plan: Plan, proposal: ProposalRecord) -> str | None:
    try:
        ports.rails.check_plan(plan, ports.read, undoing=proposal.undoes is not None)
    except ProtectedError as error:
        return str(error)
    return None


def rehearse_steps(plan: Plan, look: Look, now: datetime) -> tuple[RehearsedStep, ...]:
    """Look at what every step needs, all at one moment. Raises what reading raises."""
    rehearsed = []
    brought_about: list[Expect] = []
    for step in plan.steps:
        rehearsed.append(_rehearse(step, brought_about, look, now))
        brought_about += step.after
    return tuple(rehearsed)


def _rehearse(
    step: Step, brought_about: Sequence[Expect], look: Look, now: datetime
) -> RehearsedStep:
    waiting = [expect for expect in step.before if outputs_named(expect.data())]
    seen = look.at([expect for expect in step.before if expect not in waiting], now)
    earlier = [_place(expect.read.params) for expect in brought_about]
    off = [one for one in seen if not one.holds]
    later = [one for one in off if _place(one.expect.read.params) in earlier]
    return RehearsedStep(
        name=step.name,
        summary=step.summary,
        call=step.do,
        seen=seen,
        waits=(
            *(one.said for one in later),
            *(f"{expect.why or expect.path}: after an earlier step" for expect in waiting),
        ),
        objections=tuple(one.said for one in off if one not in later),
    )


def _place(params: Mapping[str, Json]) -> frozenset[str]:
    """What a read is about: an earlier step that looks there afterwards may bring it about."""
    return frozenset(f"{name}={value}" for name, value in params.items())
