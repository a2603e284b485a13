"""Deletes are refused while something hangs on the entity, and go through once nothing does."""

from collections.abc import Callable

import pytest
from moto.iam.models import SigningCertificate, SshPublicKey

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.documents import ALLOW, ALLOW_TEXT, LOCAL
from tests.aws.simulated.refusals import refused

HOLDINGS: dict[str, Callable[[AccountBuilder], object]] = {
    "detach all policies": lambda a: a.attach("ReadOnlyAccess", user="alice"),
    "delete policies": lambda a: a.inline("i", ALLOW, user="alice"),
    "delete access keys": lambda a: a.key("alice"),
    "delete login profile": lambda a: a.password("alice"),
    "delete MFA device": lambda a: a.mfa("alice"),
    "delete signing certificates": lambda a: a.iam.users["alice"].signing_certificates.update(
        c=SigningCertificate("c", "alice", "")
    ),
    "delete SSH public keys": lambda a: a.iam.users["alice"].ssh_public_keys.append(
        SshPublicKey("alice", "ssh-rsa AAAA")
    ),
    "delete service specific credentials": lambda a: a.service_credential("alice"),
    "remove users from group": lambda a: a.group("g", members=["alice"]),
}


@pytest.mark.parametrize("holding", HOLDINGS)
def test_user_with_something_stays(account: AccountBuilder, holding: str) -> None:
    """Each thing alone holds the user back."""
    account.user("alice")
    HOLDINGS[holding](account)
    iam = account.client()
    with refused("DeleteConflict", status=409, saying=f"must {holding} first"):
        iam.delete_user(UserName="alice")
    assert iam.get_user(UserName="alice")


def test_user_with_nothing_goes(account: AccountBuilder) -> None:
    """A boundary and tags don't hold it back."""
    account.user("alice", tags={"a": "b"}, boundary="ReadOnlyAccess")
    iam = account.client()
    iam.delete_user(UserName="alice")
    with refused("NoSuchEntity", status=404):
        iam.delete_user(UserName="alice")


@pytest.mark.parametrize("holding", ["members", "attached", "inline"])
def test_group_with_something_stays(account: AccountBuilder, holding: str) -> None:
    """Members, attached and inline policies each."""
    account.user("alice")
    account.group("g")
    if holding == "members":
        account.member("alice", "g")
    elif holding == "attached":
        account.attach("ReadOnlyAccess", group="g")
    else:
        account.inline("i", ALLOW, group="g")
    with refused("DeleteConflict", status=409):
        account.client().delete_group(GroupName="g")


@pytest.mark.parametrize("holding", ["attached", "boundary", "versions"])
def test_policy_in_use_stays(account: AccountBuilder, holding: str) -> None:
    """Attached, a boundary, or with other versions."""
    account.user("alice")
    account.policy("p", ALLOW, older_versions=[ALLOW] if holding == "versions" else [])
    if holding == "attached":
        account.attach(f"{LOCAL}p", user="alice")
    elif holding == "boundary":
        account.boundary(f"{LOCAL}p", user="alice")
    with refused("DeleteConflict", status=409):
        account.client().delete_policy(PolicyArn=f"{LOCAL}p")


def test_free_group_and_policy_go(account: AccountBuilder) -> None:
    """What holds nothing and is held by nothing can be deleted."""
    account.group("g")
    account.policy("p", ALLOW)
    iam = account.client()
    iam.delete_group(GroupName="g")
    iam.delete_policy(PolicyArn=f"{LOCAL}p")
    assert iam.list_groups()["Groups"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_default_version_stays(account: AccountBuilder) -> None:
    """The default can't be deleted, others can; version numbers are never used again."""
    arn = account.policy("p", ALLOW)
    iam = account.client()
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW_TEXT)
    with refused("DeleteConflict", status=409):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW_TEXT)
    assert version["PolicyVersion"]["VersionId"] == "v3"


def test_assigned_virtual_mfa_stays(account: AccountBuilder) -> None:
    """It goes once it is deactivated."""
    account.user("alice")
    serial = account.mfa("alice")
    iam = account.client()
    with refused("DeleteConflict", status=409):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    with refused("NoSuchEntity", status=404):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
