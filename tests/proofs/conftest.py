"""A served account, a database, and processes that can be killed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.aws.simulated.server import SimulatedAccount, start
from bot.model import (
    Actor,
    ExecutionRecord,
    Origin,
    Plan,
    ProposalRecord,
    ProposalState,
    Verdict,
)
from bot.store import accounts, audit, executions, proposals
from bot.store.database import Store, open_store
from bot.store.proposals import NewProposal
from tests.engine.plans import attach, detach, plan
from tests.proofs.forks import Forks, forks

ALICE = Actor("local", "alice@desk")
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"


@dataclass
class Proof:
    """What the proofs look at from outside: the cloud, the database, the processes."""

    cloud: SimulatedAccount
    store: Store
    url: str
    forks: Forks
    round: int = 0

    def two_step_plan(self) -> Plan:
        """Give a new user one policy, then take another away."""
        self.round += 1
        name = f"user-{self.round}"
        self.cloud.account.user(name)
        self.cloud.account.attach(BILLING, user=name)
        steps = (attach("user", name, READ_ONLY), detach("user", name, BILLING))
        return plan(*steps, subject=f"AIDA{self.round}/policies")

    def attached(self) -> set[str]:
        """The policies that the latest user has, as IAM says."""
        answer = self.cloud.client().list_attached_user_policies(UserName=f"user-{self.round}")
        return {one["PolicyArn"] for one in answer["AttachedPolicies"]}

    def propose(self, made: Plan, *, approve: bool = True) -> str:
        """A proposal of this plan in a live account, approved by Alice if so wanted."""
        with self.store.write() as tx:
            accounts.ensure_account(tx, made.account)
            accounts.scanned(tx, made.account.id, tx.now)
            accounts.go_live(tx, made.account.id, ALICE)
            new = NewProposal(
                account=made.account,
                subject=made.subject,
                origin=Origin.FINDING,
                plan=made,
                control="test-control",
                finding_id=None,
            )
            (proposal,) = proposals.propose_many(tx, [new], ALICE)
            if approve:
                proposals.decide(tx, proposal.id, proposal.digest, Verdict.APPROVE, ALICE, "")
                proposals.move(
                    tx,
                    proposal.id,
                    expected=ProposalState.PROPOSED,
                    to=ProposalState.APPROVED,
                    why="",
                    actor=ALICE,
                )
        self.cloud.calls.clear()
        return proposal.id

    def proposal(self, proposal_id: str) -> ProposalRecord:
        """The proposal as it is stored."""
        with self.store.read() as tx:
            return proposals.get_proposal(tx, proposal_id)

    def executions(self, proposal_id: str) -> list[ExecutionRecord]:
        """Every execution of a proposal, oldest first."""
        with self.store.read() as tx:
            every = executions.list_executions(tx)
        return [each for each in reversed(every) if each.proposal_id == proposal_id]

    def applied(self) -> list[str]:
        """The writes that the cloud carried out since the proposal was made."""
        return [call.operation for call in self.cloud.calls.writes if call.applied]

    def is_whole(self) -> bool:
        """Whether the audit log is as it was written."""
        with self.store.read() as tx:
            return audit.verify(tx).ok


@pytest.fixture
def cloud() -> Iterator[SimulatedAccount]:
    """An account with two administrators."""
    with start(users=0) as served:
        for name in ("ann", "ben"):
            served.account.user(name)
            served.account.password(name)
            served.account.attach("AdministratorAccess", user=name)
        yield served


@pytest.fixture
def proof_on(cloud: SimulatedAccount) -> Iterator[Callable[[str], Proof]]:
    """Makes a proof on a database."""
    with forks(cloud.environment()) as forking:
        opened: list[Store] = []

        def make(url: str) -> Proof:
            store = open_store(url, clock=lambda: datetime.now(UTC))
            opened.append(store)
            return Proof(cloud, store, url, forking)

        yield make
        for store in opened:
            store.close()
