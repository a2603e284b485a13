"""Lets named users take the place of a shared one: they join its groups, then it is fenced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from shlex import quote

from bot.model import Finding, Group, Manual, Plan, Risk, Snapshot, Step, User
from remediations._fence import fence
from remediations._fence_documents import SHARED_DOCUMENT, SHARED_FENCE
from remediations._membership import is_member, join
from remediations._policy_reads import is_still
from remediations._quotas import quota
from remediations._tags import tag_value

#: The word in the tag for people who come by Identity Center from then on.
CENTER = "identity-center"
_LINKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_create.html",
    "https://docs.aws.amazon.com/singlesignon/latest/userguide/get-started-assign-account-access-user.html",
)


@dataclass(frozen=True, slots=True)
class Successors:
    """Who takes the place of a shared user, as its tag says; `unfit` are names and why not."""

    users: tuple[User, ...]
    unfit: tuple[str, ...]
    named: bool


def successors(shared: User, snapshot: Snapshot, tag: str) -> Successors:
    """The users that the tag names, separated by spaces."""
    names = tag_value(shared, tag).split()
    users: list[User] = []
    unfit: list[str] = []
    for name in dict.fromkeys(names):
        user = snapshot.users_by_name.get(name)
        if name == CENTER:
            continue
        if user is None or user == shared:
            unfit.append(f"{name} is no other user of this account")
        elif not _has_door(user, snapshot):
            unfit.append(f"{name} has neither a password nor an active key yet")
        else:
            users.append(user)
    return Successors(tuple(users), tuple(unfit), bool(names))


def _has_door(user: User, snapshot: Snapshot) -> bool:
    row = snapshot.report_rows.get(user.arn)
    return row is not None and (bool(row.password_enabled) or any(key.active for key in row.keys))


def replace_by(
    finding: Finding, shared: User, who: Successors, snapshot: Snapshot
) -> Plan | Manual:
    """The plan that lets successors join the groups of the shared user, and fences it then."""
    names = ", ".join(user.name for user in who.users) or "people in Identity Center"
    put = fence(
        finding,
        shared,
        snapshot,
        name=SHARED_FENCE,
        document=SHARED_DOCUMENT,
        guards=(),
        risk=Risk.DISRUPTIVE,
        summary=f"Deny {shared.name} everything, whose place {names} take",
        breaks=(
            f"Whoever still signs in as {shared.name}, or has a key of it, is refused",
            f"Sessions of roles that {shared.name} assumed before stay open up to 12 hours",
            *_not_given(shared, who),
        ),
    )
    full = [user.name for user in who.users if _needs_more_groups(user, shared, snapshot)]
    if isinstance(put, Manual) or not full:
        joins = tuple(_joins(shared, who.users, snapshot))
        return put if isinstance(put, Manual) else replace(put, steps=(*joins, *put.steps))
    return Manual(
        snapshot.account,
        finding.subject,
        f"{', '.join(full)} would be in more groups than AWS allows",
        (f"Take {', '.join(full)} out of groups that aren't needed", "Let Locksmith scan again"),
        _LINKS,
    )


def _not_given(shared: User, who: Successors) -> Iterator[str]:
    if who.users and (shared.attached or shared.inline):
        yield f"What {shared.name} may do by policies of its own, the others don't get by this"


def _needs_more_groups(user: User, shared: User, snapshot: Snapshot) -> bool:
    together = set(user.groups) | set(shared.groups)
    return len(together) > max(quota(snapshot, "GroupsPerUserQuota"), len(user.groups))


def _joins(shared: User, users: Sequence[User], snapshot: Snapshot) -> Iterator[Step]:
    groups: list[Group] = [
        snapshot.groups_by_name[name]
        for name in sorted(shared.groups)
        if name in snapshot.groups_by_name
    ]
    missing = [(user, group) for user in users for group in groups if group.name not in user.groups]
    for number, (user, group) in enumerate(missing, 1):
        guards = (is_still(shared), is_still(group), is_member(shared.name, group.name))
        yield join(user, group.name, guards, f"join-{number}")


def by_hand(
    finding: Finding, shared: User, who: Successors, snapshot: Snapshot, tag: str
) -> Manual:
    """What people do before anything can be planned."""
    name = quote(shared.name)
    reason = "; ".join(who.unfit) or f"who takes the place of {shared.name} a person must say"
    command = f"aws iam tag-user --user-name {name} --tags 'Key={tag},Value=NAMES'"
    return Manual(
        account=snapshot.account,
        subject=finding.subject,
        reason=reason,
        steps=(
            (
                f"Find out who uses {shared.name}: aws cloudtrail lookup-events "
                f"--lookup-attributes AttributeKey=Username,AttributeValue={name}"
            ),
            (
                "Give each person a way in of their own: Identity Center where there is one, else "
                "an IAM user each, with MFA; give each program a role"
            ),
            "Let each sign in once, and keep the old user meanwhile",
            f"Say who they are, user names separated by spaces, or {CENTER}: {command}",
            (
                "Let Locksmith scan again: it proposes to add those users to the same groups and "
                f"then to fence {shared.name}"
            ),
        ),
        links=_LINKS,
    )
