"""Who owns what: where Locksmith looks, and in which order."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from bot.config.section import Section, SlackAddress
from bot.model import OwnerSource

_SOURCES = (
    OwnerSource.HANDED_OVER,
    OwnerSource.MAPPING,
    OwnerSource.TAGS,
    OwnerSource.ACCOUNT,
    OwnerSource.CREATOR,
    OwnerSource.DEFAULT,
)


class OwnersSettings(Section):
    """Who owns what; the first source that knows someone who can be reached wins."""

    sources: tuple[OwnerSource, ...] = Field(
        default=_SOURCES,
        strict=False,
        description=(
            "Where to look, first one first: handed-over, mapping, tags, account, creator, "
            "default. The security channel comes last by itself."
        ),
    )
    tags: tuple[str, ...] = Field(
        default=("owner", "Owner", "contact", "team", "Team"),
        strict=False,
        description="Tags of users, roles and policies that name an owner, first one first.",
    )
    mapping_file: Path | None = Field(
        default=None,
        strict=False,
        description=(
            "YAML file that says who owns what: a list of {match: glob of an ARN, owner: Slack id "
            "or e-mail address, manager: the same}; the first match wins."
        ),
    )
    teams: Mapping[str, SlackAddress] = Field(
        default_factory=dict,
        description="What names in tags mean: a team's or person's name to a Slack id or e-mail.",
    )
    accounts: Mapping[str, SlackAddress] = Field(
        default_factory=dict,
        description="Owners of whole accounts, by the account's id in quotes.",
    )
    default: SlackAddress | None = Field(
        default=None, description="Whom to ask where no other source knows an owner."
    )
