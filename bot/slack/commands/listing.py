"""Long answers, page by page: findings, exemptions, what waits for someone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from bot.engine.overview import Overview, Queue
from bot.engine.service import Service
from bot.engine.views import FindingView
from bot.model import Actor, FindingStatus, Severity
from bot.slack.blocks.elements import Payload
from bot.slack.blocks.lists import (
    PAGE_SIZE,
    Page,
    exemptions_page,
    findings_page,
    questions_page,
)
from bot.slack.commands.asked import Asked, Run
from bot.slack.commands.filters import Filters, Known
from bot.slack.commands.parsing import Typed, nothing_more
from bot.slack.rendering import Renderer

T = TypeVar("T")
_EVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists what a person may see, as it is now; a page turned is a list made anew.

    `queue_of` is what waits for someone.
    """

    service: Service
    renderer: Renderer
    overview: Overview
    queue_of: Callable[[Actor], Queue]

    def runs(self) -> Mapping[str, Run]:
        """What each command does, by its name. All of them have pages."""
        return {"findings": self.findings, "exemptions": self.exemptions, "mine": self.mine}

    def findings(self, asked: Asked) -> Payload:
        """Findings that pass the filters; open ones unless another status is asked for."""
        accounts = [each.account.id for each in self.overview.accounts()]
        filters = Known(self.overview.topics, accounts).read(asked.typed.words)
        found = self._found(filters)
        return findings_page(_page(asked, found, str(filters), about=filters.in_words()))

    def exemptions(self, asked: Asked) -> Payload:
        """Everything that is accepted; for owners, what they gave or asked for."""
        nothing_more(asked.typed)
        theirs = None if self.service.is_security(asked.actor) else asked.actor
        return exemptions_page(_page(asked, self.overview.exemptions_ending(_EVER, theirs)))

    def mine(self, asked: Asked) -> Payload:
        """What waits for a person, the worst and oldest first."""
        nothing_more(asked.typed)
        queue = self.queue_of(asked.actor)
        page = _page(asked, queue.asked)
        questions = [self.renderer.question(self.service.proposal(each)) for each in page.items]
        return questions_page(
            Page(questions, page.first, page.total, page.before, page.after),
            capped=len(queue.waiting),
        )

    def _found(self, filters: Filters) -> Sequence[FindingView]:
        status = filters.status or FindingStatus.OPEN.value
        views = self.service.findings(
            status=None if status == "all" else FindingStatus(status),
            control=filters.control or None,
            severity=Severity(filters.severity) if filters.severity else None,
            account=filters.account or None,
        )
        return [each for each in views if filters.topic in ("", each.record.topic)]


def turned(value: str, runs: Callable[[], Mapping[str, Run]]) -> tuple[Typed, int] | None:
    """The command and page that a button carries, or None for what is not ours."""
    name, _, more = value.partition(" ")
    number, _, rest = more.partition(" ")
    if name not in runs() or not (number.isascii() and number.isdecimal() and len(number) < 5):
        return None
    return Typed(name, rest), int(number)


def _page(asked: Asked, items: Sequence[T], rest: str = "", *, about: str = "") -> Page[T]:
    """The page that is asked for; the last one where there are fewer by now."""
    last = max(1, -(-len(items) // PAGE_SIZE))
    number = min(max(asked.page, 1), last)
    start = (number - 1) * PAGE_SIZE

    def to(page: int) -> str | None:
        return f"{asked.typed.name} {page} {rest}".rstrip() if 1 <= page <= last else None

    shown = items[start : start + PAGE_SIZE]
    return Page(shown, start + 1, len(items), to(number - 1), to(number + 1), about)
