"""Who owns what: where Locksmith looks, and in which order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.config.section import AccountId, Frozen, Section, SlackAddress, SourceName, frozen
from bot.model import OwnerSource

_SOURCES = (
    OwnerSource.HANDED_OVER,
    OwnerSource.MAPPING,
    OwnerSource.TAGS,
    OwnerSource.ACCOUNT,
    OwnerSource.ACCOUNT_TAGS,
    OwnerSource.CREATOR,
    OwnerSource.DEFAULT,
)


class OwnersSettings(Section):
    """Who owns what; the first source that knows someone who can be reached wins."""

    sources: tuple[SourceName, ...] = Field(
        default=_SOURCES,
        strict=False,
        description=(
            "Where to look, first one first: handed-over, mapping, tags, account, account-tags, "
            "creator, default. The security channel comes last by itself."
        ),
    )
    tags: tuple[str, ...] = Field(
        default=("owner", "Owner", "contact", "team", "Team"),
        strict=False,
        description="Tags of users, roles, policies and accounts that name an owner, in order.",
    )
    mapping_file: Path | None = Field(
        default=None,
        strict=False,
        description=(
            "YAML file that says who owns what: a list of {match: glob of an ARN, owner: Slack id "
            "or e-mail address, manager: the same, reader: ARN of the role or user that may read "
            "the secrets of new access keys}; the first match wins."
        ),
    )
    teams: Annotated[Mapping[str, SlackAddress], AfterValidator(frozen)] = Field(
        default_factory=Frozen,
        description="What names in tags mean: a team's or person's name to a Slack id or e-mail.",
    )
    accounts: Annotated[Mapping[AccountId, SlackAddress], AfterValidator(frozen)] = Field(
        default_factory=Frozen,
        description="Owners of whole accounts, by the account's id in quotes.",
    )
    default: SlackAddress | None = Field(
        default=None, description="Whom to ask where no other source knows an owner."
    )
