"""Roles of services and of Identity Center, and AWS's policies, can't be changed."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.documents import ALLOW, ALLOW_TEXT, AWS, LOCAL, TRUST_TEXT
from tests.aws.simulated.refusals import refused

CHANGES: dict[str, Callable[[Any, str], object]] = {
    "attach": lambda iam, r: iam.attach_role_policy(RoleName=r, PolicyArn=f"{LOCAL}p"),
    "detach": lambda iam, r: iam.detach_role_policy(RoleName=r, PolicyArn=f"{AWS}ReadOnlyAccess"),
    "put": lambda iam, r: iam.put_role_policy(
        RoleName=r, PolicyName="p", PolicyDocument=ALLOW_TEXT
    ),
    "delete inline": lambda iam, r: iam.delete_role_policy(RoleName=r, PolicyName="p"),
    "trust": lambda iam, r: iam.update_assume_role_policy(RoleName=r, PolicyDocument=TRUST_TEXT),
    "boundary": lambda iam, r: iam.put_role_permissions_boundary(
        RoleName=r, PermissionsBoundary=f"{AWS}ReadOnlyAccess"
    ),
    "no boundary": lambda iam, r: iam.delete_role_permissions_boundary(RoleName=r),
    "profile": lambda iam, r: iam.add_role_to_instance_profile(RoleName=r, InstanceProfileName="i"),
    "delete": lambda iam, r: iam.delete_role(RoleName=r),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", ["service-linked", "Identity Center"])
def test_protected_role_refuses(account: AccountBuilder, kind: str, change: str) -> None:
    """UnmodifiableEntity, and nothing about the role changes."""
    account.policy("p", ALLOW)
    account.client().create_instance_profile(InstanceProfileName="i")
    if kind == "service-linked":
        arn = account.service_linked_role("support.amazonaws.com", "Support")
    else:
        arn = account.identity_center_role("ReadOnlyAccess")
    iam = account.client()
    before = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    with refused("UnmodifiableEntity", status=400, saying="only modifiable by AWS"):
        CHANGES[change](iam, arn.rpartition("/")[2])
    assert iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"] == before


def test_service_linked_role_can_be_tagged_and_removed_by_its_task(
    account: AccountBuilder,
) -> None:
    """Tags are the customer's; deletion goes through DeleteServiceLinkedRole."""
    account.service_linked_role("support.amazonaws.com", "Support")
    iam = account.client()
    name = "AWSServiceRoleForSupport"
    iam.tag_role(RoleName=name, Tags=[{"Key": "a", "Value": "b"}])
    assert iam.get_role(RoleName=name)["Role"]["Tags"] == [{"Key": "a", "Value": "b"}]
    assert iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    with refused("NoSuchEntity", status=404):
        iam.get_role(RoleName=name)


def test_ordinary_role_accepts_them_all(account: AccountBuilder) -> None:
    """The same changes on a role of the customer's go through."""
    account.policy("p", ALLOW)
    account.role("app", attached=["ReadOnlyAccess"])
    iam = account.client()
    iam.create_instance_profile(InstanceProfileName="i")
    for change in ("attach", "detach", "put", "delete inline", "trust", "boundary", "no boundary"):
        CHANGES[change](iam, "app")
    iam.detach_role_policy(RoleName="app", PolicyArn=f"{LOCAL}p")
    CHANGES["delete"](iam, "app")
    assert iam.list_roles()["Roles"] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda iam, arn: iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW_TEXT),
        lambda iam, arn: iam.set_default_policy_version(PolicyArn=arn, VersionId="v1"),
        lambda iam, arn: iam.delete_policy_version(PolicyArn=arn, VersionId="v1"),
        lambda iam, arn: iam.delete_policy(PolicyArn=arn),
        lambda iam, arn: iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "b"}]),
    ],
    ids=["version", "default", "delete version", "delete", "tag"],
)
def test_aws_policy_refuses(account: AccountBuilder, change: Callable[[Any, str], object]) -> None:
    """AWS's own policies are nobody's to change."""
    arn = account.aws_policy("AdministratorAccess")
    with refused("AccessDenied", status=403):
        change(account.client(), arn)
