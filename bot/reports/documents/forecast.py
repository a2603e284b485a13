"""What rules will do, as JSON."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from bot.engine.foreseeing import Foreseen
from bot.reports.documents.document import Document, Part, Time


class ForeseenPart(Part):
    """One finding and what happens to it."""

    finding: str
    account: str
    control: str
    resource: str
    rule: str | None = Field(description="The first rule that matches; null for the default.")
    mode: Literal["off", "notify", "ask", "auto"]
    what: str = Field(description="What happens, in words.")
    at: Time | None = Field(description="When; null where no time can be told.")
    acts: bool = Field(description="Whether it is a change in AWS by a rule.")


class ForecastDocument(Document):
    """`locksmith --output json rules test` and `simulate`."""

    schema_name: Literal["locksmith.forecast/1"] = Field(alias="schema")
    days: int | None = Field(description="How many days were played; null for what is so now.")
    events: list[ForeseenPart]


def forecast_document(foreseen: Sequence[Foreseen], days: int | None = None) -> ForecastDocument:
    """Everything that was foreseen, in its order."""
    return ForecastDocument(
        schema="locksmith.forecast/1", days=days, events=[_part(each) for each in foreseen]
    )


def _part(each: Foreseen) -> ForeseenPart:
    record, ruling = each.outlook.record, each.outlook.ruling
    return ForeseenPart(
        finding=record.id,
        account=record.account.id,
        control=record.finding.control,
        resource=record.finding.resource.name,
        rule=ruling.rule.name if ruling.rule else None,
        mode=ruling.mode.value,
        what=each.what,
        at=each.at,
        acts=each.acts,
    )
