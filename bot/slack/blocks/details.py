"""The details of a question, whole: every call, what must hold, the undo, the history."""

import json
from collections.abc import Sequence
from datetime import datetime

from bot.model import Actor, AuditEvent, Call, Expect, Manual, MessageRecord, Step
from bot.reports.evidence import evidence_texts
from bot.reports.plan_text import call_text, early_text, expect_text
from bot.reports.rewriting import changed_documents, document_in
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
    address,
    code,
    code_lines,
    date,
    joined,
    person,
    prose,
    quote,
    say,
    worded,
)
from bot.slack.blocks.plan_part import RISKS
from bot.slack.blocks.question import Question
from bot.slack.blocks.words import sentence, severity_and_summary, times

#: Slack takes 100 blocks and 250 kB; a page is easier to read with fewer.
_BLOCKS, _SIZE = 60, 60_000
_EVENTS = 100


def details_modal(
    question: Question,
    *,
    page: int = 0,
    events: Sequence[AuditEvent] = (),
    told: Sequence[MessageRecord] = (),
) -> Payload:
    """One page of the details, the first for a page that there isn't.

    `events` are of the log, `told` the messages about the question.

    The buttons `details_page_back` and `details_page` carry `<proposal> <digest> <page>`.
    """
    pages = _pages([*_plan(question), *_facts(question), *_history(question, events, told)])
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
        blocks += [section(say("• {risk}", risk=worded(risk, 2_900))) for risk in plan.breaks]
    return blocks


def _by_hand(plan: Manual) -> list[Block]:
    steps = [
        section(say("{number}. {step}", number=number, step=worded(step, 2_900)))
        for number, step in enumerate(plan.steps, start=1)
    ]
    links = [section(code(link, 500)) for link in plan.links]
    return [section(say("*By hand:* {why}", why=sentence(plan.reason, 2_000))), *steps, *links]


def _step(number: int, step: Step) -> list[Block]:
    head = say(
        "*{number}. {what}* ({risk})",
        number=number,
        what=worded(step.summary, 1_000),
        risk=RISKS[step.risk],
    )
    blocks = [divider(), section(head), *_call("call", step.do), *_changes(step)]
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
    if call.too_early:
        lines.append(early_text(call))
    return [section(piece) for piece in code_lines("\n".join(lines))]


def _changes(step: Step) -> list[Block]:
    blocks = []
    for name, changed in changed_documents(step).items():
        lines = [f"what changes in {name}:", *(safe(line) for line in changed)]
        blocks += [section(piece) for piece in code_lines("\n".join(lines))]
    return blocks


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
    seen = say("First seen {a}, last {b}.", a=date(record.first_seen), b=date(record.last_seen))
    return [
        header("The finding"),
        section(severity_and_summary(record.finding)),
        *[section(piece) for piece in code_lines(lines)],
        context(seen),
        context(
            say(
                "What the control looks at: {command}",
                command=code(f"locksmith controls show {record.finding.control}"),
            )
        ),
    ]


def _history(
    question: Question, events: Sequence[AuditEvent], told: Sequence[MessageRecord]
) -> list[Block]:
    proposal = question.view.proposal
    lines = [(proposal.created_at, say("proposed")), *_decided(question), *_carried_out(question)]
    lines += [(each.created_at, line) for each in told if (line := _told(each))]
    shown = [
        say("{when}  {what}", when=date(when), what=what)
        for when, what in sorted(lines, key=lambda line: line[0])
    ]
    if proposal.asked_before:
        before = say("Asked {times} before without a yes.", times=times(proposal.asked_before))
        shown.insert(0, before)
    blocks = [header("History"), *_in_sections(shown)]
    if not events:
        return blocks
    log = [_event(question, event) for event in events[-_EVENTS:]]
    return [*blocks, header("In the log"), *_in_sections(log)]


def _decided(question: Question) -> list[tuple[datetime, Markup]]:
    lines = []
    for decision in question.view.decisions:
        line = say(
            "{verdict} by {who}",
            verdict=decision.verdict.value,
            who=person(decision.actor, question.people),
        )
        if decision.reason:
            line = joined("\n", [line, quote(decision.reason, 600)])
        lines.append((decision.at, line))
    return lines


def _carried_out(question: Question) -> list[tuple[datetime, Markup]]:
    execution = question.view.execution
    if execution is None:
        return []
    who, state = person(execution.actor, question.people), execution.state.value
    line = say("{id} by {who}: {state}", id=execution.id, who=who, state=state)
    return [(execution.started_at, line)]


def _told(message: MessageRecord) -> Markup | None:
    """Who was asked or reminded, and whether that ever arrived."""
    verb = {"card": "asked", "reminder": "reminded"}.get(message.kind)
    if verb is None:
        return None
    if message.data.get("role") == "told":
        verb = "told"
    undelivered = say("")
    if message.error:
        undelivered = say(", *not delivered:* {why}", why=prose(message.error, 200))
    elif message.ts is None:
        undelivered = say(", not delivered yet")
    return say(
        "{verb} {who}{undelivered}",
        verb=verb,
        who=address(message.recipient),
        undelivered=undelivered,
    )


def _event(question: Question, event: AuditEvent) -> Markup:
    kind, _, name = event.actor.partition(":")
    return say(
        "{when}  {event}{moved} by {who}",
        when=date(event.at),
        event=event.event,
        moved=_moved(event),
        who=person(Actor(kind, name), question.people),
    )


def _moved(event: AuditEvent) -> Markup:
    before, after = event.data.get("from"), event.data.get("to")
    if not (isinstance(before, str) and isinstance(after, str)):
        return say("")
    return say(" from {before} to {after}", before=before, after=after)


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
