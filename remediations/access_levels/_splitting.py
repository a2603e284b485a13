"""What policies would be without their writing to a service, and which holders get that."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.model import Group, InlinePolicy, Part, Principal, Snapshot
from bot.policy import AccessLevel, Document, parse_document, without_actions
from remediations._policy_reads import Holder, compact
from remediations.access_levels._by_level import of_level
from remediations.access_levels._written import allowed_everywhere
from remediations.least_privilege._holders import members_of
from remediations.policy_conditions._written import Written, written

_LEVELS = (AccessLevel.WRITE, AccessLevel.PERMISSIONS_MANAGEMENT)
#: What a policy for readers is called, behind the name of the one it was made of.
READERS = "-readers"


@dataclass(frozen=True, slots=True)
class Split:
    """One policy, its document without the writing, and which of its holders get that.

    `document` is None where nothing is left. Where it is about `readers` only, the policy itself is
    changed.
    """

    policy: Written
    document: dict[str, Any] | None
    readers: tuple[Holder, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the policy matters to readers only; it may be somebody's boundary besides."""
        managed = self.policy.managed
        bounds = managed is not None and managed.boundaries > 0
        return len(self.readers) == len(self.policy.holders) and not bounds


def writes_in(document: Document, service: str, partition: str) -> frozenset[str]:
    """What a document allows on everything of a service that is not mere reading."""
    everywhere = allowed_everywhere(document, partition)
    ours = frozenset(each for each in everywhere if each.partition(":")[0].lower() == service)
    return frozenset[str]().union(*(of_level(level, ours) for level in _LEVELS))


def splits_of(
    snapshot: Snapshot, service: str, reads: Callable[[Principal], bool]
) -> tuple[Split, ...]:
    """Every policy of the account's own that lets a reader write to all of a service.

    `reads` tells of each user and role whether they only read. A group reads if all of its members
    do.
    """
    found = []
    for policy in written(snapshot):
        actions = writes_in(policy.document, service, snapshot.account.partition)
        readers = tuple(each for each in policy.holders if _reads(each, snapshot, reads))
        if of_level(AccessLevel.WRITE, actions) and readers:
            document = _without(policy.document, actions, snapshot.account.partition)
            found.append(Split(policy, document, readers))
    return tuple(found)


def _reads(holder: Holder, snapshot: Snapshot, reads: Callable[[Principal], bool]) -> bool:
    if not isinstance(holder, Group):
        return reads(holder)
    members = members_of(holder, snapshot)
    return bool(members) and all(reads(user) for user in members)


def _without(document: Document, actions: frozenset[str], partition: str) -> dict[str, Any] | None:
    """The document with the actions taken out of each statement that allows any of them everywhere.

    What it allows on named resources, or under conditions, stays.
    """
    content = document.as_json()
    listed = content["Statement"]
    items: list[dict[str, Any]] = listed if isinstance(listed, list) else [listed]
    kept: list[dict[str, Any]] = []
    for item in items:
        alone = parse_document({**content, "Statement": [item]}, where="a statement")
        if item["Effect"] != "Allow" or not allowed_everywhere(alone, partition) & actions:
            kept.append(item)
            continue
        left = without_actions(alone, actions.__contains__).document
        kept += left["Statement"] if left is not None else ()
    return {**content, "Statement": kept} if kept else None


def applied(snapshot: Snapshot, splits: tuple[Split, ...]) -> Snapshot:
    """What the account would look like with all of them carried out."""
    for split in splits:
        snapshot = _applied(snapshot, split)
    return snapshot


def _applied(snapshot: Snapshot, split: Split) -> Snapshot:
    readers = {each.id for each in split.readers}

    def changed(holder: Any) -> Any:
        return _changed(holder, split) if holder.id in readers else holder

    parts = dict(snapshot.parts)
    for part in (Part.USERS, Part.GROUPS, Part.ROLES):
        parts[part] = tuple(changed(each) for each in parts[part])
    old = split.policy.managed
    if old is not None and split.document is not None:
        text = compact(split.document)
        new = replace(old, arn=old.arn + READERS, versions=(replace(old.default, text=text),))
        parts[Part.CUSTOMER_POLICIES] = (*parts[Part.CUSTOMER_POLICIES], new)
    return replace(snapshot, parts=parts)


def _changed(holder: Holder, split: Split) -> Holder:
    """The holder with what takes the place of the policy, if anything does."""
    if split.policy.inline is not None:
        text = compact(split.document) if split.document is not None else None
        name = split.policy.name
        inline = tuple(
            InlinePolicy(name, text) if each.name == name and text is not None else each
            for each in holder.inline
            if each.name != name or text is not None
        )
        return replace(holder, inline=inline)
    managed = split.policy.managed
    arn = managed.arn if managed else ""
    taken = (arn + READERS,) if split.document is not None else ()
    others = tuple(each for each in holder.attached if each != arn)
    return replace(holder, attached=(*others, *taken))
