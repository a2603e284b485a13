"""Whether those who approved still may, looked up again just before anything is written."""

from collections.abc import Callable, Sequence

from bot.engine.approvals import Approvals
from bot.engine.ports import Recheck
from bot.engine.standing import Standings
from bot.model import Decision, DirectoryError, ProposalRecord, Verdict


def recheck(standings: Standings, approvals: Approvals, say: Callable[[str], None]) -> Recheck:
    """Judges approvals made in Slack by what holds of those people now.

    Who was deactivated, left the group that decides, or owned the thing by a tag that changed,
    approves no more. Where Slack can't be asked, the look at the moment of the click stands: an
    outage there must not hold up what was approved. That is said with `say`.
    """

    def judge(proposal: ProposalRecord, decisions: Sequence[Decision]) -> str | None:
        for decision in decisions:
            if decision.verdict is not Verdict.APPROVE or decision.digest != proposal.digest:
                continue
            if decision.actor.kind != "slack":
                continue
            try:
                standing = standings.read(decision.actor, proposal)
            except DirectoryError as error:
                say(f"{proposal.id}: who approved it can't be looked up again: {error}")
                continue
            objection = approvals.still_approves(proposal, standing)
            if objection is not None:
                return f"the approval of {decision.actor} counts no more: {objection}"
        return None

    return judge
