"""Questions in every state, for tests of what people see in Slack."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.engine.reminding import NOT_ENOUGH
from bot.engine.views import FindingView, ProposalView
from bot.model import (
    Actor,
    Decision,
    ExemptionRequest,
    Finding,
    GraceRecord,
    Manual,
    OwnerSource,
    Plan,
    ProposalState,
    Risk,
    Verdict,
    WatchRecord,
)
from bot.slack.blocks.question import PRIVATE, Asked, Place, Question, Rights, Role
from tests.reports.samples import BY_HAND, NOW, PLAN, execution, proposal, record

ANN, BEN = Actor("slack", "T0HOME/UANN"), Actor("slack", "T0HOME/UBEN")
ASKED = Asked(
    OwnerSource.TAGS,
    "tag owner = ann@example.com",
    deadline=NOW + timedelta(days=14),
    escalates=NOW + timedelta(days=10),
)


def final_plan() -> Plan:
    """The sample plan, if it could not be undone."""
    step = replace(
        PLAN.steps[0], undo=None, irreversible_because="AWS forgets it", risk=Risk.IRREVERSIBLE
    )
    return replace(PLAN, steps=(step,))


def decided(verdict: Verdict, actor: Actor = ANN, reason: str = "", digest: str = "") -> Decision:
    """One person's word."""
    known = proposal()
    return Decision("d-1", known.id, digest or known.digest, verdict, actor, NOW, reason)


def question(
    state: ProposalState = ProposalState.PENDING,
    *,
    plan: Plan | Manual | None = None,
    asked: Asked | None = ASKED,
    place: Place = PRIVATE,
    rights: Rights | None = None,
    decisions: tuple[Decision, ...] = (),
    why: str = "",
    finding: Finding | None = None,
    exemption: ExemptionRequest | None = None,
    carried_out: bool = False,
    undone: bool = False,
    grace: GraceRecord | None = None,
    watch: WatchRecord | None = None,
) -> Question:
    """A question about the sample finding."""
    shown = proposal(state=state)
    if plan is not None:
        shown = replace(shown, plan=plan, digest=plan.digest())
    shown = replace(shown, why=why, snoozed_until=NOW + timedelta(days=7))
    known = record() if finding is None else replace(record(), finding=finding)
    view = ProposalView(
        shown,
        FindingView(known, proposal=shown),
        decisions,
        execution(state=state) if carried_out else None,
    )
    return Question(
        view,
        NOW,
        place,
        asked,
        rights=rights or Rights(),
        exemption=exemption,
        undone=execution() if undone else None,
        grace=grace,
        watch=watch,
    )


def watch(**changes: Any) -> WatchRecord:
    """It is looked after what was done until next week."""
    known = WatchRecord(
        "x-1", NOW, NOW + timedelta(days=7), NOW, NOW, 1, ("the last use of AKIA1",)
    )
    return replace(known, **changes)


def grace(**changes: Any) -> GraceRecord:
    """A rule will act, and the owner was told yesterday."""
    told, until = NOW - timedelta(days=1), NOW + timedelta(days=4)
    known = GraceRecord(
        proposal().id, "sandbox-keys@0123456789ab", told, "5 working days", told, until
    )
    return replace(known, **changes)


def every_question() -> dict[str, Question]:
    """One of each state, role and place, by the name of its snapshot."""
    states = ProposalState
    yes, no = decided(Verdict.APPROVE), decided(Verdict.DENY, BEN, "still in use on Fridays")
    request = ExemptionRequest(
        "e-1", "f-1", "p-1", NOW + timedelta(days=90), "the vendor can't", ANN, NOW
    )
    handed = replace(ASKED, handed_to=("UBEN",), handed_by=ANN, handed_at=NOW)
    return {
        "grace": question(grace=grace(), asked=replace(ASKED, deadline=None, escalates=None)),
        "grace-untold": question(
            grace=grace(told_at=None, until=None),
            asked=replace(ASKED, deadline=None, escalates=None),
        ),
        "grace-stopped": question(grace=grace(stopped="no message has reached its owner")),
        "notified": question(
            ProposalState.PROPOSED,
            asked=replace(ASKED, role=Role.NOTIFIED, deadline=None, escalates=None),
        ),
        "pending": question(),
        "pending-final": question(plan=final_plan(), rights=Rights(people=2)),
        "pending-code": question(plan=final_plan(), rights=Rights(people=2, code=True)),
        "one-of-two": question(
            plan=final_plan(),
            rights=Rights(people=2),
            decisions=(decided(Verdict.APPROVE, digest=final_plan().digest()),),
        ),
        "by-hand": question(plan=BY_HAND),
        "notify-mode": question(rights=Rights(live=False)),
        "passed-over": question(
            asked=replace(
                ASKED,
                source=OwnerSource.SECURITY,
                because="no owner could be reached",
                role=Role.SECURITY,
                passed_over=("owner x@y.z is deactivated",),
            )
        ),
        "beside-owner": question(
            asked=replace(
                ASKED, role=Role.SECURITY, because=f"{NOT_ENOUGH}; tag owner = ann@example.com"
            )
        ),
        "reserved": question(
            asked=replace(ASKED, escalates=None), rights=Rights(reserved_for="the security group")
        ),
        "manager": question(asked=replace(ASKED, role=Role.MANAGER, number_asked=2)),
        "told": question(asked=replace(ASKED, role=Role.TOLD, source=OwnerSource.CREATOR)),
        "handed": question(asked=handed),
        "handed-settled": question(states.DENIED, asked=handed, decisions=(no,)),
        "replaced": question(asked=replace(ASKED, handed_to=("UBEN",))),
        "exemption": question(exemption=request),
        "approved": question(states.APPROVED, decisions=(yes,), why=f"approved by {ANN}"),
        "executing": question(states.EXECUTING, decisions=(yes,), why="claimed", carried_out=True),
        "verifying": question(states.VERIFYING, decisions=(yes,), carried_out=True),
        "done": question(states.DONE, decisions=(yes,), carried_out=True, why="every step holds"),
        "done-watched": question(
            states.DONE,
            decisions=(yes,),
            carried_out=True,
            watch=watch(
                ended_at=NOW + timedelta(days=7),
                ended="it is over",
                unknown=("what sessions of roles were refused",),
                blind=("A key that is off leaves no entry anywhere",),
            ),
        ),
        "done-watching": question(states.DONE, decisions=(yes,), carried_out=True, watch=watch()),
        "done-harmed": question(
            states.DONE,
            decisions=(yes,),
            carried_out=True,
            watch=watch(harm=("AKIA1 was used",), harmed_at=NOW, ended_at=NOW, ended="harm"),
        ),
        "done-unseen": question(
            states.DONE,
            decisions=(yes,),
            carried_out=True,
            watch=watch(looked=(), unknown=("everything",), ended_at=NOW, ended="it is over"),
        ),
        "undone": question(states.DONE, decisions=(yes,), carried_out=True, undone=True),
        "denied": question(states.DENIED, decisions=(no,), why=f"denied by {BEN}: still in use"),
        "snoozed": question(states.SNOOZED, decisions=(decided(Verdict.SNOOZE),)),
        "expired": question(states.EXPIRED, why="nobody answered in 14 days"),
        "stale": question(states.STALE, why="already fixed: AWS no longer shows the violation"),
        "cancelled": question(states.CANCELLED, why="exempt until 2027-01-01: legacy"),
        "blocked": question(states.BLOCKED, why="it would change a break-glass identity"),
        "failed": question(states.FAILED, decisions=(yes,), carried_out=True, why="AccessDenied"),
        "unknown": question(states.UNKNOWN, decisions=(yes,), carried_out=True, why="no answer"),
        "needs-human": question(states.NEEDS_HUMAN, decisions=(yes,), carried_out=True),
        "public": question(place=Place(confidential=False, channel=True)),
        "public-done": question(
            states.DONE, place=Place(confidential=False, channel=True), carried_out=True
        ),
        "asked-by-command": question(asked=None),
    }
