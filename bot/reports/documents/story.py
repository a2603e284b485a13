"""The story of one thing as JSON."""

from typing import Any, Literal

from pydantic import Field

from bot.engine.story import Chapter, Story
from bot.model import ProposalState
from bot.reports.documents.document import Document, Part, Time, plain_object


class ChapterPart(Part):
    """One question about it."""

    proposal_id: str
    control: str
    summary: str
    state: ProposalState
    why: str
    asked_at: Time
    changed_at: Time
    execution_id: str | None
    undone_by: str | None


class StoryDocument(Document):
    """`locksmith --output json show ID`."""

    schema_name: Literal["locksmith.story/1"] = Field(alias="schema")
    account: str
    subject: str
    name: str
    open_findings: list[str]
    facts: dict[str, Any] = Field(description="What was last seen of an access key, in words.")
    chapters: list[ChapterPart] = Field(description="Oldest first.")
    next: list[str] = Field(description="What waits for someone.")


def story_document(story: Story) -> StoryDocument:
    """What happened about one thing, oldest first."""
    return StoryDocument(
        schema="locksmith.story/1",
        account=story.account.id,
        subject=story.subject,
        name=story.name,
        open_findings=[record.id for record in story.open],
        facts=plain_object(story.facts),
        chapters=[_chapter(chapter) for chapter in story.chapters],
        next=list(story.next),
    )


def _chapter(chapter: Chapter) -> ChapterPart:
    proposal, execution = chapter.proposal, chapter.execution
    return ChapterPart(
        proposal_id=proposal.id,
        control=proposal.control,
        summary=proposal.plan.summary,
        state=proposal.state,
        why=proposal.why,
        asked_at=proposal.created_at,
        changed_at=proposal.changed_at,
        execution_id=execution.id if execution else None,
        undone_by=execution.undone_by if execution else None,
    )
