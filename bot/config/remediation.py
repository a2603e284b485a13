"""What Locksmith does by itself, and when it is told to."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.section import RiskName, Section, SeverityName
from bot.model import Grace, RemediationMode, Risk

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def _rule_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("must be lower-case letters, digits and hyphens, such as sandbox-keys")
    return text


def _grace(text: str) -> str:
    Grace.parse(text)
    return text


def _account_or_group(text: str) -> str:
    if not re.fullmatch(r"\d{12}|group:[a-z0-9][a-z0-9-]{0,63}", text, re.ASCII):
        raise ValueError("must be the twelve digits of an account, in quotes, or group:NAME")
    return text


#: `"111122223333"`, or `group:sandbox` for the accounts of this file that belong to it.
AccountsName = Annotated[str, AfterValidator(_account_or_group)]


class RemediationMatch(Section):
    """What a rule is about. What is left out matches everything; a list names at least one."""

    controls: tuple[str, ...] | None = Field(
        default=None, strict=False, min_length=1, description="Ids of controls."
    )
    accounts: tuple[AccountsName, ...] | None = Field(
        default=None,
        strict=False,
        min_length=1,
        description="Account ids in quotes, and group:NAME for groups of `accounts`.",
    )
    severities: tuple[SeverityName, ...] | None = Field(
        default=None, strict=False, min_length=1, description="Severities."
    )


class RemediationRuleSettings(Section):
    """One rule: what it is about, and what happens then without anyone asking for it."""

    name: Annotated[str, AfterValidator(_rule_name)] = Field(
        description="Its name in messages and in the log."
    )
    match: RemediationMatch = Field(
        default_factory=RemediationMatch, description="What the rule is about."
    )
    mode: RemediationMode = Field(
        strict=False,
        description=(
            "off: remembered and reported; notify: the owner is told; ask: the owner is asked; "
            "auto: the owner is told, and what nobody objects to in the grace period is done."
        ),
    )
    grace: Annotated[str, AfterValidator(_grace)] | None = Field(
        default=None,
        description=(
            "For auto: how long the owner has to object once the message has reached them, like "
            "5 working days (theirs), 7d or 12h. Frozen time and outages don't count."
        ),
    )
    objection: Literal["stops"] = Field(
        default="stops",
        description="What a click on Keep does: it stops the rule and asks for an exemption.",
    )
    max_risk: RiskName = Field(
        default=Risk.REVERSIBLE,
        strict=False,
        description="For auto: the highest risk of a fix that the rule carries out.",
    )
    allow_irreversible: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="For auto: ids of controls whose irreversible fixes the rule may carry out.",
    )
    unused_days: int = Field(
        default=100,
        ge=0,
        le=400,
        description=(
            "For auto: how many days the settings of its controls must at least ask of what lies "
            "unused. A program of every quarter comes back after 92 days."
        ),
    )
    undo_on_harm: bool = Field(
        default=False,
        description="For auto: whether a change is taken back by itself where harm shows.",
    )


class RemediationSettings(Section):
    """What happens about findings without anyone asking for it; the first rule that matches counts.

    Until an account is live, its owners are asked nothing and nothing is changed there.
    """

    mode: Literal["off", "notify", "ask"] = Field(
        default="ask",
        description="What happens where no rule matches; only a rule can say auto.",
    )
    rules: tuple[RemediationRuleSettings, ...] = Field(
        default=(), strict=False, description="Your rules, in the order in which they are tried."
    )
