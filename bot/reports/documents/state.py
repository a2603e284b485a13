"""How everything stands, as JSON."""

from typing import Literal

from pydantic import Field

from bot.engine.overview import State
from bot.engine.watching import Case
from bot.reports.documents.document import Document, Part, Time
from bot.reports.documents.installation import FreezeDocument, freeze_document


class CasePart(Part):
    """Something that is wrong with the looks at an account."""

    what: str = Field(description="late, failed or less.")
    since: Time
    sentence: str


class WatchedPart(Part):
    """An account, and the looks at it."""

    account: str = Field(description="Twelve digits.")
    name: str = Field(description="What the configuration calls it; empty where it doesn't.")
    live: bool = Field(description="Whether it may be changed.")
    looked_at: Time | None = Field(description="The last scan that asked AWS; null for never.")
    next_at: Time | None = Field(description="The next one; null where nobody serves it.")
    cases: list[CasePart]


class TopicPart(Part):
    """One topic of best practices."""

    topic: str
    open: dict[str, int] = Field(description="Open findings by severity; none are left out.")
    exempt: int
    week_ago: int = Field(description="How many of them were open a week ago.")
    not_evaluated: int = Field(description="Controls that have neither passed nor failed.")


class StateDocument(Document):
    """`locksmith --output json status`."""

    schema_name: Literal["locksmith.status/1"] = Field(alias="schema")
    freeze: FreezeDocument | None = Field(description="The stop of every write in force, or null.")
    held: list[str] = Field(description="What limits held up in the last 24 hours, and why.")
    watches: int = Field(description="Executions that are being watched for harm.")
    topics: list[TopicPart]
    accounts: list[WatchedPart]


def state_document(state: State) -> StateDocument:
    """How everything stands."""
    return StateDocument(
        schema="locksmith.status/1",
        freeze=None if state.freeze is None else freeze_document(state.freeze),
        held=list(state.held),
        watches=state.watches,
        topics=[
            TopicPart(
                topic=each.topic,
                open={severity.value: count for severity, count in each.open.items()},
                exempt=each.exempt,
                week_ago=each.week_ago,
                not_evaluated=each.not_evaluated,
            )
            for each in state.topics
        ],
        accounts=[
            WatchedPart(
                account=each.account_id,
                name=each.name,
                live=each.is_live,
                looked_at=each.looked_at,
                next_at=each.next_at,
                cases=[_case(case) for case in each.cases],
            )
            for each in state.accounts
        ],
    )


def _case(case: Case) -> CasePart:
    return CasePart(what=case.what, since=case.since, sentence=case.sentence)
