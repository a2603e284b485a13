"""The AWS accounts that Locksmith works on."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bot.config.section import AccountId, Section

_GROUP = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}", re.ASCII)


def _group(text: str) -> str:
    if not _GROUP.fullmatch(text):
        raise ValueError("must be lower-case letters, digits and hyphens, such as sandbox")
    return text


def _role(text: str) -> str:
    if not _ROLE.fullmatch(text):
        raise ValueError("must be the ARN of a role, arn:aws:iam::111122223333:role/name")
    return text


GroupName = Annotated[str, AfterValidator(_group)]
RoleArn = Annotated[str, AfterValidator(_role)]


class AccountSettings(Section):
    """One account: whose it is, how Locksmith gets in, and which groups it belongs to."""

    id: AccountId = Field(description="The account's twelve digits, in quotes.")
    name: str | None = Field(
        default=None, min_length=1, max_length=64, description="What people call it."
    )
    role: RoleArn | None = Field(
        default=None,
        description="Role to assume there; null for the account of the caller's own credentials.",
    )
    external_id: str | None = Field(
        default=None,
        min_length=2,
        max_length=1224,
        pattern=r"^[\w+=,.@:/-]+$",
        description="External id that the role's trust policy asks for.",
    )
    groups: tuple[GroupName, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Groups of this file that it belongs to, for rules, limits and schedules; never taken "
            "from names or tags in AWS, which insiders can set."
        ),
    )

    @model_validator(mode="after")
    def _role_is_there(self) -> Self:
        if self.role is not None and self.role.split(":")[4] != self.id:
            raise ValueError(f"role is one of account {self.role.split(':')[4]}, not of {self.id}")
        if self.external_id is not None and self.role is None:
            raise ValueError("external_id means something with a role only")
        return self
