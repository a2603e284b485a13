"""Renders each control's documentation page from its docstring, settings and catalogue ids."""

import inspect
import sys
from collections.abc import Iterator, Sequence

from pydantic_core import PydanticUndefined

from bot.model import AnyControl, Settings, Standards


def control_page(control: AnyControl) -> str:
    """The page of one control, in Markdown."""
    lines = [
        f"# {control.id}",
        "",
        f"{control.title}.",
        "",
        "| | |",
        "|---|---|",
        f"| severity | {control.severity} |",
        f"| highest risk of a fix | {control.risk or 'none: people make the change'} |",
        f"| reads | {', '.join(sorted(control.needs | control.plan_needs))} |",
        *([f"| asks instead of | {_links(control.supersedes)} |"] if control.supersedes else []),
        *(["| asks | the security group alone |"] if control.asks_security else []),
        *(["| carried out by rules | never |"] if control.approval_only else []),
        *(["| gives someone rights | so two people approve it |"] if control.adds_rights else []),
        *_catalogues(control.standards),
        "",
        _body(control),
        "",
        "## Settings",
        "",
        f"Under `controls.{control.id}` in the configuration.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
        *_settings(control.settings),
    ]
    return "\n".join(lines) + "\n"


def index_page(controls: Sequence[AnyControl], practices: dict[str, str]) -> str:
    """The list of all controls by best practice; `practices` gives each topic's title."""
    lines = [
        "# Controls",
        "",
        "One folder a best practice, one page a control. Each page is written from the control's",
        "own docstring. Those that are off at first take many calls, or mend things at a price:",
        "`enabled: true` in their settings switches them on.",
    ]
    for topic in sorted({control.topic for control in controls}):
        lines += [
            "",
            f"## {practices[topic]}",
            "",
            "| control | severity | fix | what it finds |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| [{each.id}]({each.id}.md) | {each.severity} | {each.risk or 'by hand'} "
            f"| {each.title}{'' if each.settings().enabled else ' *(off at first)*'} |"
            for each in sorted(controls, key=lambda control: control.id)
            if each.topic == topic
        ]
    return "\n".join(lines) + "\n"


def docstring(control: AnyControl) -> str:
    """The docstring of the control's own file."""
    module = sys.modules[control.detect.__module__]
    return inspect.cleandoc(module.__doc__ or "")


def _body(control: AnyControl) -> str:
    """The docstring below its title, with its underlined headings as Markdown headings."""
    lines = docstring(control).splitlines()[1:]
    body: list[str] = []
    for line in lines:
        if body and line and set(line) == {"-"} and body[-1]:
            body[-1] = f"## {body[-1]}"
            body.append("")
        else:
            body.append(line)
    return "\n".join(body).strip()


def _catalogues(standards: Standards) -> Iterator[str]:
    for version, numbers in sorted(standards.cis.items()):
        yield f"| CIS AWS Foundations {version} | {', '.join(numbers)} |"
    for name, numbers in (
        ("AWS Foundational Security Best Practices", standards.fsbp),
        ("NIST 800-53 r5", standards.nist),
        ("PCI DSS 4.0", standards.pci),
    ):
        if numbers:
            yield f"| {name} | {', '.join(numbers)} |"


def _settings(model: type[Settings]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        default = info.get_default(call_default_factory=True)
        shown = "" if default is PydanticUndefined else f"`{default!r}`"
        meaning = info.description or "Whether this control is evaluated."
        yield f"| `{name}` | {shown} | {meaning} |"


def _links(ids: frozenset[str]) -> str:
    return ", ".join(f"[{each}]({each}.md)" for each in sorted(ids))
