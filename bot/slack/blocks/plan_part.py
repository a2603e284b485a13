"""A plan on a card: exactly what would be called, what could break, and the way back."""

import json
from collections.abc import Sequence

from bot.model import Call, Manual, Plan, Risk, Step
from bot.reports.plan_text import call_text
from bot.reports.rewriting import document_in
from bot.slack.blocks.elements import Block, section
from bot.slack.blocks.escape import TRUNCATED, Markup, code, joined, say, worded
from bot.slack.blocks.fitting import Room

RISKS = {
    Risk.REVERSIBLE: say("reversible"),
    Risk.DISRUPTIVE: say("disruptive"),
    Risk.IRREVERSIBLE: say("*irreversible*"),
}

#: Characters of one paragraph, which Slack takes up to 3,000, with room for what is left out.
_PARAGRAPH = 2_700


def plan_blocks(plan: Plan | Manual, room: Room) -> list[Block]:
    """The whole plan as far as there is room; what is left out is said, and Details has it."""
    if isinstance(plan, Manual):
        return [_by_hand(plan, room)]
    blocks = [section(_calls(plan, room))]
    if plan.breaks:
        risks = [say("• {risk}", risk=worded(risk, room.text)) for risk in plan.breaks]
        blocks.append(section(_listed(say("*What could break*"), risks, room, "more risks")))
    return [*blocks, section(way_back(plan, room))]


def steps_in_words(plan: Plan, room: Room) -> Markup:
    """What each step changes, one line each, without its call."""
    lines = [say("• {step}", step=worded(step.summary, room.call)) for step in plan.steps]
    return _listed(None, lines, room, "more steps")


def way_back(plan: Plan, room: Room) -> Markup:
    """How the plan is undone and until when, or why it can't be."""
    final = [step for step in plan.steps if step.undo is None]
    if not final:
        return _undo(plan, room)
    reasons = dict.fromkeys(step.irreversible_because for step in final)
    why = joined("; ", [worded(reason, room.text) for reason in reasons])
    if len(final) == len(plan.steps):
        return say("*Cannot be undone:* {why}", why=why)
    return say(
        "*Cannot be undone as a whole:* {count} of {all} steps are final: {why}",
        count=len(final),
        all=len(plan.steps),
        why=why,
    )


def _undo(plan: Plan, room: Room) -> Markup:
    head = say("*Undo*  with a button here, for as long as nobody changes what this changed:")
    calls = [
        say("• {call}", call=_call(step.undo, room))
        for step in reversed(plan.steps)
        if step.undo is not None
    ]
    return _listed(head, calls, room, "more calls")


def _calls(plan: Plan, room: Room) -> Markup:
    lines = [_step(number, step, room) for number, step in enumerate(plan.steps, start=1)]
    if [_bare(step.summary) for step in plan.steps] == [_bare(plan.summary)]:
        lines = [_whole(plan.steps[0].do, room)]  # the head says it already
    head = say(
        "*What would be called* ({risk}): {summary}",
        risk=RISKS[plan.risk],
        summary=worded(plan.summary, room.text),
    )
    return _listed(head, lines, room, "more calls")


def _step(number: int, step: Step, room: Room) -> Markup:
    return say(
        "{number}. {summary}\n{call}",
        number=number,
        summary=worded(step.summary, room.call),
        call=_whole(step.do, room),
    )


def _whole(call: Call, room: Room) -> Markup:
    """A call, and where to see what is left out of it."""
    shown = _call(call, room)
    rest = say(" Details shows it whole.") if TRUNCATED in shown else say("")
    return say("     {call}{rest}", call=shown, rest=rest)


def _call(call: Call, room: Room) -> Markup:
    """A call, and below it each JSON document that it carries, without the marks of a text."""
    documents = {name: inner for name in call.params if (inner := document_in(call.params[name]))}
    lines = [code(call_text(call, below=documents), room.call)]
    for name, document in documents.items():
        text = json.dumps(document, ensure_ascii=False)
        lines.append(say("{name} = {text}", name=name, text=code(text, room.call)))
    return joined("\n     ", lines)


def _bare(text: str) -> str:
    return text.rstrip(". ")


def _by_hand(plan: Manual, room: Room) -> Block:
    steps = [
        say("{number}. {step}", number=number, step=worded(step, room.text))
        for number, step in enumerate(plan.steps, start=1)
    ]
    head = say("*To be done by hand:* {reason}", reason=_full_stop(plan.reason, room))
    return section(_listed(head, steps, room, "more steps"))


def _full_stop(text: str, room: Room) -> Markup:
    return say("{text}.", text=worded(text.rstrip(". "), room.text))


def _listed(head: Markup | None, lines: Sequence[Markup], room: Room, what: str) -> Markup:
    """As many lines as fit one paragraph; how many are left out is said."""
    shown: list[Markup] = [] if head is None else [head]
    used, kept = sum(map(len, shown)), 0
    for line in lines[: room.items]:
        used += len(line) + 1
        if used > _PARAGRAPH:
            break
        shown.append(line)
        kept += 1
    if kept < len(lines):
        shown.append(
            say(
                "… and {more} {what} in *Details*, which shows all {all}.",
                more=len(lines) - kept,
                what=what,
                all=len(lines),
            )
        )
    return joined("\n", shown)
