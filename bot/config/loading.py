"""Finds the configuration file, puts the environment on top and checks all of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from pydantic import PrivateAttr, ValidationError

from bot.config.environment import (
    Overrides,
    read_environment,
    secrets,
    variable_for,
    with_overrides,
)
from bot.config.mistakes import mistakes_in
from bot.config.model import Settings, has_password
from bot.config.yaml_file import KeyPath, YamlFile, dotted, read_yaml
from bot.errors import ConfigError

#: Names the configuration file, where --config doesn't.
FILE_VARIABLE = "LOCKSMITH_CONFIG"
#: A secret only where a password stands in it.
_DATABASE: KeyPath = ("database", "url")


class Config(Settings):
    """The settings in force, and where each one was set."""

    _file: YamlFile | None = PrivateAttr(default=None)
    _variables: Mapping[KeyPath, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def from_sources(cls, file: YamlFile | None, overrides: Overrides) -> "Config":
        """The settings of a file and of the environment; raises ConfigError for any mistake."""
        where = _Origin(file, overrides.variables)
        if file is not None:
            _refuse_secrets(file)
        data = with_overrides(_without_empty_sections(file.data if file else {}), overrides)
        try:
            return cls.model_validate(data, context=(file, overrides.variables))
        except ValidationError as error:
            raise ConfigError(
                mistakes_in(error, Settings, where),
                hint="`locksmith config schema` and config.example.yaml list every setting.",
            ) from error

    def model_post_init(self, context: Any) -> None:
        """Keep where the settings came from, so that later mistakes can name the place."""
        if context is not None:
            self._file, self._variables = context

    @property
    def path(self) -> Path | None:
        """The file that was read; None where there was none and defaults hold."""
        return self._file.path if self._file else None

    @property
    def overridden(self) -> Mapping[KeyPath, str]:
        """Which settings come from the environment, and from which variable."""
        return self._variables

    def where(self, at: KeyPath) -> str:
        """Where the setting at `at` was made: file and line, or the variable."""
        return _Origin(self._file, self._variables)(at)


class _Origin:
    def __init__(self, file: YamlFile | None, variables: Mapping[KeyPath, str]) -> None:
        self._file = file
        self._variables = variables

    def __call__(self, at: KeyPath) -> str:
        for end in range(len(at), 0, -1):
            if at[:end] in self._variables:
                return self._variables[at[:end]]
            if self._file and at[:end] in self._file.lines:
                return f"{self._file.path}, line {self._file.lines[at[:end]]}"
        return str(self._file.path) if self._file else "the configuration"


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration in force.

    `path` is what --config said. Without it the file is what LOCKSMITH_CONFIG names, or the first
    of `search_path()` that exists, or none. Raises ConfigError, and nothing else was done then.
    """
    overrides = read_environment(environ)
    chosen = path or _named(environ) or _found(search_path())
    return Config.from_sources(read_yaml(chosen) if chosen else None, overrides)


def search_path() -> Sequence[Path]:
    """Where a configuration file is looked for when none is named, first one first."""
    return (
        Path("locksmith.yaml"),
        user_config_path("locksmith", appauthor=False) / "config.yaml",
    )


def _named(environ: Mapping[str, str]) -> Path | None:
    named = environ.get(FILE_VARIABLE)
    return Path(named) if named else None


def _found(candidates: Sequence[Path]) -> Path | None:
    return next((candidate for candidate in candidates if candidate.exists()), None)


def _without_empty_sections(data: Mapping[str, Any]) -> dict[str, Any]:
    """A section whose settings are all commented out says nothing, which is no mistake."""
    return {
        name: value
        for name, value in data.items()
        if value is not None or name not in Settings.model_fields
    }


def _refuse_secrets(file: YamlFile) -> None:
    for at in secrets():
        value = _value_at(file.data, at)
        if value is None or (at == _DATABASE and not _holds_password(value)):
            continue
        place = _Origin(file, {})(at)  # the file's, whatever overrides it
        variable = variable_for(at)
        what = "has a password in it" if at == _DATABASE else "is a secret"
        raise ConfigError(
            f"{place}: `{dotted(at)}` {what}, and secrets don't belong in this file",
            hint=(
                f"Take it out of the file and set {variable}, or {variable}_FILE to a file that "
                "holds it. Change it if others could read this file."
            ),
        )


def _value_at(data: Any, at: KeyPath) -> Any:
    for name in at:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def _holds_password(url: Any) -> bool:
    return isinstance(url, str) and has_password(url)
