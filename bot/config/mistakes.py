"""Says in people's words what is wrong with a setting, where, and what is allowed instead."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bot.config.yaml_file import KeyPath, dotted

#: Names the place of a key path: "config.yaml, line 3", or the variable that set it.
Where = Callable[[KeyPath], str]

_QUOTED = re.compile(r"'([^']*)'")
_EXPECTED: Mapping[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text, in quotes where it looks like something else",
    "string_too_short": "text that isn't empty",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "mapping_type": "settings as indented `name: value` lines",
    "dict_type": "settings as indented `name: value` lines",
    "model_type": "settings as indented `name: value` lines",
    "model_attributes_type": "settings as indented `name: value` lines",
    "missing": "given",
}
_LIMITS: Mapping[str, str] = {
    "greater_than_equal": "at least {ge:g}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "less_than": "less than {lt:g}",
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "too_short": "at least {min_length} long",
    "too_long": "at most {max_length} long",
    "string_pattern_mismatch": "text that matches {pattern}",
}


def mistakes_in(
    error: ValidationError, model: type[BaseModel], where: Where, at: KeyPath = ()
) -> str:
    """One line for each mistake that pydantic found in the settings at `at`.

    `model` is what the settings there should be; a secret's value is never repeated.
    """
    found = error.errors(include_url=False)
    places = [details["loc"] for details in found]
    return "\n".join(
        _mistake(dict(details), model, where, at)
        for details in found[:20]
        if not (details["type"] == "too_short" and _has_more_inside(details["loc"], places))
    )


def _has_more_inside(place: tuple[int | str, ...], places: Iterable[tuple[int | str, ...]]) -> bool:
    """Whether something inside this place is wrong: pydantic counts a wrong item as missing."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in places)


def unknown_name(name: str, known: Iterable[str], what: str = "setting") -> str:
    """That nothing is called `name`, the nearest name there is, or all there are."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    nearest = f"; did you mean `{close[0]}`?" if close else "."
    return f"no such {what}{nearest} Allowed: {', '.join(names) or 'nothing'}"


def _mistake(details: dict[str, Any], model: type[BaseModel], where: Where, at: KeyPath) -> str:
    # pydantic says [key] where the name in a mapping is wrong, not what it names.
    inner = tuple(
        part for part in details["loc"] if isinstance(part, (str, int)) and part != "[key]"
    )
    path = (*at, *inner)
    owner, is_secret = _owner(model, inner)
    if details["type"] == "extra_forbidden":
        problem = unknown_name(str(inner[-1]), owner.model_fields if owner else ())
    else:
        given = "" if is_secret or details["type"] == "missing" else f", not {_shown(details)}"
        problem = f"must be {_expected(details)}{given}{_nearest_choice(details)}"
        if details["type"] == "value_error":
            problem = f"{details['ctx']['error']}{given}"
    return f"{where(path)}: `{dotted(path)}`: {problem}"


def _expected(details: Mapping[str, Any]) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context)
    return _EXPECTED.get(kind, details["msg"])


def _nearest_choice(details: Mapping[str, Any]) -> str:
    if details["type"] not in {"enum", "literal_error"}:
        return ""
    choices = _QUOTED.findall(details["ctx"]["expected"])
    close = get_close_matches(str(details["input"]), choices, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _shown(details: Mapping[str, Any]) -> str:
    value = details["input"]
    if value is None:
        return "empty"
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else text[:57] + "…"


def _owner(model: type[BaseModel], at: KeyPath) -> tuple[type[BaseModel] | None, bool]:
    """The model whose field the last name of `at` should be, and whether it is a secret."""
    owner: type[BaseModel] | None = model
    for name in at[:-1]:
        if isinstance(name, int) or owner is None:
            continue
        info = owner.model_fields.get(name)
        owner = _model_in(info.annotation) if info else None
    last = owner.model_fields.get(str(at[-1])) if owner and at else None
    extra = last.json_schema_extra if last else None
    return owner, isinstance(extra, dict) and bool(extra.get("secret"))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)
