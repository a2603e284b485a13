"""Writes config.example.yaml: every setting with its default and what it means."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config.accounts import AccountSettings
from bot.config.approvals import ApprovalRule
from bot.config.audit import AnchorSettings
from bot.config.limits import WindowSettings
from bot.config.model import Person, Settings
from bot.config.remediation import RemediationRuleSettings
from bot.config.schedules import ScheduleSettings

_WIDTH = 98
_ITEM_WIDTH = 90  # of what stands commented out, further in
#: Items for each list whose items have settings of their own; shown commented out.
_ITEMS: Mapping[type[BaseModel], Sequence[Mapping[str, Any]]] = {
    ScheduleSettings: (
        {"accounts": ["group:sandbox"], "cron": "30 1 * * mon-fri", "zone": "Europe/Berlin"},
        {"every_hours": 12, "jitter_minutes": 30},
    ),
    Person: (
        {
            "name": "Alice",
            "local": ["alice@laptop"],
            "aws": ["arn:aws:iam::123456789012:user/alice"],
            "slack": ["U0123456789"],
        },
    ),
    ApprovalRule: (
        {
            "match": {
                "controls": ["unused-access-key"],
                "severities": ["critical", "high"],
                "accounts": ["123456789012"],
                "risks": ["irreversible"],
            },
            "who": ["security"],
            "people": 2,
            "within_hours": 24,
        },
    ),
    AnchorSettings: (
        {
            "s3": {
                "bucket": "iam-anchors",
                "prefix": "locksmith/",
                "lock": "COMPLIANCE",
                "days": 400,
                "region": "eu-central-1",
            }
        },
        {
            "cloudwatch_logs": {
                "group": "iam-anchors",
                "stream": "locksmith",
                "region": "eu-central-1",
            }
        },
        {"slack": {"channel": "C0123456789"}},
        {"file": {"path": "/mnt/append-only/anchors"}},
    ),
    RemediationRuleSettings: (
        {
            "name": "sandbox-keys",
            "match": {
                "controls": ["unused-access-key"],
                "accounts": ["123456789012", "group:sandbox"],
                "severities": ["high", "medium"],
            },
            "mode": "auto",
            "grace": "5 working days",
            "objection": "stops",
            "max_risk": "irreversible",
            "allow_irreversible": ["unused-access-key"],
            "unused_days": 100,
            "undo_on_harm": True,
        },
    ),
    WindowSettings: (
        {
            "accounts": ["group:sandbox"],
            "hours": "10:00-15:00",
            "days": ["mon", "tue", "wed", "thu"],
            "zone": "Europe/Berlin",
            "holidays": ["2026-12-25"],
        },
    ),
    AccountSettings: (
        {
            "id": "123456789012",
            "name": "sandbox",
            "role": "arn:aws:iam::123456789012:role/locksmith",
            "external_id": "our-word-for-this-role",
            "groups": ["sandbox"],
        },
    ),
}
_HEAD = """\
# Locksmith's configuration: every setting, with its default.
#
# Copy what you want to change into locksmith.yaml, or into the file that --config or
# LOCKSMITH_CONFIG names. What you leave out keeps its default. The environment overrides the file:
# LOCKSMITH_INVENTORY__NAMING_BUDGET=0 sets naming_budget of inventory. Passwords never stand here.
# `locksmith config validate` checks your file; `locksmith config schema` teaches it to editors.
"""


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """What the example says of one control: its id, its title, and its settings' model."""

    id: str
    title: str
    model: type[BaseModel]


def example(controls: Iterable[ControlSettings]) -> str:
    """The text of config.example.yaml; reading it gives the defaults."""
    blocks = [_HEAD]
    for name, info in Settings.model_fields.items():
        annotation: Any = info.annotation
        if name == "controls":
            blocks.append(_controls_block(info.description or "", controls))
        elif item_model(annotation):
            blocks.append("\n".join(_setting(name, info, "")) + "\n")
        else:
            blocks.append(_section_block(name, annotation))
    return "\n".join(blocks)


def _section_block(name: str, model: type[BaseModel]) -> str:
    lines = [*_comment(model.__doc__ or "", ""), f"{name}:", *_settings(model, "  ")]
    return "\n".join(lines) + "\n"


def _controls_block(description: str, controls: Iterable[ControlSettings]) -> str:
    lines = [*_comment(description, ""), "controls:"]
    for control in controls:
        lines += [
            *_comment(control.title, "  "),
            f"  {control.id}:",
            *_settings(control.model, "    "),
        ]
    return "\n".join(lines) + "\n"


def _settings(model: type[BaseModel], indent: str) -> Iterator[str]:
    for name, info in model.model_fields.items():
        yield from _setting(name, info, indent)


def _setting(name: str, info: FieldInfo, indent: str) -> Iterator[str]:
    if info.description:
        yield from _comment(info.description, indent)
    yield from _value(name, info.get_default(call_default_factory=True), indent)
    item = item_model(info.annotation)
    if item is not None:
        for sample in _ITEMS[item]:
            for line in _item(item, sample, "- ", "  "):
                yield f"{indent}#  {line}"


def item_model(annotation: Any) -> type[BaseModel] | None:
    """What a list is made of, where that has settings of its own."""
    first = next(iter(get_args(annotation)), None)
    return first if isinstance(first, type) and issubclass(first, BaseModel) else None


def _item(
    model: type[BaseModel], sample: Mapping[str, Any], first: str, indent: str
) -> Iterator[str]:
    """One item of a list, with what each of its settings means."""
    for index, (name, value) in enumerate(sample.items()):
        info = model.model_fields[name]
        start = (first if index == 0 else indent) + f"{name}:"
        said = f"  # {info.description}"
        shown = "" if isinstance(value, Mapping) else f" {_scalar(value)}"
        if len(start + shown + said) > _ITEM_WIDTH:
            beside = textwrap.wrap(info.description or "", _ITEM_WIDTH - len(indent) - 2)
            yield from (f"{indent}# {line}" for line in beside)
            said = ""
        yield start + shown + said
        if isinstance(value, Mapping):
            yield from _item(_section_in(info.annotation), value, indent + "  ", indent + "  ")


def _section_in(annotation: Any) -> Any:
    """The section that a setting is, where it may be null too."""
    return next((one for one in get_args(annotation) if one is not type(None)), annotation)


def _value(name: str, default: object, indent: str) -> Iterator[str]:
    if isinstance(default, BaseModel):
        yield f"{indent}{name}:"
        yield from _settings(type(default), indent + "  ")
        return
    yield f"{indent}{name}: {_scalar(default)}"


def _scalar(value: object) -> str:
    plain = _plain(value)
    if isinstance(plain, float) and plain.is_integer():
        plain = int(plain)
    text = yaml.safe_dump(plain, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()


def _plain(value: object) -> Any:
    """The value as YAML's own types: enumerations by their text, tuples and sets as lists."""
    match value:
        case str():
            return str(value)
        case Mapping():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted(_plain(item) for item in value)
        case _:
            return value


def _comment(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=f"{indent}# ",
        subsequent_indent=f"{indent}# ",
        break_on_hyphens=False,
        break_long_words=False,
    )
