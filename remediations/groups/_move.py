"""Moves policies from a user to a group, in an order that never leaves the user without them."""

from collections.abc import Iterator

from bot.model import Expect, Finding, Manual, Part, Plan, Snapshot, Step, User
from remediations._membership import join
from remediations._policy_reads import is_still
from remediations.groups import _steps as steps
from remediations.groups._destination import Destination, NoDestination, destination
from remediations.groups._grants import (
    Covered,
    Grants,
    content_of,
    covered_by_groups,
    groups_of,
    same_document,
    why_unreadable,
)
from remediations.groups._reads import group_grants_exactly, nobody_else_in

#: The parts that a move looks at beyond the users.
NEEDS = frozenset({Part.GROUPS, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES, Part.ACCOUNT_SUMMARY})

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html"
_LAG = "For some seconds, while AWS spreads the change, a call of this user may be refused"


def move(
    finding: Finding, user: User, grants: Grants, snapshot: Snapshot, team_tag: str
) -> Plan | Manual:
    """The plan that moves `grants` from the user to a group, or why people must."""
    if Part.GROUPS not in snapshot.parts:
        return _manual(finding, snapshot, "the account's groups could not be read", ("Scan again",))
    unreadable = why_unreadable(grants.inline, user.name)
    if unreadable:
        by_hand = ("Copy the policy to a group by hand", f"Delete it from {user.name}")
        reason = f"a policy can't be copied exactly: {unreadable}"
        return _manual(finding, snapshot, reason, by_hand)
    covered = covered_by_groups(grants, groups_of(user, snapshot))
    rest = _without(grants, covered)
    found = destination(user, rest, snapshot, team_tag) if rest.attached or rest.inline else None
    if isinstance(found, NoDestination):
        return _manual(finding, snapshot, found.reason, found.steps)
    ordered = [*_into(user, rest, found), *_off(user, _held(rest, found) + covered)]
    summary = _summary(user, grants, found)
    breaks = (_LAG, *_shared(user, found, snapshot))
    return Plan(snapshot.account, finding.subject, tuple(ordered), summary, breaks)


def _manual(finding: Finding, snapshot: Snapshot, reason: str, by_hand: tuple[str, ...]) -> Manual:
    return Manual(snapshot.account, finding.subject, reason, by_hand, (_LINK,))


def _without(grants: Grants, covered: tuple[Covered, ...]) -> Grants:
    arns = {arn for each in covered for arn in each.grants.attached}
    names = {policy.name for each in covered for policy in each.grants.inline}
    return Grants(
        tuple(arn for arn in grants.attached if arn not in arns),
        tuple(policy for policy in grants.inline if policy.name not in names),
    )


def _summary(user: User, grants: Grants, found: Destination | None) -> str:
    count = len(grants.attached) + len(grants.inline)
    what = f"{user.name}'s {count} direct {'policies' if count > 1 else 'policy'}"
    if found is None:
        return f"Take off {what}, which groups of {user.name} grant as well"
    kind = "the group" if found.group else "a new group"
    return f"Move {what} to {kind} {found.name}"


def _shared(user: User, found: Destination | None, snapshot: Snapshot) -> Iterator[str]:
    if found and found.group:
        members = sum(found.name in other.groups for other in snapshot.users)
        yield (
            f"From then on {user.name} gets and loses whatever the group {found.name} does, "
            f"with its {members} other members"
        )


def _into(user: User, rest: Grants, found: Destination | None) -> Iterator[Step]:
    if found is None:
        return
    if found.group is None:
        yield steps.create_group(user, found.name)
        for number, arn in enumerate(rest.attached, 1):
            yield steps.attach(number, user, found.name, arn)
        for number, policy in enumerate(rest.inline, 1):
            document = content_of(policy, user.name)
            yield steps.copy(number, user, found.name, policy, document)
    yield join(user, found.name, _guards(user, rest, found), made=found.group is None)


def _guards(user: User, rest: Grants, found: Destination) -> tuple[Expect, ...]:
    group = found.group
    source = group.inline if group else rest.inline
    inline = {policy.name: content_of(policy, user.name) for policy in source}
    exactly = group_grants_exactly(found.name, rest.attached, inline)
    if group is None:
        return (*exactly, nobody_else_in(found.name, user.id))
    return (is_still(group), *exactly)


def _held(rest: Grants, found: Destination | None) -> tuple[Covered, ...]:
    """How the user holds each policy once the group is joined."""
    if found is None:
        return ()
    attached = (Covered(found.name, Grants(attached=(arn,))) for arn in rest.attached)
    twins = found.group.inline if found.group else rest.inline
    inline = (
        Covered(found.name, Grants(inline=(policy,)), twin.name)
        for policy in rest.inline
        for twin in [next(twin for twin in twins if same_document(policy, twin))]
    )
    return (*attached, *inline)


def _off(user: User, held: tuple[Covered, ...]) -> Iterator[Step]:
    for number, each in enumerate(held, 1):
        for arn in each.grants.attached:
            yield steps.detach(number, user, each.group, arn)
        for policy in each.grants.inline:
            document = content_of(policy, user.name)
            yield steps.delete(number, user, each.group, policy, each.twin, document)
