"""Which group a user's policies move to: one that grants exactly these, or a new one."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Group, Snapshot, User
from bot.policy import document_size
from remediations._quotas import quota
from remediations._tags import tag_value
from remediations.groups._grants import Grants, documents_of, may_deny
from remediations.groups._steps import PATH

_NAME_LENGTH = 128
_ROOM_FOR_NUMBER = 4
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9+=,.@_-]+")


@dataclass(frozen=True, slots=True)
class Destination:
    """A group to join; `group` is None where the plan makes one with this name."""

    name: str
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class NoDestination:
    """Why there is no group to move to, and what a person can do about it."""

    reason: str
    steps: tuple[str, ...]


def destination(
    user: User, grants: Grants, snapshot: Snapshot, team_tag: str
) -> Destination | NoDestination:
    """The group for these policies of this user; quotas are the account's where they were read.

    A Deny goes to a group of this user's own only, so that it lands on nobody else.
    """
    in_groups, allowed = len(user.groups), quota(snapshot, "GroupsPerUserQuota")
    if in_groups >= allowed:
        return NoDestination(
            f"{user.name} is in {in_groups} groups, and AWS allows {allowed}",
            (f"Take {user.name} out of a group that isn't needed", "Let Locksmith scan again"),
        )
    alone = may_deny(grants, snapshot)
    team = None if alone else _in_name(tag_value(user, team_tag))
    wanted = _name(f"team-{team}" if team else f"user-{user.name}", grants.label)
    existing = None if alone else _existing(grants, snapshot, wanted, frozenset(user.groups))
    if existing:
        return Destination(existing.name, existing)
    return _too_much(user.name, grants, snapshot) or Destination(_free(wanted, snapshot))


def shared_destination(
    users: Sequence[User], grants: Grants, snapshot: Snapshot, team: str
) -> Destination | NoDestination:
    """The group for these policies, which all of these users hold; named after their team."""
    stem = f"team-{_in_name(team)}" if _in_name(team) else "shared"
    wanted = _name(stem, grants.label)
    existing = _existing(grants, snapshot, wanted, frozenset())
    allowed = quota(snapshot, "GroupsPerUserQuota")
    name = existing.name if existing else ""
    full = [user.name for user in users if name not in user.groups and len(user.groups) >= allowed]
    if full:
        who = ", ".join(full)
        return NoDestination(
            f"{who} would be in more groups than AWS allows",
            (f"Take {who} out of a group that isn't needed", "Let Locksmith scan again"),
        )
    if existing:
        return Destination(existing.name, existing)
    who = f"{users[0].name} and the others"
    return _too_much(who, grants, snapshot) or Destination(_free(wanted, snapshot))


def _existing(
    grants: Grants, snapshot: Snapshot, wanted: str, taken: frozenset[str]
) -> Group | None:
    attached, documents = sorted(grants.attached), documents_of(grants.inline)
    fitting = (
        group
        for group in sorted(snapshot.groups, key=lambda group: (group.path != PATH, group.name))
        if sorted(group.attached) == attached
        and group.name not in taken
        and (group.path != PATH or _is_numbered(group.name, wanted))
        and snapshot.protection.reason_for(group.arn) is None
        and documents_of(group.inline) == documents
    )
    return next(fitting, None)


def _too_much(who: str, grants: Grants, snapshot: Snapshot) -> NoDestination | None:
    size = sum(document_size(policy.text) for policy in grants.inline)
    groups = len(snapshot.groups) + 1
    for name, needed, what in (
        ("AttachedPoliciesPerGroupQuota", len(grants.attached), "managed policies in one group"),
        ("GroupPolicySizeQuota", size, "characters of inline policies in one group"),
        ("GroupsQuota", groups, "groups in this account"),
    ):
        allowed = quota(snapshot, name)
        if needed > allowed:
            return NoDestination(
                f"this would need {needed} {what}, and AWS allows {allowed}",
                (
                    f"Put what {who} need into fewer or smaller policies, or free a group",
                    "Let Locksmith scan again",
                ),
            )
    return None


def _in_name(team: str) -> str:
    return _NOT_IN_NAMES.sub("-", team).strip("-")


def _name(stem: str, label: str) -> str:
    name = f"{stem}-{label}"
    longest = _NAME_LENGTH - _ROOM_FOR_NUMBER
    if len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: longest - 9]}-{mark}"


def _is_numbered(name: str, wanted: str) -> bool:
    rest = name.casefold().removeprefix(wanted.casefold())
    return name.casefold().startswith(wanted.casefold()) and bool(re.fullmatch(r"(-\d+)?", rest))


def _free(wanted: str, snapshot: Snapshot) -> str:
    # Group names are unique without regard to case.
    taken = {group.name.casefold() for group in snapshot.groups}
    number, name = 1, wanted
    while name.casefold() in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
