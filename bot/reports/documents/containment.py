"""What came of containing a user as JSON."""

from typing import Literal

from pydantic import Field

from bot.engine.doors import Contained
from bot.reports.documents.document import Document, Part, Time


class DoorPart(Part):
    """One way in."""

    door: str
    state: Literal["closed", "open", "unknown"]
    until: Time | None = Field(
        description="When a door that is open, or may be, closes by itself; null where it doesn't."
    )
    note: str


class ContainmentDocument(Document):
    """`locksmith --output json contain USER`."""

    schema_name: Literal["locksmith.containment/1"] = Field(alias="schema")
    account: str
    user: str
    since: Time | None = Field(description="Since when the fence stands; null where none does.")
    was_already: bool = Field(description="Whether there was nothing left to close.")
    doors: list[DoorPart]
    executions: list[str] = Field(description="What was carried out now; `undo` takes their ids.")
    problem: str = Field(description="Why not all of it was done; empty where it was.")


def containment_document(contained: Contained) -> ContainmentDocument:
    """Every door of a user, and what was done about them."""
    return ContainmentDocument(
        schema="locksmith.containment/1",
        account=contained.account.id,
        user=contained.user,
        since=contained.since,
        was_already=contained.was_already,
        doors=[
            DoorPart(door=each.what, state=each.state.value, until=each.until, note=each.note)
            for each in contained.doors
        ],
        executions=[each.id for each in contained.executions],
        problem=contained.problem,
    )
