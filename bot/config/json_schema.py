"""Writes the JSON Schema that teaches editors the configuration file."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from bot.config.example import ControlSettings
from bot.config.model import Settings


def schema(controls: Iterable[ControlSettings]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the whole file, the settings of every control included."""
    whole = Settings.model_json_schema()
    definitions: dict[str, Any] = whole.setdefault("$defs", {})
    known = {}
    for control in controls:
        known[control.id] = {
            "description": control.title,
            **_inlined(control.model, definitions, control.id),
        }
    whole["properties"]["controls"] = {
        "type": "object",
        "description": Settings.model_fields["controls"].description,
        "properties": known,
        "additionalProperties": False,
    }
    _let_sections_be_empty(whole)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **whole,
        "title": "Locksmith configuration",
    }


def _inlined(model: type[BaseModel], definitions: dict[str, Any], owner: str) -> dict[str, Any]:
    own = model.model_json_schema(ref_template=f"#/$defs/{owner}.{{model}}")
    for name, definition in own.pop("$defs", {}).items():
        definitions[f"{owner}.{name}"] = definition
    own.pop("title", None)
    return own


def _let_sections_be_empty(whole: dict[str, Any]) -> None:
    """A section with nothing below it is null to YAML, and that is allowed."""
    for name, section in whole["properties"].items():
        whole["properties"][name] = {"anyOf": [section, {"type": "null"}]}
