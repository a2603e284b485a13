"""Writes config.example.yaml: every setting with its default and what it means."""

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import BaseModel

from bot.config.model import Person, Settings

_WIDTH = 98
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
        elif name == "people":
            blocks.append(_people_block(info.description or ""))
        else:
            blocks.append(_section_block(name, annotation))
    return "\n".join(blocks)


def _section_block(name: str, model: type[BaseModel]) -> str:
    lines = [*_comment(model.__doc__ or "", ""), f"{name}:", *_settings(model, "  ")]
    return "\n".join(lines) + "\n"


def _people_block(description: str) -> str:
    lines = [*_comment(description, ""), "people: []"]
    for index, (name, info) in enumerate(Person.model_fields.items()):
        value = {"name": "Alice", "local": "[alice@laptop]"}.get(
            name, "[arn:aws:iam::123456789012:user/alice]"
        )
        lines.append(f"#  {'-' if index == 0 else ' '} {name}: {value}  # {info.description}")
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
        if info.description:
            yield from _comment(info.description, indent)
        yield from _value(name, info.get_default(call_default_factory=True), indent)


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
