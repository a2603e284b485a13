"""Reads a YAML file strictly, and keeps the line of every key for error messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ConfigError

#: A place in the configuration: `("aws", "region")`, list positions as numbers.
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """What a file says, and on which line (from 1) it says it."""

    path: Path
    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class YamlList:
    """A file that holds one list, and on which line (from 1) each thing in it stands."""

    path: Path
    items: Sequence[Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def where(self, at: KeyPath) -> str:
        """The place of what `at` names, or of what it would stand in: file and line."""
        for end in range(len(at), 0, -1):
            if at[:end] in self.lines:
                return f"{self.path}, line {self.lines[at[:end]]}"
        return str(self.path)


def read_yaml(path: Path) -> YamlFile:
    """Read a configuration file; an empty one says nothing.

    Raises ConfigError with file and line for whatever isn't one mapping with unique text keys.
    """
    try:
        return parse_yaml(_text(path), path)
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no configuration file {path}",
            hint="Copy config.example.yaml there, or leave --config and LOCKSMITH_CONFIG out.",
        ) from error


def read_yaml_list(path: Path) -> YamlList:
    """Read a file that holds one list; an empty one holds none.

    Raises ConfigError with file and line for whatever isn't a list, or has a key twice.
    """
    try:
        document = _document(_text(path), path)
    except FileNotFoundError as error:
        raise ConfigError(f"there is no file {path}") from error
    if document.data is None:
        return YamlList(path, ())
    if not isinstance(document.data, list):
        raise ConfigError(
            f"{path}, line {document.line}: the file must hold a list, each entry starting with "
            f"`- `, not {_kind(document.data)}"
        )
    return YamlList(path, document.data, document.lines)


def parse_yaml(text: str, path: Path) -> YamlFile:
    """Like `read_yaml`, for the text of the file at `path`."""
    document = _document(text, path)
    if document.data is None:
        return YamlFile(path, {})
    if not isinstance(document.data, dict):
        raise ConfigError(
            f"{path}, line {document.line}: the file must hold settings as "
            f"`section:` and indented `name: value` lines, not {_kind(document.data)}"
        )
    return YamlFile(path, document.data, document.lines)


@dataclass(frozen=True, slots=True)
class _Document:
    data: Any
    line: int
    lines: Mapping[KeyPath, int]


def _document(text: str, path: Path) -> _Document:
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return _Document(None, 1, {})
        lines: dict[KeyPath, int] = {}
        _note_lines(node, (), lines, path, seen=frozenset())
        return _Document(loader.construct_document(node), node.start_mark.line + 1, lines)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_malformed(path, error), hint=_cure(error)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: not readable as YAML: {error}") from error
    finally:
        loader.dispose()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise  # what is missing, the caller can say best
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start + 1})") from error
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error


def _note_lines(
    node: yaml.Node,
    at: KeyPath,
    lines: dict[KeyPath, int],
    path: Path,
    seen: frozenset[int],
) -> None:
    if id(node) in seen:
        raise ConfigError(f"{path}, line {node.start_mark.line + 1}: refers to itself")
    inside = seen | {id(node)}
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[*at, index] = item.start_mark.line + 1
            _note_lines(item, (*at, index), lines, path, inside)
    elif isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            name, line = _key_name(key, path), key.start_mark.line + 1
            if name in first:
                raise ConfigError(
                    f"{path}, line {line}: `{dotted((*at, name))}` was set on line "
                    f"{first[name]} already",
                    hint="Keep one of them: in YAML the second would silently win.",
                )
            first[name] = lines[*at, name] = line
            _note_lines(value, (*at, name), lines, path, inside)


def _key_name(key: yaml.Node, path: Path) -> str:
    if isinstance(key, yaml.ScalarNode) and key.tag in {
        "tag:yaml.org,2002:str",
        "tag:yaml.org,2002:merge",
    }:
        return str(key.value)
    raise ConfigError(
        f"{path}, line {key.start_mark.line + 1}: a name must be text; put it in quotes"
    )


def dotted(at: KeyPath) -> str:
    """A key path as people write it: `people[0].name`."""
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _malformed(path: Path, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
    problem = "a tab where spaces must be" if _is_tab(error) else error.problem or "malformed"
    return f"{where}: not readable as YAML: {problem}"


def _is_tab(error: yaml.MarkedYAMLError) -> bool:
    return "\\t" in (error.problem or "")


def _cure(error: yaml.MarkedYAMLError) -> str:
    if _is_tab(error):
        return "YAML is indented with spaces; replace the tab."
    return "Mend this line, then check with `locksmith config validate`."


def _kind(value: object) -> str:
    match value:
        case list():
            return "a list"
        case dict():
            return "`name: value` lines"
        case str():
            return "plain text"
        case _:
            return f"a {type(value).__name__}"
