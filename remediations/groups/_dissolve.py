"""Takes a group without members apart: its policies come off, then the group goes."""

from collections.abc import Iterator

from bot.model import (
    Expect,
    Finding,
    Group,
    InlinePolicy,
    Manual,
    Operator,
    Plan,
    Risk,
    Snapshot,
    Step,
)
from remediations._policy_reads import compact, has_attached, has_inline, is_still
from remediations._reads import absent, call
from remediations.groups._grants import content_of, why_unreadable

_LINK = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups_manage_delete.html"


def dissolve(finding: Finding, group: Group, snapshot: Snapshot) -> Plan | Manual:
    """The plan that deletes the group, while nobody is in it, or why people must."""
    unreadable = why_unreadable(group.inline, group.name)
    if unreadable:
        return Manual(
            snapshot.account,
            finding.subject,
            f"a policy of {group.name} can't be kept exactly: {unreadable}",
            (
                f"Look that nobody is in {group.name}",
                f"Copy what its inline policies say, and delete {group.name} by hand",
            ),
            (_LINK,),
        )
    ordered = (*_detached(group), *_deleted(group), _gone(group))
    breaks = (f"Whatever adds users to {group.name} fails: the group is no longer there",)
    summary = f"Delete the group {group.name}, which nobody is in"
    return Plan(snapshot.account, finding.subject, ordered, summary, breaks)


def nobody_in(group: Group) -> Expect:
    """Nobody is in the group."""
    read = call("GetGroup", GroupName=group.name)
    why = f"somebody is in {group.name} by now"
    return Expect(read, "Users[0].UserName", Operator.ABSENT, None, why)


def _detached(group: Group) -> Iterator[Step]:
    for number, arn in enumerate(sorted(group.attached), 1):
        attached = has_attached(group, arn)
        named = {"GroupName": group.name, "PolicyArn": arn}
        yield Step(
            name=f"detach-{number}",
            summary=f"Detach {arn} from the group {group.name}",
            risk=Risk.REVERSIBLE,
            before=(is_still(group), nobody_in(group), attached),
            do=call("DetachGroupPolicy", **named),
            after=(absent(attached, f"{arn} is still attached to {group.name}"),),
            undo=call("AttachGroupPolicy", **named),
        )


def _deleted(group: Group) -> Iterator[Step]:
    ordered: list[InlinePolicy] = sorted(group.inline, key=lambda policy: policy.name)
    for number, policy in enumerate(ordered, 1):
        document = content_of(policy, group.name)
        present = has_inline(group, policy.name, document)
        named = {"GroupName": group.name, "PolicyName": policy.name}
        yield Step(
            name=f"delete-{number}",
            summary=f"Delete the inline policy {policy.name} of the group {group.name}",
            risk=Risk.REVERSIBLE,
            before=(is_still(group), nobody_in(group), present),
            do=call("DeleteGroupPolicy", **named),
            after=(absent(present, f"{policy.name} of {group.name} is still there"),),
            undo=call("PutGroupPolicy", **named, PolicyDocument=compact(document)),
        )


def _gone(group: Group) -> Step:
    still = is_still(group)
    return Step(
        name="delete-group",
        summary=f"Delete the group {group.name}",
        risk=Risk.IRREVERSIBLE,
        before=(still, nobody_in(group)),
        do=call("DeleteGroup", GroupName=group.name),
        after=(absent(still, f"the group {group.name} is still there"),),
        irreversible_because="AWS keeps no copy of a group; one made anew has another id",
    )
