"""The use cases that act: apply, rehearse, undo."""

from datetime import datetime

from bot.engine.beginning import ask_at
from bot.engine.containment import contained_user
from bot.engine.core import key_owner, refused, seen_by_aws
from bot.engine.entering import Aws
from bot.engine.executor import Rehearsal
from bot.engine.gathering import Progress
from bot.engine.grace_clock import note_outage
from bot.engine.handing_over import HandingOver
from bot.engine.taking_back import Reversal, propose_undo, reversals
from bot.engine.views import ProposalView
from bot.errors import RefusedError
from bot.model import (
    Actor,
    ExecutionRecord,
    Manual,
    ProposalRecord,
    ProposalState,
)
from bot.store import executions, findings, keys, proposals
from bot.store.database import Transaction


class Doing(HandingOver):
    """Carrying out what was approved, and proposing to take it back."""

    def apply(self, proposal_id: str, actor: Actor, progress: Progress) -> ExecutionRecord:
        """Carry out an approved proposal now, then look whether the finding is gone."""
        proposal, aws = self._ready_to_write(proposal_id)
        actor = seen_by_aws(actor, aws)
        self._recover(aws, actor, progress)
        self._forget_keys(proposal)
        execution = aws.executor.telling(progress).apply(proposal_id, actor)
        if execution.state is ProposalState.DONE:
            self._after(proposal, aws, actor, progress)
        with self._store.read() as tx:
            return executions.get_execution(tx, execution.id)

    def note_outage(self, account_id: str) -> None:
        """AWS could not be reached in an account for long; what rules approved is asked anew."""
        with self._store.write() as tx:
            note_outage(tx, account_id)

    def settle_left(
        self, account_id: str, actor: Actor, progress: Progress
    ) -> tuple[ExecutionRecord, ...]:
        """Settle what a process left in the middle of a change, by looking; what became of it.

        Nothing is written to AWS, and nothing happens while another process is at work. What is
        unknown already waits for the next scan: looking again at once would tell no more.
        """
        with self._store.read() as tx:
            left = executions.unfinished(tx, account_id)
        if all(each.state is ProposalState.UNKNOWN for each in left):
            return ()
        aws = self._accounts.enter(account_id)
        return self._recover(aws, seen_by_aws(actor, aws), progress)

    def rehearse(self, proposal_id: str, actor: Actor) -> Rehearsal:
        """Everything up to the first write: what each step finds, and whether it could go on."""
        proposal = self.proposal(proposal_id).proposal
        if isinstance(proposal.plan, Manual):
            raise RefusedError(f"{proposal_id} is made by hand: there is nothing to rehearse")
        aws = self._accounts.enter_account(proposal.account)
        return aws.executor.rehearse(proposal_id, seen_by_aws(actor, aws))

    def undo(self, any_id: str, actor: Actor) -> ProposalView:
        """Propose to take an execution back; the same gate as any plan comes next.

        Takes an execution's, proposal's or finding's id. Raises RefusedError where nothing holds
        that could be taken back, or where it was taken back already. A half-way execution that
        needs a human is settled by this. From Slack it takes a right in the original question.
        """
        with self._store.read() as tx:
            asked = self._execution_meant(tx, any_id).proposal_id
        if actor.kind != "local":
            self.require_decider(asked, actor)
        try:
            with self._store.write() as tx:
                made = propose_undo(tx, self._execution_meant(tx, any_id), actor)
                if actor.kind != "local":  # who is at a terminal approves it there
                    ask_at(tx, made.account.id, tx.now)
                return self._view(tx, made)
        except RefusedError as error:
            with self._store.write() as tx:
                refused(tx, actor, "undo", str(error), subject=asked)
            raise

    def reversals(
        self, since: datetime, *, rule: str | None = None, account: str | None = None
    ) -> list[Reversal]:
        """What was done since a moment, newest first, and what would take each back.

        `rule` is the name of a rule that approved it. Nothing is proposed by that.
        """
        with self._store.read() as tx:
            return reversals(tx, since, rule=rule, account=account)

    def settle(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView:
        """A person closes what Locksmith could not, with a reason."""
        self._require_security(actor, "settle", proposal_id)
        with self._store.write() as tx:
            proposals.move(
                tx,
                proposal_id,
                expected=ProposalState.NEEDS_HUMAN,
                to=ProposalState.CANCELLED,
                why=f"settled by {actor}: {reason}",
                actor=actor,
            )
        return self.proposal(proposal_id)

    def _ready_to_write(self, proposal_id: str) -> tuple[ProposalRecord, Aws]:
        with self._store.read() as tx:
            proposal = proposals.get_proposal(tx, proposal_id)
            self._require_live(tx, proposal.account)
        if isinstance(proposal.plan, Manual):
            raise RefusedError(
                f"{proposal_id} is made by hand: {proposal.plan.reason}",
                hint=f"`locksmith plan {proposal_id}` lists the steps; scan again when done.",
            )
        return proposal, self._accounts.enter_account(proposal.account)

    def _forget_keys(self, proposal: ProposalRecord) -> None:
        """What is remembered of the owner's keys is over, even if we don't live to look again."""
        contained = contained_user(proposal.subject)
        if contained is not None:
            with self._store.write() as tx:
                keys.forget_keys(tx, proposal.account.id, contained)
        if proposal.finding_id is None:
            return
        with self._store.write() as tx:
            record = findings.get_finding(tx, proposal.finding_id)
            for _name, user_id in key_owner(record):
                keys.forget_keys(tx, record.account.id, user_id)

    def _after(self, proposal: ProposalRecord, aws: Aws, actor: Actor, progress: Progress) -> None:
        if proposal.finding_id is None:
            return
        progress("Looking whether the finding is gone")
        with self._store.read() as tx:
            record = findings.get_finding(tx, proposal.finding_id)
        self._scanner.look_again(
            aws.connection,
            aws.protection,
            {record.finding.control},
            key_owner(record),
            actor,
            progress,
        )

    @staticmethod
    def _execution_meant(tx: Transaction, any_id: str) -> ExecutionRecord:
        if any_id.startswith("x-"):
            return executions.get_execution(tx, any_id)
        proposal_id = any_id
        if any_id.startswith("f-"):
            record = findings.get_finding(tx, any_id)
            latest = proposals.latest_proposals(tx, record.account.id).get(record.id)
            if latest is None:
                raise RefusedError(f"nothing was ever done about {any_id}")
            proposal_id = latest.id
        found = executions.execution_of(tx, proposal_id)
        if found is None:
            raise RefusedError(f"{proposal_id} was never carried out: there is nothing to undo")
        return found
