"""The modals: each asks for what one decision needs, and carries only ids."""

import json
from datetime import timedelta

from bot.model import Manual, Plan
from bot.reports.plan_text import call_text
from bot.slack.blocks.elements import (
    Block,
    Payload,
    asking,
    choice,
    context,
    day,
    divider,
    modal,
    section,
    typing,
)
from bot.slack.blocks.escape import Markup, code, date, joined, person, prose, say
from bot.slack.blocks.question import Question
from bot.slack.blocks.words import sentence

_MOST_STEPS = 12
_SPANS = {"1": "1 day", "7": "7 days", "30": "30 days", "date": "Until the day below"}
_REASON = 1_000


def metadata(question: Question, channel: str = "", ts: str = "") -> str:
    """What a modal remembers: the question, its digest, and the card it was opened from."""
    proposal = question.view.proposal
    return json.dumps({"p": proposal.id, "d": proposal.digest, "c": channel, "t": ts})


def approve_modal(question: Question, to_type: str, remembered: str) -> Payload:
    """Approve what can't be undone: the calls, what is lost, the name to type, a code."""
    plan = question.plan
    blocks: list[Block] = [section(sentence(plan.summary))]
    if isinstance(plan, Plan):
        blocks.append(section(_calls(plan)))
        final = [step.irreversible_because for step in plan.steps if step.undo is None]
        if final:
            blocks.append(section(say("*This can't be undone*: {why}.", why=prose(final[0]))))
    if question.rights.people > 1:
        blocks.append(
            context(Markup(f"It takes {question.rights.people} different people to approve this."))
        )
    if to_type:
        blocks.append(section(say("To approve, type {name}.", name=code(to_type))))
        blocks.append(asking("typed", "Name", typing(longest=600, shortest=1)))
    if question.rights.code:
        hint = "From your authenticator app; each code counts once."
        blocks.append(asking("code", "One-time code", typing(longest=10, shortest=6), hint=hint))
    return modal(
        "Approve for good",
        blocks,
        callback_id="approve_modal",
        submit="Approve",
        private_metadata=remembered,
    )


def deny_modal(question: Question, remembered: str) -> Payload:
    """Deny, with a reason that stays with the finding."""
    return modal(
        "Deny this fix",
        [
            section(sentence(question.plan.summary)),
            asking("reason", "Why not?", typing(longest=_REASON, shortest=3, multiline=True)),
            context(Markup("The same plan is asked again after the cool-off at the earliest.")),
        ],
        callback_id="deny_modal",
        submit="Deny",
        private_metadata=remembered,
    )


def snooze_modal(question: Question, remembered: str, *, again: bool) -> Payload:
    """Put off for a while; doing so again needs a reason."""
    reason = typing(longest=_REASON, shortest=3 if again else 0, multiline=True)
    hint = "It was put off before, so it needs a reason." if again else ""
    tomorrow = (question.now + timedelta(days=1)).date()
    return modal(
        "Put off",
        [
            section(sentence(question.plan.summary)),
            asking("days", "For how long?", choice(_SPANS, chosen="7")),
            asking("until", "Day", day(tomorrow), optional=True),
            asking("reason", "Why?", reason, optional=not again, hint=hint),
        ],
        callback_id="snooze_modal",
        submit="Put off",
        private_metadata=remembered,
    )


def exempt_modal(
    question: Question, remembered: str, *, longest: timedelta, takes_two: bool
) -> Payload:
    """Accept the violation until a day; where it is bad a second person confirms."""
    until = (question.now + min(longest, timedelta(days=90))).date()
    note = f"At most {longest.days} days. It comes back by itself."
    if takes_two:
        note += " A second person must confirm this one."
    return modal(
        "Accept for a while",
        [
            section(sentence(question.plan.summary)),
            asking("reason", "Why?", typing(longest=_REASON, shortest=3, multiline=True)),
            asking("until", "Until", day(until)),
            context(Markup(note)),
        ],
        callback_id="exempt_modal",
        submit="Ask" if takes_two else "Accept",
        private_metadata=remembered,
    )


def not_mine_modal(question: Question, remembered: str) -> Payload:
    """Say whose it is; they are asked at once, and from now on."""
    pick: Block = {"type": "users_select", "placeholder": {"type": "plain_text", "text": "Whose?"}}
    return modal(
        "Not mine",
        [
            section(sentence(question.plan.summary)),
            asking("owner", "Whose is it?", pick),
            context(Markup("They are asked at once, and about this from now on.")),
        ],
        callback_id="not_mine_modal",
        submit="Hand over",
        private_metadata=remembered,
    )


def details_modal(question: Question) -> Payload:
    """Every call with what must hold before and after, the undo, and what was decided."""
    plan = question.plan
    blocks: list[Block] = [section(sentence(plan.summary))]
    if isinstance(plan, Manual):
        blocks += [section(prose_line(step)) for step in plan.steps[:_MOST_STEPS]]
    else:
        for number, step in enumerate(plan.steps[:_MOST_STEPS], start=1):
            lines = [
                say("*{n}. {what}* ({risk})", n=number, what=prose(step.summary), risk=step.risk),
                say("call {call}", call=code(call_text(step.do), 900)),
                *(
                    say("before {path} of {read}", path=code(e.path), read=code(call_text(e.read)))
                    for e in step.before[:4]
                ),
                *(
                    say("after {path} of {read}", path=code(e.path), read=code(call_text(e.read)))
                    for e in step.after[:4]
                ),
                say("undo {call}", call=code(call_text(step.undo), 900))
                if step.undo
                else say("no undo: {why}", why=prose(step.irreversible_because)),
            ]
            blocks.append(section(joined("\n", lines)))
        if len(plan.steps) > _MOST_STEPS:
            more = len(plan.steps) - _MOST_STEPS
            text = say(
                "… and {n} more steps: `locksmith plan {id}` shows them all.",
                n=more,
                id=question.view.proposal.id,
            )
            blocks.append(section(text))
    blocks += [divider(), section(_history(question))]
    blocks.append(context(say("digest {digest}", digest=code(question.view.proposal.digest))))
    return modal("Details", blocks, callback_id="details_modal", close="Close")


def word_modal(title: str, text: Markup) -> Payload:
    """A kind word where there is nothing to fill in."""
    return modal(title, [section(text)], close="Close")


def prose_line(text: str) -> Markup:
    """A line of a list."""
    return say("• {text}", text=prose(text))


def _calls(plan: Plan) -> Markup:
    lines = [
        say("• {call}", call=code(call_text(step.do), 400)) for step in plan.steps[:_MOST_STEPS]
    ]
    if len(plan.steps) > _MOST_STEPS:
        lines.append(Markup(f"• … and {len(plan.steps) - _MOST_STEPS} more"))
    return joined("\n", lines)


def _history(question: Question) -> Markup:
    view = question.view
    lines = [say("Asked {when}.", when=date(view.proposal.created_at))]
    lines += [
        say(
            "{verdict} by {who}, {when}",
            verdict=decision.verdict.value,
            who=person(decision.actor, question.people),
            when=date(decision.at),
        )
        for decision in view.decisions[-10:]
    ]
    if view.execution is not None:
        lines.append(
            say(
                "{id} carried out by {who}, {when}: {state}",
                id=view.execution.id,
                who=person(view.execution.actor, question.people),
                when=date(view.execution.started_at),
                state=view.execution.state.value,
            )
        )
    return joined("\n", lines)
