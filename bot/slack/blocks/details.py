"""The details of a question, whole: every call, what must hold, the undo, the history."""

import json
from collections.abc import Sequence

from bot.model import AuditEvent, Call, Expect, Manual, Step
from bot.reports.evidence import evidence_texts
from bot.reports.plan_text import call_text, document_in, expect_text
from bot.reports.terminal import safe
from bot.slack.blocks.elements import (
    Block,
    Payload,
    actions,
    button,
    context,
    divider,
    header,
    modal,
    section,
)
from bot.slack.blocks.escape import (
    Markup,
    code,
    code_lines,
    date,
    joined,
    naming,
    person,
    prose,
    quote,
    say,
)
from bot.slack.blocks.plan_part import RISKS
from bot.slack.blocks.question import Question
from bot.slack.blocks.words import sentence, severity_and_summary

#: Slack takes 100 blocks and 250 kB; a page is easier to read with fewer.
_BLOCKS, _SIZE = 60, 60_000
_EVENTS = 30


def details_modal(
    question: Question, *, page: int = 0, events: Sequence[AuditEvent] = ()
) -> Payload:
    """One page of the details, the first for a page that there isn't. `events` are of the log.

    The buttons `details_page_back` and `details_page` carry `<proposal> <digest> <page>`.
    """
    pages = _pages([*_plan(question), *_facts(question), *_history(question, events)])
    at = page if 0 <= page < len(pages) else 0
    blocks = [*pages[at], *_turning(question, at, len(pages))]
    digest = say("plan {digest}", digest=code(question.view.proposal.digest))
    return modal("Details", [*blocks, context(digest)], callback_id="details_modal", close="Close")


def call_blocks(calls: Sequence[Call]) -> list[Block]:
    """Calls as they would be made, each on its own line and whole, their number before them."""
    lines = [f"{number}. {call_text(call)}" for number, call in enumerate(calls, start=1)]
    return [section(piece) for piece in code_lines("\n".join(lines))]


def _plan(question: Question) -> list[Block]:
    plan = question.plan
    if isinstance(plan, Manual):
        return _by_hand(plan)
    blocks = [section(say("*{what}* ({risk})", what=sentence(plan.summary), risk=RISKS[plan.risk]))]
    for number, step in enumerate(plan.steps, start=1):
        blocks += _step(number, step)
    if plan.breaks:
        blocks.append(header("What could break"))
        blocks += [section(say("• {risk}", risk=prose(risk, 2_900))) for risk in plan.breaks]
    return blocks


def _by_hand(plan: Manual) -> list[Block]:
    steps = [
        section(say("{number}. {step}", number=number, step=prose(step, 2_900)))
        for number, step in enumerate(plan.steps, start=1)
    ]
    links = [section(code(link, 500)) for link in plan.links]
    return [section(say("*By hand:* {why}", why=sentence(plan.reason, 2_000))), *steps, *links]


def _step(number: int, step: Step) -> list[Block]:
    head = say(
        "*{number}. {what}* ({risk})",
        number=number,
        what=prose(step.summary, 1_000),
        risk=RISKS[step.risk],
    )
    blocks = [divider(), section(head), *_call("call", step.do)]
    blocks += _expectations("before", step.before) + _expectations("after", step.after)
    if step.undo is not None:
        return [*blocks, *_call("undo", step.undo)]
    return [*blocks, section(say("*no undo:* {why}", why=sentence(step.irreversible_because)))]


def _call(label: str, call: Call) -> list[Block]:
    """The call, and below it each JSON document that it carries, laid out."""
    documents = {name: inner for name in call.params if (inner := document_in(call.params[name]))}
    lines = [f"{label}: {call_text(call, below=documents)}"]
    for name, document in documents.items():
        laid_out = json.dumps(document, indent=2, ensure_ascii=False).splitlines()
        lines += [f"{name} =", *(safe(line) for line in laid_out)]
    return [section(piece) for piece in code_lines("\n".join(lines))]


def _expectations(label: str, expectations: Sequence[Expect]) -> list[Block]:
    text = "\n".join(f"{label}: {expect_text(expect)}" for expect in expectations)
    return [section(piece) for piece in code_lines(text)]


def _facts(question: Question) -> list[Block]:
    finding = question.view.finding
    if finding is None:
        return []
    record = finding.record
    facts = {
        "id": record.id,
        "control": record.finding.control,
        "ARN": record.finding.resource.arn,
        "unique id": record.finding.resource.unique_id,
        **evidence_texts(record.finding.evidence, question.now),
    }
    lines = "\n".join(f"{name}: {value}" for name, value in facts.items())
    times = say("First seen {a}, last {b}.", a=date(record.first_seen), b=date(record.last_seen))
    return [
        header("The finding"),
        section(severity_and_summary(record.finding)),
        *[section(piece) for piece in code_lines(lines)],
        context(times),
        context(
            say(
                "What the control looks at: {command}",
                command=code(f"locksmith controls show {record.finding.control}"),
            )
        ),
    ]


def _history(question: Question, events: Sequence[AuditEvent]) -> list[Block]:
    view = question.view
    lines = [say("{when}  proposed", when=date(view.proposal.created_at))]
    for decision in view.decisions:
        lines.append(
            say(
                "{when}  {verdict} by {who}",
                when=date(decision.at),
                verdict=decision.verdict.value,
                who=person(decision.actor, question.people),
            )
        )
        if decision.reason:
            lines.append(quote(decision.reason, 600))
    execution = view.execution
    if execution is not None:
        lines.append(
            say(
                "{when}  {id} by {who}: {state}",
                when=date(execution.started_at),
                id=execution.id,
                who=person(execution.actor, question.people),
                state=execution.state.value,
            )
        )
    blocks = [header("History"), *_in_sections(lines)]
    if not events:
        return blocks
    shown = [_event(question, event) for event in events[-_EVENTS:]]
    return [*blocks, header("In the log"), *_in_sections(shown)]


def _event(question: Question, event: AuditEvent) -> Markup:
    return say(
        "{when}  {event} by {who}",
        when=date(event.at),
        event=event.event,
        who=naming(event.actor, question.actors, question.people, limit=150),
    )


def _in_sections(lines: Sequence[Markup]) -> list[Block]:
    sections, part = [], list[Markup]()
    for line in lines:
        if part and sum(map(len, part)) + len(line) > 2_500:
            sections.append(section(joined("\n", part)))
            part = []
        part.append(line)
    return [*sections, section(joined("\n", part))]


def _pages(blocks: Sequence[Block]) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        weight = len(json.dumps(block))
        if pages[-1] and (len(pages[-1]) >= _BLOCKS or size + weight > _SIZE):
            pages.append([])
            size = 0
        pages[-1].append(block)
        size += weight
    return pages


def _turning(question: Question, at: int, count: int) -> list[Block]:
    if count == 1:
        return []
    buttons = []
    if at > 0:
        buttons.append(button("Previous page", "details_page_back", f"{question.value} {at - 1}"))
    if at + 1 < count:
        buttons.append(button("Next page", "details_page", f"{question.value} {at + 1}"))
    return [context(say("Page {at} of {count}", at=at + 1, count=count)), actions(*buttons)]
