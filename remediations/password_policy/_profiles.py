"""What well-known standards ask of the passwords of IAM users, as far as a policy can say it.

How long a password may live is another control's. `kinds` are of symbols, numbers, uppercase and
lowercase letters; `of_kinds` is how many of them the standard is content with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from bot.model import PasswordPolicy, Settings

KINDS = ("symbols", "numbers", "uppercase", "lowercase")

ProfileName = Literal["strict", "aws-default", "cis", "fsbp", "nist-800-63b", "pci"]


@dataclass(frozen=True, slots=True)
class Profile:
    """The least that a standard asks for."""

    minimum_length: int
    kinds: frozenset[str] = frozenset()
    of_kinds: int = 4
    reuse: int = 0


_ALL = frozenset(KINDS)

PROFILES: Mapping[ProfileName, Profile] = {
    # All of CIS, FSBP and PCI together.
    "strict": Profile(14, _ALL, reuse=24),
    # 8 characters of three kinds, which is also what holds without a policy.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
    "aws-default": Profile(8, _ALL, of_kinds=3),
    # 3.0: 1.8 and 1.9, 5.0: 1.7 and 1.8, 7.0: 2.8 and 2.9; they say nothing of kinds.
    "cis": Profile(14, reuse=24),
    # IAM.7 with its default parameters.
    # https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-7
    "fsbp": Profile(8, _ALL),
    # SP 800-63B-4, 3.1.1.2: 15 characters where a password is the only factor, no kinds, no expiry.
    # https://pages.nist.gov/800-63-4/sp800-63b.html
    "nist-800-63b": Profile(15),
    # PCI DSS 4.0, 8.3.6: 12 characters, numbers and letters; 8.3.7: none of the last four.
    "pci": Profile(12, frozenset({"numbers", "lowercase"}), reuse=4),
}


class Wanted(Settings):
    """A standard's profile, and what counts instead of its where it isn't null."""

    profile: ProfileName = Field(
        default="strict",
        description="Whose rules count: strict (CIS, FSBP and PCI together), aws-default, cis (3.0 "
        "to 7.0), fsbp, nist-800-63b or pci (4.0). What is set below counts instead of its.",
    )
    minimum_length: int | None = Field(
        default=None,
        ge=6,
        le=128,
        description="The least number of characters; null as the profile says (strict and cis 14, "
        "nist-800-63b 15, pci 12, others 8).",
    )
    symbols: bool | None = Field(
        default=None, description="Ask for a symbol; null as the profile says (strict, fsbp)."
    )
    numbers: bool | None = Field(
        default=None, description="Ask for a number; null as the profile says (strict, fsbp, pci)."
    )
    uppercase: bool | None = Field(
        default=None,
        description="Ask for an upper-case letter; null as the profile says (strict, fsbp).",
    )
    lowercase: bool | None = Field(
        default=None,
        description="Ask for a lower-case letter; null as the profile says (strict, fsbp, pci).",
    )
    reuse: int | None = Field(
        default=None,
        ge=0,
        le=24,
        description="How many old passwords can't be used again, 0 asks for none; null as the "
        "profile says (strict and cis 24, pci 4, others 0).",
    )


def stricter(policy: PasswordPolicy, wanted: Wanted) -> PasswordPolicy:
    """The stricter of both, field by field; what the settings don't name stays."""
    profile = PROFILES[wanted.profile]
    length, reuse = wanted.minimum_length, wanted.reuse
    kinds = _kinds_wanted(policy, wanted)
    return replace(
        policy,
        minimum_length=max(
            policy.minimum_length, profile.minimum_length if length is None else length
        ),
        reuse=max(policy.reuse, profile.reuse if reuse is None else reuse),
        **{name: getattr(policy, name) or name in kinds for name in KINDS},
    )


def weak(policy: PasswordPolicy, wanted: Wanted) -> tuple[str, ...]:
    """The names of the fields that are not as strict as wanted."""
    better = stricter(policy, wanted)
    return tuple(
        name
        for name in ("minimum_length", *KINDS, "reuse")
        if getattr(policy, name) != getattr(better, name)
    )


def _kinds_wanted(policy: PasswordPolicy, wanted: Wanted) -> frozenset[str]:
    """The kinds to ask for. Without a policy of its own an account has AWS's three of four."""
    profile = PROFILES[wanted.profile]
    present = sum(getattr(policy, kind) for kind in KINDS) if policy.exists else 3
    content = profile.of_kinds < len(KINDS) and present >= profile.of_kinds
    by_profile = frozenset[str]() if content else profile.kinds
    said = {kind: getattr(wanted, kind) for kind in KINDS}
    return frozenset(
        kind for kind in KINDS if (kind in by_profile if said[kind] is None else said[kind])
    )
