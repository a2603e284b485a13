"""The steps of a move: make a group, give it the policies, join it, take them off the user."""

import json

from bot.model import Call, Expect, InlinePolicy, Json, Operator, Risk, Step, User
from remediations.groups import _reads as reads

#: The IAM path of the groups that Locksmith makes.
PATH = "/locksmith/"


def create_group(user: User, group: str) -> Step:
    """Make the group; undo deletes it, which AWS refuses while anything is in it."""
    made = Expect(
        reads.call("GetGroup", GroupName=group),
        "Group.Path",
        Operator.EQUALS,
        PATH,
        f"{group} is not there",
    )
    return Step(
        name="create-group",
        summary=f"Make the group {group}",
        risk=Risk.REVERSIBLE,
        before=(reads.user_is(user), reads.absent(made, f"a group {group} exists by now")),
        do=reads.call("CreateGroup", GroupName=group, Path=PATH),
        after=(made, reads.nobody_else_in(group, user.id)),
        undo=reads.call("DeleteGroup", GroupName=group),
    )


def attach(number: int, user: User, group: str, arn: str) -> Step:
    """Attach a managed policy to the new group."""
    attached = reads.is_attached_to_group(group, arn)
    alone = reads.nobody_else_in(group, user.id)
    return Step(
        name=f"attach-{number}",
        summary=f"Attach {arn} to the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            reads.is_attached_to_user(user.name, arn),
            reads.is_attachable(arn),
            alone,
            reads.absent(attached, f"{arn} is attached to {group} by now"),
        ),
        do=reads.call("AttachGroupPolicy", GroupName=group, PolicyArn=arn),
        after=(attached, alone),
        undo=reads.call("DetachGroupPolicy", GroupName=group, PolicyArn=arn),
    )


def copy(number: int, user: User, group: str, policy: InlinePolicy, document: Json) -> Step:
    """Copy an inline policy into the new group."""
    copied = reads.group_policy_is(group, policy.name, document)
    alone = reads.nobody_else_in(group, user.id)
    return Step(
        name=f"copy-{number}",
        summary=f"Copy the inline policy {policy.name} into the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            reads.user_policy_is(user.name, policy.name, document),
            alone,
            reads.absent(copied, f"{group} has a policy {policy.name} by now"),
        ),
        do=reads.call(
            "PutGroupPolicy",
            GroupName=group,
            PolicyName=policy.name,
            PolicyDocument=json.dumps(document, separators=(",", ":"), ensure_ascii=False),
        ),
        after=(copied, alone),
        undo=reads.call("DeleteGroupPolicy", GroupName=group, PolicyName=policy.name),
    )


def join(user: User, group: str, guards: tuple[Expect, ...]) -> Step:
    """Add the user to the group, if the `guards` about the group hold."""
    member = reads.is_member(user.name, group)
    return Step(
        name="join",
        summary=f"Add {user.name} to the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            reads.user_is(user),
            *guards,
            reads.absent(member, f"{user.name} is in {group} by now"),
        ),
        do=reads.call("AddUserToGroup", GroupName=group, UserName=user.name),
        after=(member,),
        undo=reads.call("RemoveUserFromGroup", GroupName=group, UserName=user.name),
    )


def detach(number: int, user: User, group: str, arn: str) -> Step:
    """Detach a managed policy from the user, who has it from the group."""
    attached = reads.is_attached_to_user(user.name, arn)
    return Step(
        name=f"detach-{number}",
        summary=f"Detach {arn} from {user.name}, who has it from the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            reads.user_is(user),
            reads.is_member(user.name, group),
            reads.is_attached_to_group(group, arn),
            reads.is_attachable(arn),
            attached,
        ),
        do=_user_policy("DetachUserPolicy", user, arn),
        after=(reads.absent(attached, f"{arn} is still attached to {user.name}"),),
        undo=_user_policy("AttachUserPolicy", user, arn),
    )


def _user_policy(operation: str, user: User, arn: str) -> Call:
    return reads.call(operation, UserName=user.name, PolicyArn=arn)


def delete(
    number: int, user: User, group: str, policy: InlinePolicy, twin: str, document: Json
) -> Step:
    """Delete an inline policy of the user, who has it from the group's policy `twin`."""
    present = reads.user_policy_is(user.name, policy.name, document)
    return Step(
        name=f"delete-{number}",
        summary=(
            f"Delete the inline policy {policy.name} of {user.name}, "
            f"who has it from the group {group}"
        ),
        risk=Risk.REVERSIBLE,
        before=(
            reads.user_is(user),
            reads.is_member(user.name, group),
            reads.group_policy_is(group, twin, document),
            present,
        ),
        do=reads.call("DeleteUserPolicy", UserName=user.name, PolicyName=policy.name),
        after=(reads.absent(present, f"{policy.name} of {user.name} is still there"),),
        undo=reads.call(
            "PutUserPolicy",
            UserName=user.name,
            PolicyName=policy.name,
            PolicyDocument=policy.text,
        ),
    )
