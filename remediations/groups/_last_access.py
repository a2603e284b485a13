"""What of a group's rights a member used, by AWS's last-accessed reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.model import Group, LastAccess, Snapshot, User
from bot.policy import Document, PolicyDocumentError, parse_document

# How far back CloudTrail remembers who joined a group.
_REMEMBERED = 90


@dataclass(frozen=True, slots=True)
class Services:
    """The services that a group allows: patterns of namespaces, such as `s3` or `*`."""

    patterns: frozenset[str]

    @property
    def are_all(self) -> bool:
        """Whether every service that there is, or will be, is among them."""
        return "*" in self.patterns

    def known_in(self, report: Mapping[str, datetime | None]) -> dict[str, datetime | None] | None:
        """What the report says of them; None where it doesn't know one that is named outright."""
        named = {one for one in self.patterns if not set(one) & set("*?")}
        if named - report.keys():
            return None
        return {
            name: used
            for name, used in report.items()
            if any(fnmatchcase(name, pattern) for pattern in self.patterns)
        }


def services_of(group: Group, snapshot: Snapshot) -> Services | None:
    """The services that the group allows; None where that can't be told, or where it denies.

    Who leaves a group that denies something may do more than before.
    """
    documents = _documents(group, snapshot)
    if documents is None:
        return None
    patterns: set[str] = set()
    for document in documents:
        for statement in document.statements:
            if statement.effect != "Allow":
                return None
            if statement.not_actions:
                patterns.add("*")
            patterns |= {action.partition(":")[0].lower() for action in statement.actions}
    return Services(frozenset(patterns)) if patterns else None


def _documents(group: Group, snapshot: Snapshot) -> list[Document] | None:
    texts = [policy.text for policy in group.inline]
    for arn in group.attached:
        policy = snapshot.policies_by_arn.get(arn)
        if policy is None:
            return None
        texts.append(policy.default.text)
    try:
        return [parse_document(text, where=f"the group {group.name}") for text in texts]
    except PolicyDocumentError:
        return None


def is_settled(user: User, group: Group, access: LastAccess, days: int, now: datetime) -> bool:
    """Whether the user has surely been in the group for so long, or as long as anybody can tell."""
    since = now - timedelta(days=days)
    joined = access.joined.get((user.name, group.name))
    remembered = now - timedelta(days=min(days, _REMEMBERED))
    young = user.created > since or group.created > since
    return not young and (joined is None or joined < remembered)


def last_use(known: Mapping[str, datetime | None]) -> datetime | None:
    """When any of these services was last tried; None for never, as far as AWS knows."""
    return max((used for used in known.values() if used), default=None)


def most_used(services: Sequence[str]) -> list[str]:
    """So many names as evidence shows."""
    return sorted(services)[:20]
