"""What AWS refused to those who have a policy that came to allow less."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that no policy of somebody allowed: the action in IAM's words, when, and to whom.

    That is a user's name, or `session NAME of role NAME`.
    """

    action: str
    at: datetime
    whom: str


@dataclass(frozen=True, slots=True)
class PolicyDenials:
    """Refusals by the unique ids of policies, since their version in force was made.

    `partly` is how many of the roles that have the policy had too many sessions to look all up.
    """

    by_policy: Mapping[str, tuple[Refusal, ...]]
    partly: Mapping[str, int]
