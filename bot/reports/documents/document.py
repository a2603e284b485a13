"""What all JSON output shares: a strict shape, its schema's name, and one way to write it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import indent
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


@dataclass(frozen=True, slots=True)
class Long:
    """A document whose list `name` is long: its `parts` are made one by one while it is written."""

    document: Document
    name: str
    parts: Iterable[Part]


def text(document: Document | Long) -> str:
    """The document as JSON, indented; nothing in it can steer a terminal."""
    return "".join(pieces(document))


def pieces(document: Document | Long) -> Iterator[str]:
    """The same piece by piece, a list's elements one at a time."""
    begin = "{\n"
    whole = document.document if isinstance(document, Long) else document
    made = {document.name: document.parts} if isinstance(document, Long) else {}
    for name, field in type(whole).model_fields.items():
        value = made.get(name, getattr(whole, name))
        if name in made or (isinstance(value, list) and value and isinstance(value[0], Part)):
            yield f'{begin}  "{field.alias or name}": '
            yield from _list(value)
        elif inner := _indented(whole, only=name)[2:-2]:
            yield begin + inner
        else:
            continue
        begin = ",\n"
    yield "\n}"


def _list(parts: Iterable[Part]) -> Iterator[str]:
    before = "["
    for part in parts:
        yield f"{before}\n{indent(_indented(part), '    ')}"
        before = ","
    yield "[]" if before == "[" else "\n  ]"


def _indented(part: Part, only: str | None = None) -> str:
    chosen = None if only is None else {only}
    return _harmless(part.model_dump_json(indent=2, ensure_ascii=True, include=chosen))


def line(document: Document) -> str:
    """The document as JSON on one line, for JSON Lines."""
    return _harmless(document.model_dump_json(ensure_ascii=True))


def _harmless(json: str) -> str:
    # Of the control characters pydantic leaves only this one as it is; it is in no syntax.
    return json.replace("\x7f", "\\u007f")


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
