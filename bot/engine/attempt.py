"""One execution as it is written down: each entry fenced, each move in one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from bot.engine.announcing import tell_outcome
from bot.engine.harm import harm_behind, watch_from_now
from bot.engine.looking import Seen
from bot.engine.outcome import conclude, path
from bot.engine.ports import Ports
from bot.errors import LostRaceError, RefusedError, StaleError, StoreError
from bot.model import (
    Actor,
    Decision,
    ExecutionRecord,
    Json,
    Outcome,
    Plan,
    ProposalRecord,
    ProposalState,
    Step,
    Verdict,
)
from bot.store import executions, findings, leases, proposals
from bot.store.database import Transaction
from bot.store.leases import Lease

_LEFT = {
    Outcome.INTENDED: "a change was on its way, and whether it arrived isn't known yet",
    Outcome.ANSWERED: "a change was sent, its outcome isn't known yet",
}


@contextmanager
def account_lease(ports: Ports, account_id: str) -> Iterator[Lease]:
    """The right to write to an account, given back at the end. Raises LostRaceError."""
    with ports.store.write() as tx:
        lease = leases.acquire(tx, account_id, ports.holder, ports.lease_time)
    try:
        yield lease
    except BaseException as error:
        try:
            _release(ports, lease)
        except StoreError as also:
            error.add_note(f"the lease could not be given back, it runs out by itself: {also}")
        raise
    _release(ports, lease)


def _release(ports: Ports, lease: Lease) -> None:
    with ports.store.write() as tx:
        leases.release(tx, lease)


@dataclass(slots=True)
class Attempt:
    """The claim of one proposal. `state` is where its proposal stands by what was saved."""

    ports: Ports
    lease: Lease
    actor: Actor
    proposal: ProposalRecord
    execution_id: str
    state: ProposalState = ProposalState.EXECUTING
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    finished: bool = False
    hidden: list[str] = field(default_factory=list, repr=False)

    @property
    def holding(self) -> tuple[str, ...]:
        """The names of the steps that hold."""
        return tuple(n for n, outcome in self.outcomes.items() if outcome is Outcome.HOLDS)

    @property
    def left_open(self) -> str:
        """What to tell people where something was to be sent and no end was saved; else empty."""
        if self.finished or not self.outcomes:
            return ""
        last = list(self.outcomes.values())[-1]
        said = _LEFT.get(last, "it stopped half way, with some changes made")
        return f"{self.execution_id}: {said}; `locksmith scan` looks what became of it"

    def hide(self, secrets: Iterable[Json]) -> None:
        """Keep these texts out of everything that is written down from here on."""
        self.hidden += [text for text in secrets if isinstance(text, str) and text]

    def shown(self, words: str) -> str:
        """The words without any secret that was handed out on the way."""
        for secret in self.hidden:
            words = words.replace(secret, "(a secret)")
        return words

    def intend(self, index: int, step: Step, seen: Sequence[Seen]) -> None:
        """Write down that this step is sent next, and what it found.

        The decisions are judged once more in the same transaction: a denial wins until here.
        Raises RefusedError where they no longer carry the plan, FrozenError while writes are
        stopped, LostRaceError where the claim is no longer this process's.
        """
        objection = None
        decisions: Sequence[Decision] = ()
        with self._fenced() as tx:
            proposal = self._still_ours(tx)
            self.ports.rails.refuse_if_frozen(tx)
            if not self.outcomes:
                decisions = proposals.decisions(tx, proposal.id)
                harmed = harm_behind(tx, proposal)
                objection = self.ports.authorise(proposal, decisions, tx.now, harmed)
            if objection is None:
                executions.intend(
                    tx,
                    self.execution_id,
                    index,
                    step.name,
                    seen_before={one.label: one.value for one in seen},
                )
        if objection is not None:
            self.refuse_unauthorised(objection, decisions)
        self.outcomes[step.name] = Outcome.INTENDED

    def intend_again(
        self, index: int, step: Step, seen: Sequence[Seen], *, judged: bool
    ) -> str | None:
        """Write down that a step which AWS refused as too early is sent once more; or why not.

        With `judged` the decisions are, in the same transaction: an approval may have run out
        meanwhile. Raises FrozenError and LostRaceError like `intend`.
        """
        objection = None
        with self._fenced() as tx:
            proposal = self._still_ours(tx)
            self.ports.rails.refuse_if_frozen(tx)
            if judged:
                decisions = proposals.decisions(tx, proposal.id)
                harmed = harm_behind(tx, proposal)
                objection = self.ports.authorise(proposal, decisions, tx.now, harmed)
            if objection is None:
                before = {one.label: one.value for one in seen}
                executions.intend(tx, self.execution_id, index, step.name, before, again=True)
        if objection is None:
            self.outcomes[step.name] = Outcome.INTENDED
        return objection

    def add_error(self, step: Step, why: str) -> None:
        """Say more of a step that was settled."""
        known = self.errors.get(step.name)
        self.errors[step.name] = "; ".join(filter(None, (known, self.shown(why))))

    def settle(
        self,
        index: int,
        step: Step,
        outcome: Outcome,
        *,
        request_id: str | None = None,
        error: str | None = None,
        outputs: Mapping[str, Json] | None = None,
        verifying: bool = False,
    ) -> None:
        """Write down what is known of a step now; with `verifying`, that it was the last call."""
        error = self.shown(error) if error else None
        with self._fenced() as tx:
            executions.settle_step(
                tx,
                self.execution_id,
                index,
                outcome,
                request_id=request_id,
                error=error,
                outputs=outputs,
            )
            if verifying:
                self._move(tx, ProposalState.VERIFYING, "every call was made")
        self.outcomes[step.name] = outcome
        if error:
            self.errors[step.name] = error

    def check_fence(self) -> None:
        """Raise LostRaceError unless this process may still write: asked right before a call.

        Raises FrozenError where writes were stopped since the intent.
        """
        with self.ports.store.read() as tx:
            leases.check(tx, self.lease)
            self.ports.rails.refuse_if_frozen(tx)

    def pulse(self) -> None:
        """Hold the lease for its whole time again. Raises LostRaceError."""
        with self._fenced():
            pass

    def conclude(self, plan: Plan, reason: str = "") -> ExecutionRecord:
        """Save the end that the steps' outcomes amount to, and nothing better."""
        end = conclude(plan, self.outcomes, self.errors, self.shown(reason))
        return self._end(end.state, end.why)

    def abandon(self, why: str) -> ExecutionRecord:
        """Leave to a person what looking can't settle; if nothing was intended, it is stale."""
        state = ProposalState.NEEDS_HUMAN if self.outcomes else ProposalState.STALE
        return self._end(state, why)

    def refuse(self, state: ProposalState, error: RefusedError) -> NoReturn:
        """Save that nothing was written and why, then raise `error`."""
        self._end(state, str(error))
        raise error

    def refuse_unauthorised(self, objection: str, decisions: Sequence[Decision]) -> NoReturn:
        """Refuse because the decisions don't carry the plan: a no, or a yes that fell away."""
        said = f"{self.proposal.id}: {objection}"
        if any(one.verdict is Verdict.DENY for one in decisions):
            self.refuse(ProposalState.DENIED, RefusedError(said))
        self.refuse(ProposalState.STALE, StaleError(said))

    def give_back(self, error: BaseException) -> None:
        """After an exception before the first intent: nothing was sent, the approval stands.

        Once something was intended the journal is left as it is; only a look settles it, and the
        exception carries a note that says so.
        """
        if self.left_open:
            error.add_note(self.left_open)
        if self.finished or self.outcomes:
            return
        try:
            self._end(ProposalState.APPROVED, f"nothing was sent: {error or type(error).__name__}")
        except (StoreError, LostRaceError) as also:
            error.add_note(f"the claim could not be given back, the next scan does: {also}")

    def _end(self, end: ProposalState, why: str) -> ExecutionRecord:
        with self._fenced() as tx:
            if end is ProposalState.APPROVED:
                end, why = self._unless_denied(tx, end, why)
            for state in path(self.state, end):
                self._move(tx, state, why)
                if state is end:
                    executions.finish_execution(tx, self.execution_id, end, why)
            if end is ProposalState.DONE and self.proposal.undoes:
                executions.mark_undone(tx, self.proposal.undoes, self.execution_id)
                if self.proposal.finding_id:
                    findings.hold(tx, self.proposal.finding_id, self.actor)
            record = executions.get_execution(tx, self.execution_id)
            tell_outcome(tx, record)
            watch_from_now(tx, self.proposal, record)
        self.finished = True
        return record

    def _unless_denied(
        self, tx: Transaction, end: ProposalState, why: str
    ) -> tuple[ProposalState, str]:
        """Nothing goes back to approved that somebody said no to while it was claimed."""
        for one in proposals.decisions(tx, self.proposal.id):
            if one.verdict is Verdict.DENY and one.digest == self.proposal.digest:
                return ProposalState.DENIED, f"{one.actor} denied it"
        return end, why

    def _move(self, tx: Transaction, to: ProposalState, why: str) -> None:
        proposals.move(tx, self.proposal.id, expected=self.state, to=to, why=why, actor=self.actor)
        self.state = to

    def _still_ours(self, tx: Transaction) -> ProposalRecord:
        proposal = proposals.get_proposal(tx, self.proposal.id)
        if proposal.state is not self.state or proposal.digest != self.proposal.digest:
            raise LostRaceError(
                f"{proposal.id} is {proposal.state} by now: {proposal.why}",
                hint="Nothing more was written; look at the proposal.",
            )
        return proposal

    @contextmanager
    def _fenced(self) -> Iterator[Transaction]:
        with self.ports.store.write() as tx:
            self.lease = leases.renew(tx, self.lease)
            yield tx
