"""Where a question stands: its title, and what became of it, by whom, when and why."""

from collections.abc import Callable, Mapping

from bot.model import (
    Actor,
    FindingStatus,
    Json,
    Manual,
    Outcome,
    Plan,
    ProposalState,
    StepRecord,
    Verdict,
)
from bot.slack.blocks.escape import (
    Markup,
    date,
    joined,
    naming,
    person,
    prose,
    quote,
    say,
    worded,
)
from bot.slack.blocks.fitting import Room
from bot.slack.blocks.question import Question
from bot.slack.blocks.still_open import still_open
from bot.slack.blocks.watch_part import watch_lines

_S = ProposalState
_TITLES: Mapping[ProposalState, str] = {
    _S.PROPOSED: "❔ Decision needed",
    _S.PENDING: "❔ Decision needed",
    _S.APPROVED: "👍 Approved, about to be carried out",
    _S.EXECUTING: "⏳ Being carried out",
    _S.VERIFYING: "⏳ Carried out, being checked",
    _S.DONE: "✅ Done: the effect was observed",
    _S.BLOCKED: "🛡️ Blocked, nothing was changed",
    _S.DENIED: "🚫 Denied",
    _S.SNOOZED: "💤 Put off",
    _S.EXPIRED: "⌛ Expired without an answer",
    _S.STALE: "↩️ No longer asked",
    _S.CANCELLED: "↩️ Withdrawn",
    _S.FAILED: "❌ Failed, certainly not applied",
    _S.UNKNOWN: "⚠️ Outcome unknown",
    _S.NEEDS_HUMAN: "⚠️ Needs a person",
}
_OUTCOMES: Mapping[Outcome, Markup] = {
    Outcome.INTENDED: say("on its way; whether AWS took it is not known"),
    Outcome.ANSWERED: say("AWS said yes; the effect was not observed yet"),
    Outcome.HOLDS: say("it holds, as was observed"),
    Outcome.NOT_APPLIED: say("certainly not applied"),
    Outcome.UNKNOWN: say("unknown: the answer was lost, and looking gave no clear picture"),
}


def title(question: Question) -> str:
    """The state in a few words. Plain text of ours."""
    if question.is_asked:
        return _asking_title(question)
    if _is_undone(question):
        return "↩️ Undone"
    if question.state is _S.STALE and _is_gone(question):
        return "✅ Already fixed by someone"
    if question.state is _S.CANCELLED and _is_exempt(question):
        return "↩️ Withdrawn: exempt"
    return _TITLES[question.state]


def standing(question: Question, room: Room) -> Markup:
    """What became of it, in lines; for one that still waits, who approved so far."""
    tell = _TELLERS.get(question.state, _why)
    return joined("\n", [line for line in tell(question, room) if line])


def _asking_title(question: Question) -> str:
    if isinstance(question.plan, Manual):
        return "🔧 To be done by hand"
    if question.exemption:
        return "❔ An exemption waits for a second person"
    if question.approvers:
        two = question.rights.people == 2
        return "👍 Waits for a second person" if two else "👍 Waits for more people"
    return "❔ Decision needed" if question.decides else "👁️ For your information"


def _waiting(question: Question, room: Room) -> list[Markup]:  # noqa: ARG001 - as all of them
    said = question.approvers
    if not said:
        return []
    return [
        say(
            "*{count} of {people}* approved: {who}. It takes different people.",
            count=len(said),
            people=question.rights.people,
            who=_people(question, said),
        )
    ]


def _approved(question: Question, room: Room) -> list[Markup]:
    lines = _decisions(question, Verdict.APPROVE, "approved", room)
    return lines or _why(question, room)


def _denied(question: Question, room: Room) -> list[Markup]:
    return _decisions(question, Verdict.DENY, "denied", room) or _why(question, room)


def _snoozed(question: Question, room: Room) -> list[Markup]:
    lines = _decisions(question, Verdict.SNOOZE, "put off", room) or _why(question, room)
    until = question.view.proposal.snoozed_until
    return [*lines, say("It is asked again {until}.", until=date(until))] if until else lines


def _running(question: Question, room: Room) -> list[Markup]:
    execution = question.view.execution
    began = [say("Since {when}.", when=date(execution.started_at))] if execution else []
    return [*_decisions(question, Verdict.APPROVE, "approved", room), *began, *_steps(question)]


def _done(question: Question, room: Room) -> list[Markup]:
    execution, plan = question.view.execution, question.plan
    if execution is None or isinstance(plan, Manual):
        return [*_decisions(question, Verdict.APPROVE, "approved", room), *_why(question, room)]
    lines = [*_decisions(question, Verdict.APPROVE, "approved", room)]
    if _is_undone(question):
        return [*lines, _undone(question)]
    if execution.finished_at:
        lines.append(say("*Seen in AWS* {when}:", when=date(execution.finished_at)))
    return [*lines, *_steps(question), *_open(question, plan), *watch_lines(question.watch)]


def _ended_badly(question: Question, room: Room) -> list[Markup]:
    lines = [*_why(question, room), *_steps(question)]
    if question.state is _S.UNKNOWN:
        lines.append(
            say("Locksmith looks again at the next scan and repeats nothing before it knows.")
        )
    if question.state is _S.NEEDS_HUMAN:
        lines.append(say("Someone must look at AWS and decide how to go on."))
    if question.state is _S.BLOCKED:
        lines.append(say("Nothing was written to AWS."))
    return lines


def _expired(question: Question, room: Room) -> list[Markup]:
    return [
        *_why(question, room),
        say("Nobody decided, so nothing was changed. It may be asked again later."),
    ]


def _why(question: Question, room: Room) -> list[Markup]:
    proposal = question.view.proposal
    why = proposal.why or "no reason was given"
    told = naming(why.rstrip(". "), question.actors, question.people, limit=room.text)
    return [say("{when}: {why}.", when=date(proposal.changed_at), why=told)]


def _decisions(question: Question, verdict: Verdict, verb: str, room: Room) -> list[Markup]:
    lines: list[Markup] = []
    for decision in question.view.decisions:
        if decision.verdict is not verdict:
            continue
        lines.append(
            say(
                "{verb} by {who}, {when}",
                verb=verb.capitalize(),
                who=person(decision.actor, question.people),
                when=date(decision.at),
            )
        )
        if decision.reason:
            lines.append(quote(decision.reason, room.text))
    return lines


def _steps(question: Question) -> list[Markup]:
    execution, plan = question.view.execution, question.plan
    if execution is None or isinstance(plan, Manual):
        return []
    lines = [_step(record, plan) for record in execution.steps[:12]]
    if len(execution.steps) > len(lines):
        more = len(execution.steps) - len(lines)
        lines.append(say("… and {more} more steps: *Details* shows them.", more=more))
    return lines


def _step(record: StepRecord, plan: Plan) -> Markup:
    names = {step.name: step.summary for step in plan.steps}
    line = say(
        "{number}. {step}: {outcome}",
        number=record.index + 1,
        step=worded(names.get(record.name, record.name), 200),
        outcome=_OUTCOMES[record.outcome],
    )
    if not record.error:
        return line
    return say("{line}\n     {error}", line=line, error=prose(record.error, 300))


def _open(question: Question, plan: Plan) -> list[Markup]:
    if question.view.execution is None:
        return []
    return [
        say("*Still open* until {until}: {what}.", until=date(each.until), what=each.what)
        for each in still_open(question.view.execution, plan, question.now)
    ]


def _undone(question: Question) -> Markup:
    execution = question.undone
    if execution is None:
        by: Json = question.view.execution.undone_by if question.view.execution else None
        return say("Undone by {by}.", by=str(by))
    again = "What was found is there" if question.view.finding else "What was shut is open"
    return say(
        "Undone by {who}, {when}. {again} again.",
        again=again,
        who=person(execution.actor, question.people),
        when=date(execution.finished_at or execution.started_at),
    )


def _people(question: Question, actors: tuple[Actor, ...]) -> Markup:
    return joined(", ", [person(actor, question.people) for actor in actors])


def _is_undone(question: Question) -> bool:
    execution = question.view.execution
    taken_back = question.undone is not None or bool(execution and execution.undone_by)
    return question.state is _S.DONE and taken_back


def _is_gone(question: Question) -> bool:
    finding = question.view.finding
    resolved = finding is not None and finding.record.status is FindingStatus.RESOLVED
    return resolved or question.view.proposal.why.startswith("already fixed")


def _is_exempt(question: Question) -> bool:
    finding = question.view.finding
    exempt = finding is not None and finding.record.status is FindingStatus.EXEMPT
    return exempt or question.view.proposal.why.startswith("exempt")


_TELLERS: Mapping[ProposalState, Callable[[Question, Room], list[Markup]]] = {
    _S.PROPOSED: _waiting,
    _S.PENDING: _waiting,
    _S.APPROVED: _approved,
    _S.DENIED: _denied,
    _S.SNOOZED: _snoozed,
    _S.EXECUTING: _running,
    _S.VERIFYING: _running,
    _S.DONE: _done,
    _S.FAILED: _ended_badly,
    _S.UNKNOWN: _ended_badly,
    _S.NEEDS_HUMAN: _ended_badly,
    _S.BLOCKED: _ended_badly,
    _S.EXPIRED: _expired,
}
