"""The modals: each asks for what one decision needs, and carries only ids."""

import json
from datetime import timedelta

from bot.model import Plan
from bot.slack.blocks.details import call_blocks
from bot.slack.blocks.elements import (
    Block,
    Payload,
    asking,
    choice,
    colleague,
    context,
    day,
    modal,
    section,
    typing,
)
from bot.slack.blocks.escape import Markup, code, joined, person, say
from bot.slack.blocks.fitting import ROOMS
from bot.slack.blocks.plan_part import way_back
from bot.slack.blocks.question import Question
from bot.slack.blocks.words import sentence, severity_and_summary

#: Blocks of calls, of the 100 that Slack takes.
_MOST_BLOCKS = 60
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
        blocks += _calls(plan)
        blocks.append(section(way_back(plan, ROOMS[0])))
    blocks += _who_else(question)
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


def _calls(plan: Plan) -> list[Block]:
    """Every call whole; for a plan that is longer than Slack takes it says that there is more."""
    blocks = call_blocks([step.do for step in plan.steps])
    if len(blocks) <= _MOST_BLOCKS:
        return blocks
    more = say("*There is more than fits here.* Details shows every call, page by page.")
    return [*blocks[:_MOST_BLOCKS], section(more)]


def _who_else(question: Question) -> list[Block]:
    """Who approved so far, and how many it takes."""
    if question.rights.people < 2:
        return []
    text = say("It takes {n} different people to approve this.", n=question.rights.people)
    if question.approvers:
        who = [person(actor, question.people) for actor in question.approvers]
        text = say("{text} So far: {who}.", text=text, who=joined(", ", who))
    return [context(text)]


def deny_modal(question: Question, remembered: str) -> Payload:
    """Deny, with a reason that stays with the finding."""
    return modal(
        "Deny this fix",
        [
            section(sentence(question.plan.summary)),
            asking("reason", "Why not?", typing(longest=_REASON, shortest=3, multiline=True)),
            context(Markup("The finding stays open, and the same plan isn't asked again soon.")),
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
            section(_violation(question)),
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
    two = say(" A second person must confirm this one.") if takes_two else say("")
    note = say("At most {days} days. It comes back by itself.{two}", days=longest.days, two=two)
    return modal(
        "Accept for a while",
        [
            section(_violation(question)),
            asking("reason", "Why?", typing(longest=_REASON, shortest=3, multiline=True)),
            asking("until", "Until", day(until)),
            context(note),
        ],
        callback_id="exempt_modal",
        submit="Ask" if takes_two else "Accept",
        private_metadata=remembered,
    )


def not_mine_modal(question: Question, remembered: str) -> Payload:
    """Say whose it is; they are asked at once, and from now on."""
    return modal(
        "Not mine",
        [
            section(_violation(question)),
            asking("owner", "Whose is it?", colleague()),
            context(Markup("They are asked at once, and about this from now on.")),
        ],
        callback_id="not_mine_modal",
        submit="Hand over",
        private_metadata=remembered,
    )


def _violation(question: Question) -> Markup:
    """What is wrong; for a question about no finding, what would be done."""
    finding = question.view.finding
    if finding is None:
        return sentence(question.plan.summary)
    return severity_and_summary(finding.record.finding)


def word_modal(title: str, text: Markup) -> Payload:
    """A kind word where there is nothing to fill in."""
    return modal(title, [section(text)], close="Close")
