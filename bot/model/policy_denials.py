"""What AWS refused to those who have a policy that came to allow less."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that no policy of a user allowed: the action in IAM's words, when, and to whom."""

    action: str
    at: datetime
    user: str


@dataclass(frozen=True, slots=True)
class PolicyDenials:
    """Refusals by the unique ids of policies, since their version in force was made.

    `roles` is how many roles have the policy: what their sessions were refused can't be looked up.
    """

    by_policy: Mapping[str, tuple[Refusal, ...]]
    roles: Mapping[str, int]
