"""Who may decide what."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot.config.section import AccountId, RiskName, Section, SeverityName, SourceName
from bot.model import OwnerSource, Severity

_WHO = re.compile(r"owner|trusted-owner|security|U[A-Z0-9]+|W[A-Z0-9]+|S[A-Z0-9]+|C[A-Z0-9]+")


def _decider(text: str) -> str:
    if not _WHO.fullmatch(text):
        raise ValueError(
            "must be owner, trusted-owner, security, or the id of a Slack user (U…), user group "
            "(S…) or private channel (C…)"
        )
    return text


class ApprovalMatch(Section):
    """What a rule is about; a list that is left out or empty matches everything."""

    controls: tuple[str, ...] = Field(default=(), strict=False, description="Ids of controls.")
    severities: tuple[SeverityName, ...] = Field(
        default=(), strict=False, description="Severities."
    )
    accounts: tuple[AccountId, ...] = Field(
        default=(), strict=False, description="Account ids, in quotes."
    )
    risks: tuple[RiskName, ...] = Field(
        default=(), strict=False, description="reversible, disruptive or irreversible."
    )


class ApprovalRule(Section):
    """Who may approve what the rule matches, and how many of them it takes."""

    match: ApprovalMatch = Field(
        default_factory=ApprovalMatch, description="What the rule is about."
    )
    who: tuple[Annotated[str, AfterValidator(_decider)], ...] = Field(
        strict=False,
        min_length=1,
        description="Who may approve: owner, trusted-owner, security, or U…, S…, C… of Slack.",
    )
    people: int = Field(default=1, ge=1, le=5, description="How many different people it takes.")
    within_hours: int | None = Field(
        default=None,
        ge=1,
        le=24 * 90,
        description="Hours that an approval stands; null means proposals.approval_days.",
    )


class ApprovalsSettings(Section):
    """Who may decide what in Slack; the first rule that matches counts."""

    rules: tuple[ApprovalRule, ...] = Field(
        default=(),
        strict=False,
        description=(
            "Your rules, before the built-in ones: reversible plans by the owner or the security "
            "group; disruptive ones by a trusted owner or the security group; irreversible ones, "
            "and those that give someone rights, by two of those."
        ),
    )
    trusted_sources: tuple[SourceName, ...] = Field(
        default=(OwnerSource.MAPPING, OwnerSource.ACCOUNT),
        strict=False,
        description=(
            "Sources that make an owner a trusted one. A tag is a claim of whoever may tag, so "
            "it isn't among them; what the security group hands over always is."
        ),
    )
    irreversible_people: int = Field(
        default=2,
        ge=1,
        le=5,
        description="How many different people approve an irreversible plan by the built-in rules.",
    )
    subject_may_approve: bool = Field(
        default=True,
        description=(
            "Whether people may approve plans that take away their own access. Exempting or "
            "keeping it is never theirs to decide."
        ),
    )
    second_person_exempts: Severity = Field(
        default=Severity.HIGH,
        strict=False,
        description="From which severity on an exemption needs a second person.",
    )
    second_factor: Literal["none", "totp"] = Field(
        default="none",
        description=(
            "totp asks for a one-time code with every irreversible plan that is approved in "
            "Slack; enrol with `locksmith codes enrol`."
        ),
    )
    codes_file: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "File with the secrets of the one-time codes, readable by Locksmith alone; null "
            "means one in the state folder of your user."
        ),
    )
    strict: bool = Field(
        default=False,
        description=(
            "Tags and handed-over owners are told but decide nothing, nobody approves what is "
            "about themselves, and an approval stands 24 hours, 4 for irreversible plans."
        ),
    )
    resume: Literal["another", "anyone"] = Field(
        default="another",
        description="Who may let writes happen again: another person than the one who paused.",
    )
