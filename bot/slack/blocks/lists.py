"""Long answers in pages: findings, exemptions, questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Generic, TypeVar

from bot.engine.views import FindingView
from bot.model import FindingRecord
from bot.reports.words import fix_of, state_of
from bot.slack.blocks.elements import (
    Block,
    Payload,
    actions,
    button,
    context,
    divider,
    message,
    section,
)
from bot.slack.blocks.escape import Markup, joined, say
from bot.slack.blocks.fitting import Room, fitted
from bot.slack.blocks.home import exemption_line, question_line
from bot.slack.blocks.question import Question
from bot.slack.blocks.words import SEVERITIES, counted, resource_words, sentence

PAGE_SIZE = 10

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `first` counts from 1, `total` is how many there are in all.

    `before` and `after` are what the buttons to the neighbouring pages carry, up to 2,000
    characters; None where there is no such page. `about` are the filters in words.
    """

    items: Sequence[T]
    first: int
    total: int
    before: str | None = None
    after: str | None = None
    about: str = ""


def findings_page(page: Page[FindingView]) -> Payload:
    """Findings, each with its fix and its state."""
    return _listed(page, "finding", [_finding(view) for view in page.items])


def exemptions_page(page: Page[FindingRecord]) -> Payload:
    """What is exempt until when, and why; the one that ends first first."""
    return _listed(page, "exemption", [exemption_line(record) for record in page.items])


def questions_page(page: Page[Question], *, capped: int = 0) -> Payload:
    """What waits for its reader, each with the way to its card.

    `capped` counts those that they are not asked yet, so that they get only so many a day.
    """
    head = say("*{count}* for you", count=counted(page.total, "question"))
    if capped:
        head = say("{head}; {capped} more wait for another day", head=head, capped=capped)
    shows = [button("Show", "show", question.value) for question in page.items]
    lines = [
        say("{line} · {id}", line=question_line(question), id=question.view.proposal.id)
        for question in page.items
    ]
    return fitted(lambda room: _page(page, head, lines, room, shows))


def page_buttons(before: str | None, after: str | None) -> list[Block]:
    """The way to the pages before and after, where there are any."""
    buttons = [] if before is None else [button("Previous", "page_back", before)]
    if after is not None:
        buttons.append(button("Next", "page", after))
    return [actions(*buttons)] if buttons else []


def _listed(page: Page[T], noun: str, lines: Sequence[Markup]) -> Payload:
    about = say(" {about}", about=page.about) if page.about else say("")
    count = counted(page.total, noun)
    head = say("*{count}*{about}", count=f"{count[:1].upper()}{count[1:]}", about=about)
    return fitted(lambda room: _page(page, head, lines, room))


def _page(
    page: Page[T],
    head: Markup,
    lines: Sequence[Markup],
    room: Room,
    beside: Sequence[Block] = (),
) -> Payload:
    blocks: list[Block] = [section(head)]
    if lines:
        blocks.append(divider())
    blocks += [
        section(line, limit=room.text, accessory=each) for line, each in zip_longest(lines, beside)
    ]
    if page.total > len(lines):
        last = page.first + len(lines) - 1
        text = say("{first} to {last} of {all}", first=page.first, last=last, all=page.total)
        blocks.append(context(text))
    return message(head, [*blocks, *page_buttons(page.before, page.after)])


def _finding(view: FindingView) -> Markup:
    record = view.record
    fix, _ = fix_of(view)
    state, _ = state_of(view)
    asked = [view.proposal.id] if view.proposal else []
    return say(
        "*{severity}* · {summary}\n{resource}\n{ids} · fix: {fix} · {state}",
        severity=SEVERITIES[record.finding.severity],
        summary=sentence(record.finding.summary, 300),
        resource=resource_words(record.finding.resource),
        ids=joined(" · ", [record.id, *asked]),
        fix=fix,
        state=state,
    )
