"""The steps of a move: make a group, give it the policies, join it, take them off the user."""

from bot.model import Call, Expect, InlinePolicy, Json, Operator, Risk, Step, User
from remediations._membership import is_member
from remediations._policy_reads import (
    attached_by_name,
    compact,
    has_attached,
    has_inline,
    inline_by_name,
    is_attachable,
    is_still,
)
from remediations._reads import absent, call
from remediations._too_early import NEW_GROUP, patient
from remediations.groups._reads import nobody_else_in

#: The IAM path of the groups that Locksmith makes.
PATH = "/locksmith/"


def create_group(user: User, group: str) -> Step:
    """Make the group; undo deletes it, which AWS refuses while anything is in it."""
    made = Expect(
        call("GetGroup", GroupName=group),
        "Group.Path",
        Operator.EQUALS,
        PATH,
        f"{group} is not there",
    )
    return Step(
        name="create-group",
        summary=f"Make the group {group}",
        risk=Risk.REVERSIBLE,
        before=(is_still(user), absent(made, f"a group {group} exists by now")),
        do=call("CreateGroup", GroupName=group, Path=PATH),
        after=(made, nobody_else_in(group, user.id)),
        undo=call("DeleteGroup", GroupName=group),
    )


def attach(number: int, user: User, group: str, arn: str) -> Step:
    """Attach a managed policy to the new group."""
    attached = attached_by_name("Group", group, arn)
    alone = nobody_else_in(group, user.id)
    return Step(
        name=f"attach-{number}",
        summary=f"Attach {arn} to the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            has_attached(user, arn),
            is_attachable(arn),
            alone,
            absent(attached, f"{arn} is attached to {group} by now"),
        ),
        do=patient(call("AttachGroupPolicy", GroupName=group, PolicyArn=arn), *NEW_GROUP),
        after=(attached, alone),
        undo=call("DetachGroupPolicy", GroupName=group, PolicyArn=arn),
    )


def copy(number: int, user: User, group: str, policy: InlinePolicy, document: Json) -> Step:
    """Copy an inline policy into the new group."""
    copied = inline_by_name("Group", group, policy.name, document)
    alone = nobody_else_in(group, user.id)
    named: dict[str, Json] = {"GroupName": group, "PolicyName": policy.name}
    put = call("PutGroupPolicy", **named, PolicyDocument=compact(document))
    return Step(
        name=f"copy-{number}",
        summary=f"Copy the inline policy {policy.name} into the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            has_inline(user, policy.name, document),
            alone,
            absent(copied, f"{group} has a policy {policy.name} by now"),
        ),
        do=patient(put, *NEW_GROUP),
        after=(copied, alone),
        undo=call("DeleteGroupPolicy", **named),
    )


def detach(number: int, user: User, group: str, arn: str) -> Step:
    """Detach a managed policy from the user, who has it from the group."""
    attached = has_attached(user, arn)
    return Step(
        name=f"detach-{number}",
        summary=f"Detach {arn} from {user.name}, who has it from the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            is_still(user),
            is_member(user.name, group),
            attached_by_name("Group", group, arn),
            is_attachable(arn),
            attached,
        ),
        do=_user_policy("DetachUserPolicy", user, arn),
        after=(absent(attached, f"{arn} is still attached to {user.name}"),),
        undo=_user_policy("AttachUserPolicy", user, arn),
    )


def _user_policy(operation: str, user: User, arn: str) -> Call:
    return call(operation, UserName=user.name, PolicyArn=arn)


def delete(
    number: int, user: User, group: str, policy: InlinePolicy, twin: str, document: Json
) -> Step:
    """Delete an inline policy of the user, who has it from the group's policy `twin`."""
    present = has_inline(user, policy.name, document)
    return Step(
        name=f"delete-{number}",
        summary=(
            f"Delete the inline policy {policy.name} of {user.name}, "
            f"who has it from the group {group}"
        ),
        risk=Risk.REVERSIBLE,
        before=(
            is_still(user),
            is_member(user.name, group),
            inline_by_name("Group", group, twin, document),
            present,
        ),
        do=call("DeleteUserPolicy", UserName=user.name, PolicyName=policy.name),
        after=(absent(present, f"{policy.name} of {user.name} is still there"),),
        undo=call(
            "PutUserPolicy",
            UserName=user.name,
            PolicyName=policy.name,
            PolicyDocument=compact(document),
        ),
    )
