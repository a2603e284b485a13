"""Settings from the environment: `LOCKSMITH_SECTION__NAME`, and secrets from files it names."""

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from bot.config.model import Settings
from bot.config.yaml_file import KeyPath
from bot.errors import ConfigError

PREFIX = "LOCKSMITH_"
_FROM_FILE = "_FILE"
_NESTED = "__"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the environment sets, and by which variable."""

    values: Mapping[KeyPath, Any] = field(default_factory=dict)
    variables: Mapping[KeyPath, str] = field(default_factory=dict)


def read_environment(environ: Mapping[str, str]) -> Overrides:
    """The overrides in `environ`; values are YAML, except where the setting is text.

    Raises ConfigError naming the variable for an unknown setting, a value that isn't YAML, a
    file that can't be read, or a setting given twice.
    """
    values: dict[KeyPath, Any] = {}
    variables: dict[KeyPath, str] = {}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX):
            continue
        if _NESTED not in variable:
            _refuse_single_underscore(variable)
            continue
        at, value = _setting(variable, environ[variable])
        if at in variables:
            raise ConfigError(f"{variable} and {variables[at]} both set one setting; keep one")
        values[at], variables[at] = value, variable
    return Overrides(values, variables)


def with_overrides(data: Mapping[str, Any], overrides: Overrides) -> dict[str, Any]:
    """The file's settings with the environment's on top; a section that is none stays as it is."""
    merged = dict(data)
    for at, value in overrides.values.items():
        _put(merged, at, value)
    return merged


def _put(section: dict[str, Any], at: KeyPath, value: Any) -> None:
    name = str(at[0])
    if len(at) == 1:
        section[name] = value
        return
    inner = section.get(name)
    if inner is None or isinstance(inner, Mapping):
        section[name] = deeper = dict(inner or {})
        _put(deeper, at[1:], value)


def _setting(variable: str, text: str) -> tuple[KeyPath, Any]:
    at = tuple(variable.removeprefix(PREFIX).lower().split(_NESTED))
    if at[0] == "controls" and len(at) > 1:
        at = (at[0], at[1].replace("_", "-"), *at[2:])
        return at, _yaml(variable, text)
    if at in _FIELDS:
        return at, text if _FIELDS[at].is_text and text != "null" else _yaml(variable, text)
    plain = (*at[:-1], at[-1].removesuffix(_FROM_FILE.lower()))
    if at != plain and plain in _FIELDS and _FIELDS[plain].is_secret:
        return plain, _content(variable, text)
    raise ConfigError(f"{variable} sets nothing that Locksmith knows{_nearest(variable)}")


def _yaml(variable: str, text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "malformed"
        raise ConfigError(f"{variable} can't be read as a YAML value: {problem}") from error


def _content(variable: str, path: str) -> str:
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(f"{variable}: the file {path} can't be read: {why}") from error
    if not content:
        raise ConfigError(f"{variable}: the file {path} is empty")
    return content


def _refuse_single_underscore(variable: str) -> None:
    for at in _FIELDS:
        if variable == PREFIX + "_".join(map(str, at)).upper():
            raise ConfigError(
                f"{variable} sets nothing: write {variable_for(at)}, with two underscores"
            )


def variable_for(at: Iterable[str | int]) -> str:
    """The variable that overrides the setting at a key path."""
    return PREFIX + _NESTED.join(str(name).replace("-", "_") for name in at).upper()


def _nearest(variable: str) -> str:
    known = sorted(variable_for(at) for at in _FIELDS)
    # Without the prefix they share, which would make anything look alike.
    ends = [name.removeprefix(PREFIX) for name in known]
    close = get_close_matches(variable.removeprefix(PREFIX), ends, n=1)
    return f"; did you mean {PREFIX}{close[0]}?" if close else f"; known are: {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class _Field:
    is_text: bool
    is_secret: bool


def _fields(model: type[BaseModel], at: KeyPath = ()) -> Iterator[tuple[KeyPath, _Field]]:
    for name, info in model.model_fields.items():
        annotation: Any = info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _fields(annotation, (*at, name))
        elif name != "controls":
            extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
            yield (
                (*at, name),
                _Field(
                    bool({str, Path} & set(_options(annotation))), bool(extra.get("secret", False))
                ),
            )


def _options(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(option for inner in get_args(annotation) for option in _options(inner))
    return (annotation,)


def secrets() -> Iterator[KeyPath]:
    """The key path of every setting that is a secret."""
    return (at for at, known in _FIELDS.items() if known.is_secret)


_FIELDS: Mapping[KeyPath, _Field] = dict(_fields(Settings))
