"""The story of one thing for people: what is known, what happened, and what comes next."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from bot.engine.story import Chapter, Story
from bot.reports.terminal import styled
from bot.reports.times import exact, told
from bot.reports.words import state_style


def story_lines(story: Story, now: datetime) -> Sequence[RenderableType]:
    """The whole story, oldest first."""
    lines: list[RenderableType] = [
        styled(f"{story.name} in account {story.account.id}", "bold"),
        *(styled(f"  {words}: {value}") for words, value in story.facts.items()),
    ]
    if story.chapters:
        lines.append(Text("\nWhat happened", "bold"))
    for number, chapter in enumerate(story.chapters, start=1):
        lines += _chapter(number, chapter, now)
    for record in story.open:
        lines.append(styled(f"\nOpen: {record.id}, {record.finding.summary}"))
    if story.next:
        lines.append(Text("\nWhat comes next", "bold"))
        lines += [styled(f"  {number}. {step}") for number, step in enumerate(story.next, start=1)]
    return lines


def _chapter(number: int, chapter: Chapter, now: datetime) -> list[RenderableType]:
    proposal, execution = chapter.proposal, chapter.execution
    state = "undone" if execution and execution.undone_by else proposal.state.value
    ids = ", ".join([proposal.id, *([execution.id] if execution else [])])
    return [
        Text.assemble(
            f"  {number}. ",
            styled(proposal.plan.summary.rstrip(".")),
            ": ",
            (state, state_style(proposal.state) or "bold"),
        ),
        styled(f"     {proposal.control}, asked {told(proposal.created_at, now)}", "dim"),
        styled(f"     {exact(chapter.at)}: {proposal.why} ({ids})", "dim"),
    ]
