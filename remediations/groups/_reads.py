"""What moves to groups look at in AWS beyond policies: groups and who is in them."""

from collections.abc import Mapping

from bot.model import Expect, Json, Operator
from remediations._policy_reads import inline_by_name
from remediations._reads import call, quoted


def nobody_else_in(group: str, *user_ids: str) -> Expect:
    """Nobody but these users is in the group, so that what it gains or loses is theirs alone."""
    read = call("GetGroup", GroupName=group)
    others = " && ".join(f"UserId!={quoted(user_id)}" for user_id in user_ids)
    path = f"Users[?{others}].UserName | [0]"
    return Expect(read, path, Operator.ABSENT, None, f"somebody else is in {group}")


def group_grants_exactly(
    group: str, attached: tuple[str, ...], inline: Mapping[str, Json]
) -> tuple[Expect, ...]:
    """The group has these policies and no others."""
    why = f"the policies of {group} changed"
    managed = call("ListAttachedGroupPolicies", GroupName=group)
    named = call("ListGroupPolicies", GroupName=group)
    arns, names = sorted(attached), sorted(inline)
    return (
        Expect(managed, "sort(AttachedPolicies[].PolicyArn)", Operator.EQUALS, arns, why),
        Expect(named, "sort(PolicyNames)", Operator.EQUALS, names, why),
        *(inline_by_name("Group", group, name, inline[name]) for name in names),
    )
