"""Whether those who approved may still decide, looked up again just before anything is written."""

from collections.abc import Callable, Sequence

from bot.engine.standing import Standings
from bot.model import Decision, DirectoryError, ProposalRecord, Verdict


def recheck(
    standings: Standings, say: Callable[[str], None]
) -> Callable[[ProposalRecord, Sequence[Decision]], str | None]:
    """Judges approvals made in Slack by what Slack knows of those people now.

    Where Slack can't be asked, the look at the moment of the click stands: an outage there must
    not hold up what was approved. That is said with `say`.
    """

    def judge(proposal: ProposalRecord, decisions: Sequence[Decision]) -> str | None:
        for decision in decisions:
            if decision.verdict is not Verdict.APPROVE or decision.digest != proposal.digest:
                continue
            try:
                unfit = standings.unfit(decision.actor)
            except DirectoryError as error:
                say(f"{proposal.id}: who approved it can't be looked up again: {error}")
                continue
            if unfit is not None:
                return f"the approval of {decision.actor} counts no more: {unfit}"
        return None

    return judge
