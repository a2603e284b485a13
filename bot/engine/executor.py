"""The one writer to AWS: look, write down, call once, look again, and claim only what was seen."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta

from bot.aws.connection import AwsConnection
from bot.engine.attempt import Attempt, account_lease
from bot.engine.claiming import checked, claim
from bot.engine.filling import outputs_named, resolve_expects, resolve_step
from bot.engine.guardrails import Guardrails
from bot.engine.looking import why_stale
from bot.engine.ports import (
    Authorise,
    Ports,
    Recheck,
    all_still_stand,
)
from bot.engine.rehearsing import Rehearsal, RehearsedStep, rehearse
from bot.engine.resending import send_in_time
from bot.engine.sending import Answer, Reply
from bot.engine.tracing import traced
from bot.engine.undoing import steps_back
from bot.engine.verifying import Settled, VerifySettings
from bot.errors import FrozenError, LocksmithError, PlanError, ProtectedError, StaleError
from bot.model import (
    Actor,
    ExecutionRecord,
    Json,
    Outcome,
    Plan,
    ProposalState,
    Step,
)
from bot.store import proposals
from bot.store.database import Store

__all__ = ["Executor", "Rehearsal", "RehearsedStep", "VerifySettings"]

LEASE_TIME = timedelta(minutes=5)


def _quiet(_message: str) -> None:
    """Says nothing."""


class Executor:
    """Carries out approved proposals in one account, one at a time.

    Raises RefusedError and its kin where nothing was written; once something was, `apply` returns
    the execution in the state that was proved: done, failed, unknown or needs human. Any other
    exception (a full disk, an interrupt) leaves a journal from which `recover` goes on.
    """

    def __init__(
        self,
        store: Store,
        connection: AwsConnection,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        rails: Guardrails,
        authorise: Authorise,
        settings: VerifySettings,
        holder: str,
        *,
        lease_time: timedelta = LEASE_TIME,
        progress: Callable[[str], None] = _quiet,
        yield_point: Callable[[str], None] = _quiet,
        recheck: Recheck = all_still_stand,
    ) -> None:
        self.ports = Ports(
            store=store,
            connection=connection,
            clock=clock,
            sleep=sleep,
            rails=rails,
            authorise=authorise,
            settings=settings,
            holder=holder,
            lease_time=lease_time,
            progress=progress,
            yield_point=yield_point,
            recheck=recheck,
        )

    def telling(self, progress: Callable[[str], None]) -> "Executor":
        """The same executor, telling `progress` what it does and waits for."""
        twin = copy(self)
        twin.ports = replace(self.ports, progress=progress)
        return twin

    def apply(self, proposal_id: str, actor: Actor) -> ExecutionRecord:
        """Carry out an approved proposal.

        Raises LostRaceError (someone else has it), StaleError (the world or the plan changed),
        ProtectedError and RefusedError, all before anything was written, and what reading AWS
        raises before the first call.
        """
        ports = self.ports
        with ports.store.read() as tx:
            account = proposals.get_proposal(tx, proposal_id).account
        with account_lease(ports, account.id) as lease:
            ports.yield_point("leased")
            attempt = claim(ports, lease, proposal_id, actor)
            try:
                ports.yield_point("claimed")
                record = self._carry_out(attempt, checked(attempt))
                ports.yield_point("after-done")
            except BaseException as error:
                attempt.give_back(error)
                raise
        return record

    def rehearse(self, proposal_id: str, actor: Actor) -> Rehearsal:
        """Everything up to the first write; nothing is written down but that it was rehearsed."""
        return rehearse(self.ports, proposal_id, actor)

    def _carry_out(self, attempt: Attempt, plan: Plan) -> ExecutionRecord:
        outputs: dict[str, Json] = {}
        for index, step in enumerate(plan.steps):
            self.ports.yield_point("between-steps")
            reason = self._prepare(attempt, plan, index, step, outputs)
            if reason is None and self._write(attempt, plan, index, step, outputs):
                continue
            return self.end(attempt, plan, outputs, reason or "")
        self.ports.yield_point("before-done")
        return attempt.conclude(plan)

    def end(
        self, attempt: Attempt, plan: Plan, outputs: Mapping[str, Json], reason: str = ""
    ) -> ExecutionRecord:
        """Save how it ended; of a whole plan that didn't get through, take back first what holds.

        What can't be taken back now, because writes are stopped or AWS can't be looked at, is at
        the next look.
        """
        for index, step in steps_back(plan, attempt.outcomes, outputs):
            self.ports.yield_point("before-taking-back")
            stopped = self._take_back(attempt, plan, index, step)
            if stopped is not None:
                reason = "; ".join(filter(None, (reason, stopped)))
                break
        return attempt.conclude(plan, reason)

    def _take_back(self, attempt: Attempt, plan: Plan, index: int, step: Step) -> str | None:
        """Take one step back, and journal it like any other; why it isn't, or None.

        Where it can't be done now nothing is journalled, so that the next look tries again.
        """
        try:
            look, now = self.ports.look(), self.ports.clock()
            left, gone = look.at(step.before, now), look.at(step.after, now)
            self.ports.rails.check_call(plan, step.do, self.ports.read)
            attempt.intend(index, step, left)
        except LocksmithError as error:
            return f"stopped before {step.name}: {error}"
        if all(one.holds for one in gone):
            attempt.settle(index, step, Outcome.HOLDS, error="nothing was left of it")
            return None
        off = "; ".join(one.said for one in left if not one.holds)
        if off:
            attempt.settle(index, step, Outcome.NOT_APPLIED, error=f"never sent: {off}")
            return off
        return None if self._write(attempt, plan, index, step, {}) else ""

    def _prepare(
        self,
        attempt: Attempt,
        plan: Plan,
        index: int,
        step: Step,
        outputs: Mapping[str, Json],
    ) -> str | None:
        """Look, judge the call and write down the intent; why it stops here, or None.

        Raises where no earlier step holds, for then nothing was written.
        """
        try:
            ready = resolve_step(step, outputs)
            look, now = self.ports.look(), self.ports.clock()
            seen = look.at(ready.before, now)
            off = why_stale(look, seen, () if attempt.holding else plan.steps, now)
            if off:
                raise StaleError(f"{attempt.proposal.id}: {off}")
            if index or outputs_named(step.do.data()):  # the first was judged with the plan
                self.ports.rails.check_call(plan, ready.do, self.ports.read)
        except LocksmithError as error:
            if attempt.holding:
                return f"stopped before {step.name}: {error}"
            if isinstance(error, StaleError):
                attempt.refuse(ProposalState.STALE, error)
            if isinstance(error, ProtectedError):
                attempt.refuse(ProposalState.BLOCKED, error)
            raise
        self.ports.yield_point("before-intent")
        try:
            attempt.intend(index, ready, seen)
        except FrozenError as error:
            if not attempt.holding:
                raise
            return f"stopped before {step.name}: {error}"
        self.ports.yield_point("after-intent")
        return None

    def _write(
        self, attempt: Attempt, plan: Plan, index: int, step: Step, outputs: dict[str, Json]
    ) -> bool:
        """Make the call, once, and settle what came of it; whether the step holds."""
        ready = resolve_step(step, outputs)
        sent = send_in_time(attempt, plan, index, ready)
        if sent is None:
            return False
        answer = sent.answer
        given = answer.outputs(step)
        attempt.hide(value for name, value in given.items() if step.outputs[name].secret)
        outputs |= {f"{step.name}.{name}": value for name, value in given.items()}
        if answer.reply is Reply.DONE:
            attempt.settle(
                index,
                step,
                Outcome.ANSWERED,
                request_id=answer.request_id,
                outputs={n: v for n, v in given.items() if not step.outputs[n].secret},
                verifying=step is plan.steps[-1],
            )
            self.ports.yield_point("after-answer")
        self.ports.progress(f"{step.summary}: looking what came of it")
        settled, found = self._settled(attempt, ready, answer, outputs, sent.at)
        outputs |= {f"{step.name}.{name}": value for name, value in found.items()}
        attempt.settle(
            index,
            step,
            settled.outcome,
            request_id=answer.request_id,
            error="; ".join(filter(None, (answer.error, sent.said, settled.why))) or None,
            outputs=found or None,
        )
        self.ports.yield_point("after-settled")
        return settled.outcome is Outcome.HOLDS

    def _settled(
        self,
        attempt: Attempt,
        step: Step,
        answer: Answer,
        outputs: Mapping[str, Json],
        sent_at: datetime,
    ) -> tuple[Settled, dict[str, Json]]:
        """What looking says of the step, and the outputs it found where the answer was lost."""
        if answer.reply is Reply.REFUSED:
            return Settled(Outcome.NOT_APPLIED), {}
        try:
            looked_for = replace(step, after=resolve_expects(step.after, outputs))
        except PlanError:
            return traced(self.ports, step, sent_at, attempt.pulse)
        verifier = self.ports.verifier(attempt.pulse)
        if answer.reply is Reply.GONE:
            seen = verifier.briefly().settle(looked_for)
            return (seen if seen.outcome is Outcome.HOLDS else Settled(Outcome.NOT_APPLIED)), {}
        return verifier.settle(looked_for, answered=answer.reply is Reply.DONE), {}
