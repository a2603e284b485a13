"""Moves the members of one group to another that grants the same."""

from collections.abc import Iterator, Sequence

from bot.credentials import count
from bot.model import Finding, Group, Manual, Plan, Snapshot, Step, User
from remediations._membership import is_member, join, leave
from remediations._policy_reads import is_still
from remediations._quotas import quota
from remediations.groups._grants import content_of
from remediations.groups._members import AT_ONCE
from remediations.groups._reads import group_grants_exactly

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_add-remove-users.html"
_LAG = "For some seconds, while AWS spreads the change, a call of a member may be refused"


def merge(
    finding: Finding, group: Group, kept: Group, members: Sequence[User], snapshot: Snapshot
) -> Plan | Manual:
    """The plan that lets the members join `kept` and leave `group`, or why people must."""
    moved = members[:AT_ONCE]
    allowed = quota(snapshot, "GroupsPerUserQuota")
    full = [u.name for u in moved if kept.name not in u.groups and len(u.groups) >= allowed]
    if full:
        return Manual(
            snapshot.account,
            finding.subject,
            f"{full[0]} is in {allowed} groups, and AWS allows no more",
            (
                f"Take {', '.join(full)} out of a group that isn't needed",
                "Let Locksmith scan again",
            ),
            (_LINK,),
        )
    rest = len(members) - len(moved)
    later = f"; {count(rest, 'more member')} with the next question" if rest else ""
    summary = f"Move {count(len(moved), 'member')} of {group.name} to {kept.name}{later}"
    breaks = (_LAG, f"From then on they get and lose whatever {kept.name} does")
    return Plan(
        snapshot.account, finding.subject, tuple(_moves(group, kept, moved)), summary, breaks
    )


def _moves(group: Group, kept: Group, moved: Sequence[User]) -> Iterator[Step]:
    inline = {policy.name: content_of(policy, kept.name) for policy in kept.inline}
    exactly = (is_still(kept), *group_grants_exactly(kept.name, kept.attached, inline))
    for number, user in enumerate(moved, 1):
        if kept.name not in user.groups:
            yield join(user, kept.name, exactly, f"join-{number}")
        guards = (*exactly, is_member(user.name, kept.name))
        yield leave(user, group, guards, f"leave-{number}")
