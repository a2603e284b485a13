"""A proposal for people: where it stands, and who said what."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import RenderableType
from rich.text import Text

from bot.engine.views import ProposalView
from bot.model import ProposalState
from bot.reports.terminal import styled
from bot.reports.times import told
from bot.reports.words import counted, state_style

_NEXT = {
    ProposalState.PROPOSED: "`locksmith approve {id}` shows the plan and asks.",
    ProposalState.PENDING: "`locksmith approve {id}` shows the plan and asks.",
    ProposalState.APPROVED: "`locksmith apply {id}` carries it out.",
    ProposalState.UNKNOWN: "`locksmith scan` looks what became of it.",
    ProposalState.NEEDS_HUMAN: "`locksmith settle {id} --reason …` once you have seen to it.",
}
#: Here the decisions below say why.
_DECIDED = frozenset({ProposalState.APPROVED, ProposalState.DENIED, ProposalState.SNOOZED})


def proposal_lines(
    view: ProposalView, now: datetime, *, cool_off_days: int | None = None
) -> Sequence[RenderableType]:
    """The state in one line, the decisions below it, then what to do next.

    `cool_off_days` are the days until a denied plan is asked again, where that is to be said.
    """
    proposal = view.proposal
    lines: list[RenderableType] = [
        Text.assemble(
            (proposal.id, "bold"),
            " is ",
            (proposal.state.value, state_style(proposal.state) or "bold"),
            f", {told(proposal.changed_at, now)}",
        )
    ]
    if proposal.why and not (view.decisions and proposal.state in _DECIDED):
        lines.append(styled(f"  {proposal.why}"))
    if proposal.undoes:
        lines.append(Text(f"  takes back {proposal.undoes}"))
    if proposal.snoozed_until:
        lines.append(Text(f"  asked again {told(proposal.snoozed_until, now)}"))
    if proposal.asked_before:
        lines.append(Text(f"  asked {counted(proposal.asked_before, 'time')} before without a yes"))
    for decision in view.decisions:
        reason = f": {decision.reason}" if decision.reason else ""
        lines.append(
            styled(f"  {decision.verdict} by {decision.actor}, {told(decision.at, now)}{reason}")
        )
    if proposal.state is ProposalState.DENIED and cool_off_days is not None:
        again = proposal.changed_at + timedelta(days=cool_off_days)
        lines.append(
            Text(
                f"  Scans ask this again from {again:%Y-%m-%d} on (proposals.cool_off_days: "
                f"{cool_off_days}), or once the plan is another one.",
                "dim",
            )
        )
    if proposal.state in _NEXT:
        lines.append(Text(f"  {_NEXT[proposal.state].format(id=proposal.id)}", "dim"))
    return lines
