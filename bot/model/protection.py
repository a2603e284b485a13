"""Which identities are never touched, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

#: Names of the inline policies that Locksmith itself places start like this.
PLACED_PREFIX = "Locksmith-"

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
    """Whether Locksmith placed this inline policy itself (its fences)."""
    return policy_name.startswith(PLACED_PREFIX)


def is_quarantine(policy_arn: str) -> bool:
    """Whether AWS attached this policy after a key leaked; it must stay.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html
    """
    return policy_arn.rpartition("/")[2].startswith("AWSCompromisedKeyQuarantine")


def stack_of(tags: Mapping[str, str]) -> str | None:
    """The CloudFormation stack that owns what has these tags."""
    return tags.get("aws:cloudformation:stack-name")


@dataclass(frozen=True, slots=True)
class Protection:
    """What the configuration and the caller's identity put out of reach.

    `break_glass` and `protected` are ARN patterns with `*` and `?`; `own` are the ARNs of the
    bot's own user or role and of what its trust chain goes through, given exactly.
    """

    break_glass: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def is_break_glass(self, arn: str) -> bool:
        """Whether this is a break-glass identity."""
        return any(fnmatchcase(arn, pattern) for pattern in self.break_glass)

    def is_own(self, arn: str) -> bool:
        """Whether this is the bot's own identity, or one that it comes in through."""
        return arn in self.own

    def reason_for(self, arn: str) -> str | None:
        """Why the identity with this ARN is never touched, or None if it may be."""
        if self.is_own(arn):
            return "Locksmith's own identity"
        if self.is_break_glass(arn):
            return "a break-glass identity"
        if any(fnmatchcase(arn, pattern) for pattern in self.protected):
            return "on the protected list of the configuration"
        if arn.endswith(":root"):
            return "the root user"
        kind, _, rest = arn.rpartition(":")[2].partition("/")
        return _reason_for_role(rest) if kind == "role" else None


def _reason_for_role(path_and_name: str) -> str | None:
    path, _, name = ("/" + path_and_name).rpartition("/")
    for prefix, reason in _ROLE_PATHS.items():
        if (path + "/").startswith(prefix):
            return reason
    for pattern, reason in _ROLE_NAMES.items():
        if fnmatchcase(name, pattern):
            return reason
    return None
