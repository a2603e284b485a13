"""What of the rights that policies give was used, by AWS's last-accessed reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """The last attempts to use a service by what a policy gives, refused ones too.

    `last` is None where AWS knows none in its tracking period. `actions` are those that AWS tracks,
    by name (`ListBuckets`), with the last attempt; what is not there is not known to be tracked.
    """

    last: datetime | None
    actions: Mapping[str, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyUse:
    """One report, of a policy or of a user, group or role: when AWS made it, and which services.

    Those are all that the policy, or the policies of whom it is about, allow.
    """

    made: datetime
    services: Mapping[str, ServiceUse]


@dataclass(frozen=True, slots=True)
class PolicyUses:
    """The reports by unique id, and what was granted lately.

    `by_policy` are those of managed policies, `by_holder` those of users, groups and roles with
    inline policies. `attached` maps a policy's ARN, and a group's name, to when it was last given
    to someone or someone joined; `put` an inline policy's holder (its kind as IAM's operations have
    it, and its name) and name to when it was last written: as far as CloudTrail remembers it (90
    days).
    """

    by_policy: Mapping[str, PolicyUse]
    attached: Mapping[str, datetime]
    by_holder: Mapping[str, PolicyUse] = field(default_factory=dict)
    put: Mapping[tuple[str, str, str], datetime] = field(default_factory=dict)
