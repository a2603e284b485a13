"""Who is in which group: what to look at, and the steps into a group and out of it."""

from bot.model import Expect, Group, Operator, Risk, Step, User
from remediations._policy_reads import is_still
from remediations._reads import absent, call, quoted
from remediations._too_early import NEW_GROUP, patient


def is_member(user: str, group: str) -> Expect:
    """The user is in the group."""
    read = call("ListGroupsForUser", UserName=user)
    path = f"Groups[?GroupName=={quoted(group)}].GroupName | [0]"
    return Expect(read, path, Operator.EQUALS, group, f"{user} is not in {group}")


def join(
    user: User, group: str, guards: tuple[Expect, ...], name: str = "join", *, made: bool = False
) -> Step:
    """Add the user to the group, if the `guards` about it hold; `made` is by this very plan."""
    member = is_member(user.name, group)
    add = call("AddUserToGroup", GroupName=group, UserName=user.name)
    return Step(
        name=name,
        summary=f"Add {user.name} to the group {group}",
        risk=Risk.REVERSIBLE,
        before=(
            is_still(user),
            *guards,
            absent(member, f"{user.name} is in {group} by now"),
        ),
        do=patient(add, *NEW_GROUP) if made else add,
        after=(member,),
        undo=call("RemoveUserFromGroup", GroupName=group, UserName=user.name),
    )


def leave(user: User, group: Group, guards: tuple[Expect, ...], name: str) -> Step:
    """Take the user out of the group, if the `guards` hold."""
    member = is_member(user.name, group.name)
    return Step(
        name=name,
        summary=f"Take {user.name} out of the group {group.name}",
        risk=Risk.REVERSIBLE,
        before=(is_still(user), is_still(group), *guards, member),
        do=call("RemoveUserFromGroup", GroupName=group.name, UserName=user.name),
        after=(absent(member, f"{user.name} is still in {group.name}"),),
        undo=call("AddUserToGroup", GroupName=group.name, UserName=user.name),
    )
