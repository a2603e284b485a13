"""Which identities are never touched, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

#: Names of the inline policies that Locksmith itself places start like this.
PLACED_PREFIX = "Locksmith-"
#: The one of them that goes by a plan of its own, once its user has what it waits for.
MFA_FENCE = f"{PLACED_PREFIX}DenyUntilMfa"
#: The one that goes with the password that it stands before.
CONSOLE_FENCE = f"{PLACED_PREFIX}ConsoleFence"

_QUARANTINE = "policy/AWSCompromisedKeyQuarantine"
_WITH_PATHS = frozenset({"user", "role", "group", "policy"})

_ROLE_PATHS = {
    "/aws-service-role/": "a service-linked role: only AWS changes it",
    "/aws-reserved/sso.amazonaws.com/": "an Identity Center role: change its permission set",
    "/aws-reserved/": "a role reserved by AWS",
}

_ROLE_NAMES = {
    "AWSControlTower*": "a Control Tower role",
    "aws-controltower-*": "a Control Tower role",
    "stacksets-exec-*": "a StackSets role",
    "AWSCloudFormationStackSet*": "a StackSets role",
    "OrganizationAccountAccessRole": "the organization's way into this account",
    "cdk-*": "a CDK bootstrap role",
}


def is_placed_by_locksmith(policy_name: str) -> bool:
    """Whether this inline policy has a name that only Locksmith gives (its fences).

    A name proves nothing: such a policy is not written to, but controls look into it all the same.
    """
    return policy_name.startswith(PLACED_PREFIX)


def is_quarantine(policy_arn: str) -> bool:
    """Whether AWS attached this policy after a key leaked; it must stay.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
    """
    parts = policy_arn.split(":", 5)  # a customer's path may have colons and "aws:policy" in it
    return parts[2:5] == ["iam", "", "aws"] and parts[5].startswith(_QUARANTINE)


def matches_identity(arn: str, pattern: str) -> bool:
    """Whether a pattern with `*` and `?` means this ARN, written with its path or without.

    Names are unique in an account whatever the path, so `user/ann` can only be `user/people/ann`.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    return fnmatchcase(arn, pattern) or fnmatchcase(_without_path(arn), pattern)


# Every control asks about the same identities.
@lru_cache(maxsize=65_536)
def _without_path(arn: str) -> str:
    *account, resource = arn.split(":", 5)
    kind, slash, rest = resource.partition("/")
    if account[2:3] != ["iam"] or kind not in _WITH_PATHS:
        return arn
    return ":".join((*account, kind + slash + rest.rpartition("/")[2]))


@lru_cache(maxsize=64)
def _without_paths(arns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_without_path, arns))


def stack_of(tags: Mapping[str, str]) -> str | None:
    """The CloudFormation stack that owns what has these tags."""
    return tags.get("aws:cloudformation:stack-name")


@dataclass(frozen=True, slots=True)
class Protection:
    """What the configuration and the caller's identity put out of reach.

    `break_glass` and `protected` are ARN patterns with `*` and `?`; `own` are the ARNs of the
    bot's own user or role and of what its trust chain goes through, given exactly. In all of them
    the path may be left out (`user/ann` for `user/people/ann`).
    """

    break_glass: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def is_break_glass(self, arn: str) -> bool:
        """Whether this is a break-glass identity."""
        return any(matches_identity(arn, pattern) for pattern in self.break_glass)

    def is_own(self, arn: str) -> bool:
        """Whether this is the bot's own identity, or one that it comes in through."""
        return _without_path(arn) in _without_paths(self.own)

    def chosen_reason(self, arn: str) -> str | None:
        """Why the configuration, or who we are, puts this ARN out of reach; None if neither does.

        That is all there is to ask about the root user of a member of the organization.
        """
        if self.is_own(arn):
            return "Locksmith's own identity"
        if self.is_break_glass(arn):
            return "a break-glass identity"
        if any(matches_identity(arn, pattern) for pattern in self.protected):
            return "on the protected list of the configuration"
        return None

    def reason_for(self, arn: str) -> str | None:
        """Why the identity with this ARN is never touched, or None if it may be."""
        chosen = self.chosen_reason(arn)
        if chosen:
            return chosen
        if arn.endswith(":root"):
            return "the root user"
        kind, _, rest = arn.rpartition(":")[2].partition("/")
        return _reason_for_role(rest) if kind == "role" else None

    def unmatched(self, arns: Iterable[str]) -> tuple[str, ...]:
        """The patterns of `break_glass` and `protected` that mean none of these ARNs."""
        known = tuple(arns)
        return tuple(
            pattern
            for pattern in dict.fromkeys((*self.break_glass, *self.protected))
            if not any(matches_identity(arn, pattern) for arn in known)
        )


def _reason_for_role(path_and_name: str) -> str | None:
    path, _, name = ("/" + path_and_name).rpartition("/")
    for prefix, reason in _ROLE_PATHS.items():
        if (path + "/").startswith(prefix):
            return reason
    for pattern, reason in _ROLE_NAMES.items():
        if fnmatchcase(name, pattern):
            return reason
    return None
