"""Moves the same policies of several users to one group; nobody is without them on the way."""

from collections.abc import Iterator, Sequence
from itertools import count as numbers

from bot.credentials import count
from bot.model import Expect, Finding, Manual, Part, Plan, Snapshot, Step, User
from remediations._membership import join
from remediations._policy_reads import has_attached, has_inline, is_still
from remediations.groups import _steps as steps
from remediations.groups._destination import Destination, NoDestination, shared_destination
from remediations.groups._grants import Grants, content_of, same_document
from remediations.groups._members import AT_ONCE
from remediations.groups._reads import group_grants_exactly, nobody_else_in

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html"
_LAG = "For some seconds, while AWS spreads the change, a call of one of them may be refused"

#: A user with what they hold directly.
Holding = tuple[User, Grants]


def shared_move(
    finding: Finding, holders: Sequence[Holding], snapshot: Snapshot, team: str
) -> Plan | Manual:
    """The plan that moves what these users all hold to one group, or why people must."""
    moved = holders[:AT_ONCE]
    if Part.GROUPS not in snapshot.parts:
        return _manual(finding, snapshot, "the account's groups could not be read", ("Scan again",))
    grants = moved[0][1]
    found = shared_destination([user for user, _ in moved], grants, snapshot, team)
    if isinstance(found, NoDestination):
        return _manual(finding, snapshot, found.reason, found.steps)
    rest = len(holders) - len(moved)
    later = f"; {count(rest, 'more user')} with the next question" if rest else ""
    kind = "the group" if found.group else "a new group"
    summary = (
        f"Move the direct policies of {count(len(moved), 'user')} to {kind} {found.name}{later}"
    )
    ordered = (*_made(moved[0], found), *_joined(moved, found), *_off(moved, found))
    breaks = (_LAG, f"From then on they get and lose whatever the group {found.name} does")
    return Plan(snapshot.account, finding.subject, ordered, summary, breaks)


def _manual(finding: Finding, snapshot: Snapshot, reason: str, by_hand: tuple[str, ...]) -> Manual:
    return Manual(snapshot.account, finding.subject, reason, by_hand, (_LINK,))


def _made(first: Holding, found: Destination) -> Iterator[Step]:
    """The group with the policies of the first user, where there is none yet."""
    user, grants = first
    if found.group is not None:
        return
    yield steps.create_group(user, found.name)
    for number, arn in enumerate(grants.attached, 1):
        yield steps.attach(number, user, found.name, arn)
    for number, policy in enumerate(grants.inline, 1):
        document = content_of(policy, user.name)
        yield steps.copy(number, user, found.name, policy, document)


def _joined(moved: Sequence[Holding], found: Destination) -> Iterator[Step]:
    guards = _guards(moved, found)
    for number, (user, grants) in enumerate(moved, 1):
        if found.name not in user.groups:
            held = (*_holds(user, grants), *guards)
            made = found.group is None
            yield join(user, found.name, held, f"join-{number}", made=made)


def _holds(user: User, grants: Grants) -> Iterator[Expect]:
    """The user still holds all of it, so that the group gives them nothing new."""
    for arn in grants.attached:
        yield has_attached(user, arn)
    for policy in grants.inline:
        yield has_inline(user, policy.name, content_of(policy, user.name))


def _guards(moved: Sequence[Holding], found: Destination) -> tuple[Expect, ...]:
    first, grants = moved[0]
    source = found.group.inline if found.group else grants.inline
    inline = {policy.name: content_of(policy, first.name) for policy in source}
    exactly = group_grants_exactly(found.name, grants.attached, inline)
    if found.group is None:
        return (*exactly, nobody_else_in(found.name, *(user.id for user, _ in moved)))
    return (is_still(found.group), *exactly)


def _off(moved: Sequence[Holding], found: Destination) -> Iterator[Step]:
    twins = found.group.inline if found.group else moved[0][1].inline
    detached, deleted = numbers(1), numbers(1)
    for user, grants in moved:
        for arn in grants.attached:
            yield steps.detach(next(detached), user, found.name, arn)
        for policy in grants.inline:
            twin = next(twin for twin in twins if same_document(policy, twin))
            document = content_of(policy, user.name)
            yield steps.delete(next(deleted), user, found.name, policy, twin.name, document)
