"""Controls as JSON."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from bot.model import Part as SnapshotPart
from bot.model import Risk, Severity
from bot.reports.catalogue import ControlView
from bot.reports.documents.document import Document, Part


class StandardsPart(Part):
    """Where the control stands in the catalogues."""

    cis: dict[str, list[str]] = Field(description="Numbers by the benchmark's version.")
    fsbp: list[str]
    nist: list[str]
    pci: list[str]


class ControlPart(Part):
    """One control."""

    id: str
    topic: str
    title: str
    severity: Severity
    risk: Risk | None = Field(description="The highest that its fixes have; null: made by hand.")
    enabled: bool
    needs: list[SnapshotPart] = Field(description="What it looks at.")
    supersedes: list[str] = Field(description="Controls that yield to it on the same subject.")
    standards: StandardsPart


class SettingPart(Part):
    """One threshold of a control."""

    name: str
    value: Any
    default: Any
    description: str


class ControlsDocument(Document):
    """`locksmith --output json controls`."""

    schema_name: Literal["locksmith.controls/1"] = Field(alias="schema")
    controls: list[ControlPart]


class ControlDocument(Document):
    """`locksmith --output json controls show ID`."""

    schema_name: Literal["locksmith.control/1"] = Field(alias="schema")
    control: ControlPart
    settings: list[SettingPart]
    documentation: dict[str, str] = Field(description="Its page: texts by heading.")


def controls_document(views: Iterable[ControlView]) -> ControlsDocument:
    """The catalogue in the order given."""
    return ControlsDocument(
        schema="locksmith.controls/1", controls=[_control(view) for view in views]
    )


def control_document(view: ControlView) -> ControlDocument:
    """One control with its settings and its page."""
    values = view.settings.model_dump(mode="json")
    defaults = type(view.settings)().model_dump(mode="json")
    return ControlDocument(
        schema="locksmith.control/1",
        control=_control(view),
        settings=[
            SettingPart(
                name=name,
                value=values[name],
                default=defaults[name],
                description=info.description or "",
            )
            for name, info in type(view.settings).model_fields.items()
        ],
        documentation=dict(view.documentation),
    )


def _control(view: ControlView) -> ControlPart:
    control = view.control
    return ControlPart(
        id=control.id,
        topic=control.topic,
        title=control.title,
        severity=control.severity,
        risk=control.risk,
        enabled=view.enabled,
        needs=sorted(control.needs),
        supersedes=sorted(control.supersedes),
        standards=StandardsPart(
            cis={version: list(ids) for version, ids in control.standards.cis.items()},
            fsbp=list(control.standards.fsbp),
            nist=list(control.standards.nist),
            pci=list(control.standards.pci),
        ),
    )
