"""Controls for people: the catalogue, and one control's page and settings."""

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.model import Standards
from bot.reports.catalogue import ControlView
from bot.reports.tables import WIDTH, Cell, Column, fit
from bot.reports.terminal import styled
from bot.reports.words import RISK_STYLE, SEVERITY_STYLE

#: From this width on a list says each control's topic; below, its title needs the place.
_ROOMY = 130
_COLUMNS = (
    Column("ID"),
    Column("SEVERITY"),
    Column("FIX"),
    Column("TOPIC"),
    Column("TITLE", elastic=True),
    Column("ON"),
)


def controls_table(views: Sequence[ControlView], *, width: int = WIDTH) -> Sequence[RenderableType]:
    """The catalogue in the order given."""
    if not views:
        return (Text("No controls are installed."),)
    shown = [at for at, each in enumerate(_COLUMNS) if each.title != "TOPIC" or width >= _ROOMY]
    rows = [[row[at] for at in shown] for row in map(_row, views)]
    fitted = fit([_COLUMNS[at] for at in shown], rows, width)
    return fitted.note("`locksmith controls show ID` has them whole.")


def control_lines(view: ControlView) -> Sequence[RenderableType]:
    """One control: what it is, its settings, its page."""
    control = view.control
    lines: list[RenderableType] = [
        Text.assemble(
            (control.id, "bold"),
            "  ",
            (control.severity.value, SEVERITY_STYLE[control.severity]),
            "  ",
            control.topic,
            "" if view.enabled else "  (switched off)",
        ),
        Text(f"{control.title}."),
    ]
    standards = standards_text(control.standards)
    if standards:
        lines.append(Text(standards, "dim"))
    lines.append(Text(f"reads: {', '.join(sorted(control.needs)) or 'nothing'}", "dim"))
    lines += [Text(""), *_page(view.documentation), Text("Settings", "bold")]
    for name, value in view.settings.model_dump(mode="json").items():
        lines.append(styled(f"  {name}: {value}"))
        description = type(view.settings).model_fields[name].description
        if description:
            lines.append(Padding(Text(description, "dim"), (0, 0, 0, 4)))
    return lines


def standards_text(standards: Standards) -> str:
    """The control's numbers in the catalogues, on one line."""
    parts = [f"CIS {version}: {', '.join(ids)}" for version, ids in standards.cis.items()]
    for name, ids in (
        ("FSBP", standards.fsbp),
        ("NIST 800-53", standards.nist),
        ("PCI DSS", standards.pci),
    ):
        if ids:
            parts.append(f"{name}: {', '.join(ids)}")
    return "; ".join(parts)


def _page(documentation: Mapping[str, str]) -> Sequence[RenderableType]:
    lines: list[RenderableType] = []
    for heading, text in documentation.items():
        lines.append(styled(heading, "bold"))
        for paragraph in _paragraphs(text, joined=heading != "References"):
            lines += [Padding(styled(line), (0, 0, 0, 2)) for line in paragraph]
            lines.append(Text(""))
    return lines


def _paragraphs(text: str, *, joined: bool) -> Sequence[Sequence[str]]:
    """Each paragraph's lines; as one line where `joined`, so that the terminal wraps it."""
    paragraphs = [paragraph.splitlines() for paragraph in text.split("\n\n")]
    return [[" ".join(lines)] for lines in paragraphs] if joined else paragraphs


def _row(view: ControlView) -> Sequence[Cell]:
    control = view.control
    fix = Cell(control.risk.value, RISK_STYLE[control.risk]) if control.risk else Cell("by hand")
    return (
        Cell(control.id),
        Cell(control.severity.value, SEVERITY_STYLE[control.severity]),
        fix,
        Cell(control.topic),
        Cell(control.title),
        Cell("yes" if view.enabled else "no", "" if view.enabled else "dim"),
    )
