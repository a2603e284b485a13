"""The few words and colours that every report uses alike."""

from bot.engine.views import FindingView
from bot.model import FindingStatus, Manual, Outcome, ProposalState, Risk, Severity

SEVERITY_STYLE = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
RISK_STYLE = {
    Risk.REVERSIBLE: "green",
    Risk.DISRUPTIVE: "yellow",
    Risk.IRREVERSIBLE: "bold red",
}
OUTCOME_STYLE = {
    Outcome.HOLDS: "green",
    Outcome.ANSWERED: "yellow",
    Outcome.INTENDED: "yellow",
    Outcome.NOT_APPLIED: "red",
    Outcome.UNKNOWN: "bold red",
}
_GOOD = frozenset({ProposalState.DONE, ProposalState.APPROVED})
_BAD = frozenset({ProposalState.FAILED, ProposalState.UNKNOWN, ProposalState.NEEDS_HUMAN})

#: What `needs` of a remediation means.
NEEDS = {
    "key_id": "the key is not named yet",
    "live_account": "made from files; scan the account itself to apply it",
    "watch_over": "an earlier change about it is still watched; what can't be undone waits",
}


def counted(count: int, noun: str) -> str:
    """`1 finding`, `2 findings`, `no findings`."""
    return f"{count or 'no'} {noun}" + ("" if count == 1 else "s")


def state_style(state: ProposalState) -> str:
    """The colour of a proposal's state."""
    return "green" if state in _GOOD else "bold red" if state in _BAD else ""


def fix_of(view: FindingView) -> tuple[str, str]:
    """The fix of a finding in two words, and their colour."""
    plan = view.remediation.plan if view.remediation else None
    if view.asks_elsewhere:
        return "elsewhere", "dim"
    if view.remediation and view.remediation.needs == "key_id":
        return "key not named", "dim"
    if plan is None and view.proposal is not None:
        plan = view.proposal.plan
    if plan is None:
        return "not planned", "dim"
    if isinstance(plan, Manual):
        return "by hand", ""
    return plan.risk.value, RISK_STYLE[plan.risk]


def state_of(view: FindingView) -> tuple[str, str]:
    """Where a finding stands, its question included, and the colour."""
    status = view.record.status
    if status is not FindingStatus.OPEN:
        return status.value, "dim"
    if view.proposal is None:
        return status.value, ""
    return view.proposal.state.value, state_style(view.proposal.state)
