"""GetAccountAuthorizationDetails with its filter, its pages and the shape live accounts show.

Users, roles, groups and policies share one page budget in that order; a Marker is bound to its
Filter; a user without inline policies has no UserPolicyList; an AWS-managed policy appears only
when something uses it.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from moto.iam.exceptions import ValidationError
from moto.iam.models import AWSManagedPolicy, Group, ManagedPolicy, Role, User

from bot.aws.simulated.attachments import Attachments
from bot.aws.simulated.entities import SimulatedUser
from bot.aws.simulated.paging import page

_LISTS = ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
_FILTERS = ("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")


def authorization_details(
    account: Attachments, wanted: list[str], marker: str | None, max_items: int | None
) -> dict[str, Any]:
    """One page of the account's users, roles, groups and policies."""
    unknown = sorted(set(wanted) - set(_FILTERS))
    if unknown:
        raise ValidationError(
            f"1 validation error detected: Value '[{', '.join(unknown)}]' at 'filter' failed to "
            f"satisfy constraint: Member must satisfy enum value set: [{', '.join(_FILTERS)}]"
        )
    chosen = wanted or list(_FILTERS)
    boundaries = account.boundary_counts()
    entities = list(_entities(account, set(chosen), boundaries))
    scope = "GetAccountAuthorizationDetails:" + ",".join(sorted(chosen))
    current = page(entities, marker=marker, max_items=max_items, scope=scope)
    result: dict[str, Any] = {name: [] for name in _LISTS}
    groups_of = _memberships(account.groups.values())
    for entity in current.items:
        if isinstance(entity, User):
            result["UserDetailList"].append(_user(account, entity, groups_of.get(entity.name, [])))
        elif isinstance(entity, Role):
            result["RoleDetailList"].append(_role(entity))
        elif isinstance(entity, Group):
            result["GroupDetailList"].append(_group(entity))
        else:
            result["Policies"].append(_policy(entity, boundaries.get(entity.arn, 0)))
    return {**result, "IsTruncated": current.marker is not None, "Marker": current.marker}


def _entities(
    account: Attachments, wanted: set[str], boundaries: Mapping[str, int]
) -> Iterable[User | Role | Group | ManagedPolicy]:
    if "User" in wanted:
        yield from account.users.values()
    if "Role" in wanted:
        yield from account.roles.values()
    if "Group" in wanted:
        yield from account.groups.values()
    for policy in account.managed_policies.values():
        if not isinstance(policy, AWSManagedPolicy):
            if "LocalManagedPolicy" in wanted:
                yield policy
        elif "AWSManagedPolicy" in wanted and (
            policy.attachment_count > 0 or policy.arn in boundaries
        ):
            yield policy


def _memberships(groups: Iterable[Group]) -> dict[str, list[str]]:
    groups_of: dict[str, list[str]] = {}
    for group in groups:
        for user in group.users:
            groups_of.setdefault(user.name, []).append(group.name)
    return groups_of


def _user(account: Attachments, user: User, groups: list[str]) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.create_date,
        "GroupList": groups,
        "AttachedManagedPolicies": user.attached_managed_policies,
        "Tags": account.tagger.list_tags_for_resource(user.arn)["Tags"],
    }
    if user.policies:
        detail["UserPolicyList"] = user.user_policy_list
    if isinstance(user, SimulatedUser) and user.permissions_boundary:
        detail["PermissionsBoundary"] = user.permissions_boundary
    return detail


def _group(group: Group) -> dict[str, Any]:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group.arn,
        "CreateDate": group.create_date,
        "GroupPolicyList": group.group_policy_list,
        "AttachedManagedPolicies": group.attached_managed_policies,
    }


def _bare_role(role: Role) -> dict[str, Any]:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role.arn,
        "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": quote(role.assume_role_policy_document),
    }


def _role(role: Role) -> dict[str, Any]:
    detail = {
        **_bare_role(role),
        "InstanceProfileList": [
            {
                "Path": profile.path,
                "InstanceProfileName": profile.name,
                "InstanceProfileId": profile.id,
                "Arn": profile.arn,
                "CreateDate": profile.create_date,
                "Roles": [_bare_role(held) for held in profile.roles],
            }
            for profile in role.instance_profile_list
        ],
        "RolePolicyList": role.role_policy_list,
        "AttachedManagedPolicies": role.attached_managed_policies,
        "Tags": role.tags,
        "RoleLastUsed": role.role_last_used,
    }
    if role.permissions_boundary:
        detail["PermissionsBoundary"] = role.permissions_boundary
    return detail


def _policy(policy: ManagedPolicy, boundary_uses: int) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": boundary_uses,
        "IsAttachable": policy.is_attachable,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": policy.policy_version_list,
    }
