"""What of the rights that a policy gives was used, by AWS's last-accessed reports."""

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
    """One policy's report: when AWS made it, and the services that the policy allows."""

    made: datetime
    services: Mapping[str, ServiceUse]


@dataclass(frozen=True, slots=True)
class PolicyUses:
    """The reports by the policies' unique ids, and what was granted lately.

    `attached` maps a policy's ARN, and a group's name, to when it was last given to someone or
    someone joined, as far as CloudTrail remembers it (90 days).
    """

    by_policy: Mapping[str, PolicyUse]
    attached: Mapping[str, datetime]
