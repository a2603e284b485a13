"""A workbench for tests of what acts: a served account, a store, a clock that sleeping moves on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.simulated import AccountBuilder
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.approvals import Approvals
from bot.engine.executor import Executor, VerifySettings
from bot.engine.guardrails import Guardrails
from bot.engine.people import People
from bot.engine.protecting import Guard
from bot.engine.undoing import undo_plan
from bot.model import (
    Actor,
    ExecutionRecord,
    Manual,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    Protection,
    Verdict,
)
from bot.store import accounts, executions, proposals
from bot.store.database import Store
from bot.store.proposals import NewProposal
from tests.conftest import StandingClock

ALICE = Actor("local", "alice@desk")
BOB = Actor("local", "bob@desk")
PEOPLE = People({str(ALICE): "alice", str(BOB): "bob"})


@dataclass
class Bench:
    """Everything an executor needs, and short words for what leads up to an execution."""

    cloud: SimulatedAccount
    connection: AwsConnection
    store: Store
    clock: StandingClock
    protection: Protection = field(default_factory=Protection)
    settings: VerifySettings = field(default_factory=lambda: VerifySettings(2, 1.0, 4.0))
    said: list[str] = field(default_factory=list)

    @property
    def account(self) -> AccountBuilder:
        """The account behind the API's back."""
        return self.cloud.account

    def executor(
        self,
        *,
        holder: str = "tests/1/one",
        yield_point: Callable[[str], None] = lambda _: None,
        guard: Guard | None = None,
    ) -> Executor:
        """An executor as a process has it."""
        return Executor(
            self.store,
            self.connection,
            self.clock,
            lambda seconds: self.clock.pass_time(seconds=seconds),
            Guardrails(guard or Guard(self.protection)),
            Approvals(PEOPLE).authorise,
            self.settings,
            holder,
            progress=self.said.append,
            yield_point=yield_point,
        )

    def propose(self, plan: Plan | Manual, *, undoes: str | None = None) -> str:
        """A proposal nobody has decided."""
        with self.store.write() as tx:
            accounts.ensure_account(tx, plan.account)
            new = NewProposal(
                account=plan.account,
                subject=plan.subject,
                origin=Origin.UNDO if undoes else Origin.FINDING,
                plan=plan,
                control="test-control",
                finding_id=None,
                undoes=undoes,
            )
            (made,) = proposals.propose_many(tx, [new], ALICE)
        return made.id

    def approved(self, plan: Plan, *, undoes: str | None = None) -> str:
        """A proposal that Alice has approved; an undo of what is about no finding takes Bob too."""
        proposal_id = self.propose(plan, undoes=undoes)
        if undoes:
            self.decide(proposal_id, Verdict.APPROVE, None, BOB)
        self.decide(proposal_id, Verdict.APPROVE, ProposalState.APPROVED)
        return proposal_id

    def decide(
        self, proposal_id: str, verdict: Verdict, to: ProposalState | None, actor: Actor = ALICE
    ) -> None:
        """Write a decision down, and make the move that follows if there is one."""
        with self.store.write() as tx:
            now = proposals.get_proposal(tx, proposal_id)
            proposals.decide(tx, proposal_id, now.digest, verdict, actor, "")
            if to is not None:
                proposals.move(
                    tx, proposal_id, expected=now.state, to=to, why=str(verdict), actor=actor
                )

    def apply(self, plan: Plan) -> ExecutionRecord:
        """Approve and carry out."""
        return self.executor().apply(self.approved(plan), ALICE)

    def undo(self, execution: ExecutionRecord) -> ExecutionRecord:
        """Propose, approve and carry out the undo of an execution."""
        with self.store.read() as tx:
            original = proposals.get_proposal(tx, execution.proposal_id).plan
        assert isinstance(original, Plan)
        inverse = undo_plan(execution, original)
        assert isinstance(inverse, Plan)
        return self.executor().apply(self.approved(inverse, undoes=execution.id), ALICE)

    def proposal(self, proposal_id: str) -> ProposalRecord:
        """The proposal as it is stored now."""
        with self.store.read() as tx:
            return proposals.get_proposal(tx, proposal_id)

    def execution(self, proposal_id: str) -> ExecutionRecord:
        """The newest execution of a proposal."""
        with self.store.read() as tx:
            found = executions.execution_of(tx, proposal_id)
        assert found is not None
        return found

    def writes(self) -> list[str]:
        """The writes that reached the cloud and may have changed it, in order."""
        return [call.operation for call in self.cloud.calls.writes if call.applied]

    def sent(self) -> list[str]:
        """The writes that reached the cloud at all."""
        return [call.operation for call in self.cloud.calls.writes]

    def key_status(self, user: str) -> str:
        """The status of a user's only key, past our own code."""
        (key,) = self.cloud.client().list_access_keys(UserName=user)["AccessKeyMetadata"]
        return str(key["Status"])


class Crash(BaseException):
    """The process ends here, as by an interrupt."""


def crash_at(label: str) -> Any:
    """A yield point that crashes at the first place called `label`."""

    def yield_point(here: str) -> None:
        if here == label:
            raise Crash(label)

    return yield_point


def do_at(label: str, action: Any) -> Any:
    """A yield point that does something, once, at the first place called `label`."""
    todo = [action]

    def yield_point(here: str) -> None:
        if here == label and todo:
            todo.pop()()

    return yield_point
