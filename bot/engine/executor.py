"""The one writer to AWS: look, write down, call once, look again, and claim only what was seen."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from botocore import xform_name
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)

from bot.aws.connection import AwsConnection
from bot.aws.gate import WriteRefusedError
from bot.aws.reading import NOT_FROM_AWS, plain
from bot.engine.attempt import Attempt, account_lease
from bot.engine.claiming import checked, claim
from bot.engine.guardrails import Guardrails
from bot.engine.looking import compiled, outputs_named, resolve_expects, resolve_step, why_stale
from bot.engine.ports import (
    Authorise,
    Ports,
    Recheck,
    all_still_stand,
)
from bot.engine.rehearsing import Rehearsal, RehearsedStep, rehearse
from bot.engine.verifying import Settled, VerifySettings
from bot.errors import FrozenError, LocksmithError, PlanError, ProtectedError, StaleError
from bot.model import (
    Actor,
    Call,
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

#: botocore raises these before anything leaves this machine, and so does our own gate.
_NEVER_SENT = (
    ParamValidationError,
    NoCredentialsError,
    PartialCredentialsError,
    WriteRefusedError,
)
#: On a delete this may mean that it is gone already: only a look tells.
_ASK_THE_WORLD = frozenset({"NoSuchEntity", "NoSuchEntityException", "ResourceNotFoundException"})
_REQUEST_TIMED_OUT = 408


def _quiet(_message: str) -> None:
    """Says nothing."""


class _Reply(StrEnum):
    """What came of one call: AWS did it, certainly did not, has no such thing, or nobody knows."""

    DONE = "done"
    REFUSED = "refused"
    GONE = "gone"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class _Answer:
    reply: _Reply
    body: Mapping[str, Any]
    request_id: str | None = None
    error: str | None = None


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
            return attempt.conclude(plan, reason or "")
        self.ports.yield_point("before-done")
        return attempt.conclude(plan)

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
        try:
            attempt.check_fence()
        except FrozenError as error:
            attempt.settle(index, step, Outcome.NOT_APPLIED, error=f"never sent: {error}")
            return False
        self.ports.progress(step.summary)
        answer = self._send(ready.do)
        self.ports.yield_point("after-call")
        given = _outputs(step, answer.body)
        outputs |= {f"{step.name}.{name}": value for name, value in given.items()}
        if answer.reply is _Reply.DONE:
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
        settled = self._settled(attempt, ready, answer, outputs)
        attempt.settle(
            index,
            step,
            settled.outcome,
            request_id=answer.request_id,
            error="; ".join(filter(None, (answer.error, settled.why))) or None,
        )
        self.ports.yield_point("after-settled")
        return settled.outcome is Outcome.HOLDS

    def _settled(
        self, attempt: Attempt, step: Step, answer: _Answer, outputs: Mapping[str, Json]
    ) -> Settled:
        if answer.reply is _Reply.REFUSED:
            return Settled(Outcome.NOT_APPLIED)
        try:
            looked_for = replace(step, after=resolve_expects(step.after, outputs))
        except PlanError as error:
            return Settled(Outcome.UNKNOWN, str(error))
        verifier = self.ports.verifier(attempt.pulse)
        if answer.reply is _Reply.GONE:
            seen = verifier.briefly().settle(looked_for)
            return seen if seen.outcome is Outcome.HOLDS else Settled(Outcome.NOT_APPLIED)
        return verifier.settle(looked_for, answered=answer.reply is _Reply.DONE)

    def _send(self, call: Call) -> _Answer:
        """One call, one attempt. Only AWS's own word counts as a refusal; the rest is lost."""
        client = self.ports.connection.writer(call.service, call.region)
        method = getattr(client, xform_name(call.operation))
        try:
            with self.ports.connection.writing(call):
                body = method(**call.params)
        except ClientError as error:
            return _refused_or_lost(error)
        except _NEVER_SENT as error:
            return _Answer(_Reply.REFUSED, {}, None, f"never sent: {error}")
        except BotoCoreError as error:
            return _Answer(_Reply.LOST, {}, None, f"no answer: {type(error).__name__}: {error}")
        except NOT_FROM_AWS:  # said without its text, which may hold a secret that AWS answered
            return _Answer(_Reply.LOST, {}, None, "the answer is not one that AWS gives")
        return _Answer(_Reply.DONE, body, _request_id(body))


def _refused_or_lost(error: ClientError) -> _Answer:
    """A 4xx with AWS's own code is a refusal; a 5xx may have been applied all the same."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    certain = 400 <= status < 500 and status != _REQUEST_TIMED_OUT and not code.isdigit()
    reply = _Reply.REFUSED if code and certain else _Reply.LOST
    if reply is _Reply.REFUSED and code in _ASK_THE_WORLD:
        reply = _Reply.GONE
    return _Answer(reply, {}, _request_id(error.response), str(error))


def _request_id(response: Mapping[str, Any]) -> str | None:
    given = response.get("ResponseMetadata", {}).get("RequestId")
    return str(given) if given else None


def _outputs(step: Step, body: Mapping[str, Any]) -> dict[str, Json]:
    if not body:
        return {}
    answer = {key: value for key, value in body.items() if key != "ResponseMetadata"}
    given = {name: compiled(output.path).search(answer) for name, output in step.outputs.items()}
    return {name: plain(value) for name, value in given.items() if value is not None}
