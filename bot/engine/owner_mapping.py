"""Reads the mapping file: who owns what, by patterns of ARNs."""

from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from bot.config import Section, mistakes_in
from bot.config.section import Arn, ArnPattern, SlackAddress
from bot.config.yaml_file import YamlList, dotted, read_yaml_list
from bot.errors import ConfigError
from bot.model import of_one_principal


class MappedOwner(Section):
    """Who owns what a pattern matches, as the file says it."""

    match: ArnPattern = Field(description="ARN with * and ?; the path may be left out.")
    owner: SlackAddress = Field(description="Slack id or e-mail address of the owner.")
    manager: SlackAddress | None = Field(
        default=None, description="Whom to ask when the owner doesn't answer."
    )
    reader: Arn | None = Field(
        default=None,
        description="ARN of the one role or user that may read the secrets of new access keys.",
    )

    @field_validator("reader")
    @classmethod
    def _reader(cls, reader: str | None) -> str | None:
        if reader is not None and not of_one_principal(reader):
            raise ValueError(
                "must be the ARN of one role or user, such as arn:aws:iam::123456789012:role/app"
            )
        return reader


def read(path: Path) -> tuple[MappedOwner, ...]:
    """The entries of a mapping file, in its order; of those that match, the first one counts.

    Raises ConfigError with file and line for every mistake in it, and for an entry that can never
    count since the same pattern stands above it.
    """
    file = read_yaml_list(path)
    entries: list[MappedOwner] = []
    mistakes: list[str] = []
    for index, item in enumerate(file.items):
        try:
            entries.append(MappedOwner.model_validate(item))
        except ValidationError as error:
            mistakes.append(mistakes_in(error, MappedOwner, file.where, (index,)))
    if not mistakes:
        mistakes = _shadowed(file, entries)
    if mistakes:
        raise ConfigError(
            "\n".join(mistakes),
            hint="Each entry is {match: glob of an ARN, owner: Slack id or e-mail address}, with "
            "`manager` and `reader` beside them where there are any.",
        )
    return tuple(entries)


def _shadowed(file: YamlList, entries: list[MappedOwner]) -> list[str]:
    first: dict[str, int] = {}
    mistakes: list[str] = []
    for index, entry in enumerate(entries):
        above = first.setdefault(entry.match, index)
        if above != index:
            mistakes.append(
                f"{file.where((index, 'match'))}: `{dotted((index, 'match'))}`: the pattern "
                f"{entry.match} has its owner in {file.where((above, 'match'))} already"
            )
    return mistakes
