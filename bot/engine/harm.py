"""The watch for harm: when it begins, and what was recorded of harm when a rule takes back."""

from bot.engine.aftermath import taken
from bot.engine.cards import AFTER
from bot.engine.remediation import RULE, Harmed
from bot.model import ExecutionRecord, Origin, ProposalRecord, ProposalState, Verdict
from bot.store import dues, executions, proposals, watches
from bot.store.database import Transaction


def watch_from_now(tx: Transaction, proposal: ProposalRecord, ended: ExecutionRecord) -> None:
    """Let what was done be watched, where it took something from someone.

    Any process may carry things out; whoever serves Slack does the looking.
    """
    if ended.state is ProposalState.DONE and taken(proposal, ended):
        watches.begin_watch(tx, ended.id)
        dues.set_due(tx, AFTER, ended.id, tx.now)


def harm_behind(tx: Transaction, undo: ProposalRecord) -> Harmed | None:
    """The harm that an undo takes back, as it was recorded; None for anything else."""
    if undo.origin is not Origin.UNDO or undo.undoes is None:
        return None
    watch = watches.get_watch(tx, undo.undoes)
    if watch is None or not watch.harm:
        return None
    execution = executions.get_execution(tx, undo.undoes)
    return harmed(tx, proposals.get_proposal(tx, execution.proposal_id), watch.harm)


def harmed(tx: Transaction, original: ProposalRecord, harm: tuple[str, ...]) -> Harmed:
    """What a rule needs to know of a change that did harm: which rules approved it."""
    approvers = {
        said.actor.name
        for said in proposals.decisions(tx, original.id)
        if said.actor.kind == RULE
        and said.verdict is Verdict.APPROVE
        and said.digest == original.digest
    }
    return Harmed(original, frozenset(approvers), harm)
