"""A finding: one violation of one control by one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.account import Account
from bot.model.canonical import Json, digest


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for critical to 4 for info: a smaller rank is worse."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class KeyReference:
    """Which access key is meant: by the report's slot until it is named, by its id from then on.

    `user` is the owner's name, `user_id` their unique id (AIDA…).
    """

    user: str
    user_id: str
    slot: int | None
    created: datetime
    key_id: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """The thing a finding is about.

    `type` is AWS's word in kebab-case (user, access-key, role, policy, group, account).
    `unique_id` survives renaming and is never reused (AIDA…, AROA…, AKIA…); for things that AWS
    gives none it is the account's id. `key` is set for access keys only.
    """

    type: str
    name: str
    arn: str
    unique_id: str
    key: KeyReference | None = None

    @property
    def principal_id(self) -> str:
        """The unique id of whom it is about: an access key belongs to its user."""
        return self.key.user_id if self.key else self.unique_id


@dataclass(frozen=True, slots=True)
class Finding:
    """What a control saw. Pure: ids, history and status are the store's.

    `subject` names what a fix would change (`AKIA…`, `AIDA…/password`, `AROA…/trust`): findings of
    several controls with one subject are one question. `evidence` holds the facts that people
    need to decide, times as ISO 8601 in UTC; volatile facts belong here, never in the plan.
    `summary` is one sentence without a full stop. `covers` are the subjects of other findings that
    its fix settles as well: the controls that its control supersedes don't ask about those.
    """

    control: str
    subject: str
    resource: Resource
    severity: Severity
    summary: str
    evidence: Mapping[str, Json] = field(default_factory=dict)
    covers: frozenset[str] = frozenset()


def fingerprint(account: Account, control: str, subject: str, *, from_files: bool = False) -> str:
    """The identity of a violation from scan to scan, as 64 hex digits.

    What files say and what AWS shows are kept apart: files may be older than what is known.
    """
    source = ["files"] if from_files else []
    parts: Json = [account.partition, account.id, control, subject, *source]
    return digest(parts).removeprefix("sha256:")
