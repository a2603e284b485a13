"""Finds the controls in `remediations`, checks what every control promises, reads their settings.

Adding a control is adding its file: nothing here or elsewhere lists them.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType, ModuleType
from typing import Any

from pydantic import ValidationError

from bot.config.mistakes import mistakes_in, unknown_name
from bot.config.yaml_file import dotted
from bot.errors import ConfigError, PlanError
from bot.model import AnyControl, Control, Settings

#: The parts of a control's documentation page, in their order.
HEADINGS = ("Detects", "Why it matters", "Changes", "Undo", "When to say no", "References")

_HINT = "`locksmith controls list` shows every control, `locksmith controls show ID` its settings."

Where = Callable[[tuple[str | int, ...]], str]


@dataclass(frozen=True, slots=True)
class Enabled:
    """A control that is switched on, with its settings."""

    control: AnyControl
    settings: Settings


def discover(package: str = "remediations") -> Mapping[str, AnyControl]:
    """Every control by its id, in the order of the ids.

    Files and folders whose names start with an underscore are shared code and skipped.
    Raises PlanError naming the file that breaks its contract.
    """
    return _discovered(package)


@lru_cache(maxsize=8)
def _discovered(package: str) -> Mapping[str, AnyControl]:
    found: dict[str, AnyControl] = {}
    for module in _control_modules(package):
        control = _control_of(module)
        _check(control, module)
        if control.id in found:
            raise PlanError(f"{_file(module)}: another file is called {control.id} as well")
        found[control.id] = control
    for control in found.values():
        unknown = sorted(control.supersedes - found.keys())
        if unknown:
            raise PlanError(f"{control.id}: supersedes {unknown[0]}, which is no control")
    return MappingProxyType(dict(sorted(found.items())))


def practices(package: str = "remediations") -> Mapping[str, str]:
    """The best practice that each topic's folder stands for, by topic. Raises PlanError."""
    titles: dict[str, str] = {}
    for topic in sorted({control.topic for control in discover(package).values()}):
        module = importlib.import_module(f"{package}.{topic}")
        title = inspect.cleandoc(module.__doc__ or "").rstrip(".")
        if not title or "\n" in title:
            raise PlanError(f"{_file(module)}: its docstring must be the practice's name, one line")
        titles[topic] = title
    return titles


def controls(
    config_controls: Mapping[str, Mapping[str, Any]],
    *,
    where: Where | None = None,
    package: str = "remediations",
) -> Sequence[Enabled]:
    """The controls that are switched on, with the `controls:` settings of the configuration.

    `where` names the place of a setting; ConfigError says what is wrong there and what would do.
    """
    known = discover(package)
    say_where = where or _in_configuration
    for name in config_controls:
        if name not in known:
            problem = unknown_name(name, known, "control")
            at = ("controls", name)
            raise ConfigError(f"{say_where(at)}: `{dotted(at)}`: {problem}", hint=_HINT)
    enabled = [
        Enabled(control, _settings(control, config_controls.get(control.id) or {}, say_where))
        for control in known.values()
    ]
    return tuple(each for each in enabled if each.settings.enabled)


def documentation(control: AnyControl) -> Mapping[str, str]:
    """The texts of a control's page by heading, in the order of HEADINGS. Raises PlanError."""
    module = sys.modules[control.detect.__module__]
    lines = inspect.cleandoc(module.__doc__ or "").splitlines()
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for number, line in enumerate(lines):
        underline = lines[number + 1] if number + 1 < len(lines) else ""
        if line and underline and set(underline) == {"-"}:
            if line in sections:
                raise PlanError(f"{_file(module)}: the heading “{line}” stands there twice")
            current = sections[line] = []
        elif set(line) != {"-"}:
            current.append(line)
    if tuple(sections) != HEADINGS:
        raise PlanError(
            f"{_file(module)}: its docstring needs the headings {', '.join(HEADINGS)}, each with "
            f"a line of dashes below it; it has {', '.join(sections) or 'none'}"
        )
    texts = {heading: "\n".join(text).strip() for heading, text in sections.items()}
    empty = [heading for heading, text in texts.items() if not text]
    if empty:
        raise PlanError(f"{_file(module)}: nothing is said below “{empty[0]}”")
    return texts


def _control_modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    for topic in sorted(pkgutil.iter_modules(root.__path__), key=lambda info: info.name):
        if not topic.ispkg or topic.name.startswith("_"):
            continue
        folder = importlib.import_module(f"{package}.{topic.name}")
        for info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda info: info.name):
            if not info.name.startswith("_"):
                yield importlib.import_module(f"{package}.{topic.name}.{info.name}")


def _control_of(module: ModuleType) -> AnyControl:
    control = getattr(module, "CONTROL", None)
    if not isinstance(control, Control):
        raise PlanError(f"{_file(module)}: exports no CONTROL; shared code is named with a _ first")
    return control


def _check(control: AnyControl, module: ModuleType) -> None:
    *_, topic, name = module.__name__.split(".")
    if control.id != name.replace("_", "-"):
        raise PlanError(f"{_file(module)}: its control is called {control.id}, its file {name}")
    if control.topic != topic:
        raise PlanError(f"{_file(module)}: its topic is {control.topic}, its folder {topic}")
    if control.detect.__module__ != module.__name__ or control.plan.__module__ != module.__name__:
        raise PlanError(f"{_file(module)}: `detect` and `plan` must be the file's own")
    documentation(control)
    _check_settings(control, module)


def _check_settings(control: AnyControl, module: ModuleType) -> None:
    if not (isinstance(control.settings, type) and issubclass(control.settings, Settings)):
        raise PlanError(f"{_file(module)}: its settings are no Settings")
    for name, field in control.settings.model_fields.items():
        if field.is_required():
            raise PlanError(f"{_file(module)}: the setting {name} has no default")
        if name not in Settings.model_fields and not field.description:
            raise PlanError(f"{_file(module)}: the setting {name} has no description")
    if control.idle_setting and control.idle_setting not in control.settings.model_fields:
        raise PlanError(f"{_file(module)}: it has no setting {control.idle_setting}")
    try:
        defaults = control.settings()
        control.settings.model_validate(defaults.model_dump())
    except ValidationError as error:
        raise PlanError(f"{_file(module)}: its default settings don't validate: {error}") from error


def _settings(control: AnyControl, raw: Mapping[str, Any], where: Where) -> Settings:
    try:
        settings: Settings = control.settings.model_validate(dict(raw))
    except ValidationError as error:
        said = mistakes_in(error, control.settings, where, ("controls", control.id))
        raise ConfigError(said, hint=_HINT) from error
    return settings


def _in_configuration(_at: tuple[str | int, ...]) -> str:
    return "the configuration"


def _file(module: ModuleType) -> str:
    return module.__name__.replace(".", "/") + ("" if hasattr(module, "__path__") else ".py")
