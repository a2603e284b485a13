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
class Narrowed:
    """An inline policy of a user, group or role that Locksmith rewrote, and when.

    `before` and `now` are its documents' JSON as they were replaced and put.
    """

    holder_id: str
    policy: str
    before: str
    now: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PolicyDenials:
    """Refusals by the unique ids of policies, since their version in force was made.

    `inline` are those since inline policies were rewritten. `partly` is how many of the roles that
    have a policy had too many sessions to look all up, by the policy's id, or the holder's of an
    inline one.
    """

    by_policy: Mapping[str, tuple[Refusal, ...]]
    partly: Mapping[str, int]
    inline: tuple[tuple[Narrowed, tuple[Refusal, ...]], ...] = ()
