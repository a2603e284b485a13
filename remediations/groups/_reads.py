"""What these controls look at in AWS just before and after each step."""

from collections.abc import Mapping

from bot.model import Call, Expect, Group, Json, Operator, User


def call(operation: str, **params: Json) -> Call:
    """A call to IAM."""
    return Call("iam", operation, params)


def quoted(text: str) -> str:
    """A JMESPath raw string, for paths and names with quotes in them."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def user_is(user: User) -> Expect:
    """The user of this name is still this one."""
    read = call("GetUser", UserName=user.name)
    return Expect(read, "User.UserId", Operator.EQUALS, user.id, f"{user.name} is another user now")


def group_is(group: Group) -> Expect:
    """The group of this name is still this one."""
    read = call("GetGroup", GroupName=group.name)
    why = f"{group.name} is another group now"
    return Expect(read, "Group.GroupId", Operator.EQUALS, group.id, why)


def is_attached_to_user(user: str, arn: str) -> Expect:
    """The managed policy is attached to the user."""
    return _attached(call("ListAttachedUserPolicies", UserName=user), arn, "the user")


def is_attached_to_group(group: str, arn: str) -> Expect:
    """The managed policy is attached to the group."""
    return _attached(call("ListAttachedGroupPolicies", GroupName=group), arn, "the group")


def _attached(read: Call, arn: str, owner: str) -> Expect:
    path = f"AttachedPolicies[?PolicyArn=={quoted(arn)}].PolicyArn | [0]"
    return Expect(read, path, Operator.EQUALS, arn, f"{arn} is not attached to {owner}")


def user_policy_is(user: str, name: str, document: Json) -> Expect:
    """The user's inline policy holds this document."""
    read = call("GetUserPolicy", UserName=user, PolicyName=name)
    return Expect(read, "PolicyDocument", Operator.EQUALS, document, f"{name} of {user} changed")


def group_policy_is(group: str, name: str, document: Json) -> Expect:
    """The group's inline policy holds this document."""
    read = call("GetGroupPolicy", GroupName=group, PolicyName=name)
    return Expect(read, "PolicyDocument", Operator.EQUALS, document, f"{name} of {group} changed")


def is_member(user: str, group: str) -> Expect:
    """The user is in the group."""
    read = call("ListGroupsForUser", UserName=user)
    path = f"Groups[?GroupName=={quoted(group)}].GroupName | [0]"
    return Expect(read, path, Operator.EQUALS, group, f"{user} is not in {group}")


def nobody_else_in(group: str, user_id: str) -> Expect:
    """Nobody but the user is in the group, so that what it gains or loses is theirs alone."""
    read = call("GetGroup", GroupName=group)
    path = f"Users[?UserId!={quoted(user_id)}].UserName | [0]"
    return Expect(read, path, Operator.ABSENT, None, f"somebody else is in {group}")


def is_attachable(arn: str) -> Expect:
    """AWS lets the policy be attached: it refuses to for the ones it deprecated."""
    read = call("GetPolicy", PolicyArn=arn)
    why = f"AWS lets nobody attach {arn} any more"
    return Expect(read, "Policy.IsAttachable", Operator.EQUALS, value=True, why=why)


def group_grants_exactly(
    group: str, attached: tuple[str, ...], inline: Mapping[str, Json]
) -> tuple[Expect, ...]:
    """The group has these policies and no others."""
    why = f"the policies of {group} changed"
    managed, named = (
        call("ListAttachedGroupPolicies", GroupName=group),
        call("ListGroupPolicies", GroupName=group),
    )
    arns, names = sorted(attached), sorted(inline)
    return (
        Expect(managed, "sort(AttachedPolicies[].PolicyArn)", Operator.EQUALS, arns, why),
        Expect(named, "sort(PolicyNames)", Operator.EQUALS, names, why),
        *(group_policy_is(group, name, inline[name]) for name in names),
    )


def absent(expect: Expect, why: str) -> Expect:
    """The opposite: what this looks at is not there."""
    return Expect(expect.read, expect.path, Operator.ABSENT, None, why)
