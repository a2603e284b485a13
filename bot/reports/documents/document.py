"""What all JSON output shares: a strict shape, its schema's name, and one way to write it."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from bot.model import Json

Time = AwareDatetime


class Part(BaseModel):
    """A piece of a document."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


class Document(Part):
    """One JSON object on stdout. A subclass names its schema, such as `locksmith.scan/1`."""

    schema_name: str = Field(alias="schema")


def text(document: Document) -> str:
    """The document as JSON, indented; nothing in it can steer a terminal."""
    return json.dumps(document.model_dump(mode="json"), indent=2)


def line(document: Document) -> str:
    """The document as JSON on one line, for JSON Lines."""
    return json.dumps(document.model_dump(mode="json"), separators=(",", ":"))


def plain(value: Json) -> JsonValue:
    """JSON as the lists and dictionaries that pydantic wants."""
    match value:
        case str() | None | bool() | int():
            return value
        case Mapping():
            return {name: plain(inner) for name, inner in value.items()}
        case _:
            return [plain(inner) for inner in value]


def plain_object(value: Mapping[str, Json]) -> dict[str, Any]:
    """A JSON object as the dictionary that pydantic wants."""
    return {name: plain(inner) for name, inner in value.items()}


def schema_of(document: type[Document]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **document.model_json_schema(),
    }


def name_of(document: type[Document]) -> tuple[str, int]:
    """The name and version of a document's schema: `("scan", 1)`."""
    (full,) = document.model_fields["schema_name"].annotation.__args__  # type: ignore[union-attr]
    name, _, version = full.removeprefix("locksmith.").partition("/")
    return name, int(version)
