"""The builder makes exactly the facts asked for, and refuses half a principal."""

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from tests.aws.simulated.conftest import NOW
from tests.aws.simulated.documents import ALLOW, AWS, LOCAL


def test_new_account_is_empty_but_for_root(account: AccountBuilder) -> None:
    """Nothing that a control's test didn't ask for."""
    found = account.client().get_account_summary()["SummaryMap"]
    for kind in ("Users", "Groups", "Roles", "Policies"):
        assert found[kind] == 0
    assert (found["AccountMFAEnabled"], found["AccountAccessKeysPresent"]) == (1, 0)


def test_arns_and_times(account: AccountBuilder) -> None:
    """Paths, tags, ages, and the account's time where none is given."""
    arn = account.user("alice", path="/staff/", tags={"team": "x"}, created=account.ago(days=2))
    assert arn == "arn:aws:iam::123456789012:user/staff/alice"
    account.role("app", path="/app/", description="d", created=account.ago(hours=3))
    iam = account.client()
    alice = iam.get_user(UserName="alice")["User"]
    assert (alice["CreateDate"], alice["Tags"]) == (
        account.ago(days=2), [{"Key": "team", "Value": "x"}],
    )  # fmt: skip
    role = iam.get_role(RoleName="app")["Role"]
    assert (role["Arn"], role["Description"]) == ("arn:aws:iam::123456789012:role/app/app", "d")
    assert role["CreateDate"] == account.ago(hours=3)
    assert account.now == NOW


def test_memberships_and_attachments(account: AccountBuilder) -> None:
    """From either side, by ARN or by the name of AWS's policy, without repeats."""
    account.group("g")
    account.user("alice", groups=["g"])
    account.member("alice", "g")
    mine = account.policy("p", ALLOW)
    assert (mine, account.attach(mine, group="g")) == (f"{LOCAL}p", f"{LOCAL}p")
    assert account.attach("ViewOnlyAccess", user="alice") == f"{AWS}job-function/ViewOnlyAccess"
    account.attach("ViewOnlyAccess", user="alice")
    iam = account.client()
    assert len(iam.get_group(GroupName="g")["Users"]) == 1
    assert len(iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]) == 1


def test_older_versions(account: AccountBuilder) -> None:
    """The document given is the newest and the default."""
    arn = account.policy("p", ALLOW, older_versions=[{**ALLOW, "Id": "old"}])
    iam = account.client()
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert policy["DefaultVersionId"] == "v2"
    old = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    assert old["Id"] == "old"


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("virtual", "arn:aws:iam::123456789012:mfa/alice"),
        ("fido", "arn:aws:iam::123456789012:u2f/user/alice/"),
        ("hardware", "GAHT"),
    ],
)
def test_mfa_serials_tell_the_kind(account: AccountBuilder, kind: str, start: str) -> None:
    """Only virtual devices are in ListVirtualMFADevices; all are in ListMFADevices."""
    account.root(mfa=False)
    account.user("alice")
    serial = account.mfa("alice", kind=kind)  # type: ignore[arg-type]
    assert serial.startswith(start)
    iam = account.client()
    (device,) = iam.list_mfa_devices(UserName="alice")["MFADevices"]
    assert device["SerialNumber"] == serial
    virtual = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert len(virtual) == (1 if kind == "virtual" else 0)


def test_reserved_roles(account: AccountBuilder) -> None:
    """Paths and names by which a reader knows them."""
    linked = account.service_linked_role("support.amazonaws.com", "Support")
    assert linked.endswith("role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport")
    reserved = account.identity_center_role("AdministratorAccess")
    path, _, name = reserved.partition("role")[2].rpartition("/")
    assert path == "/aws-reserved/sso.amazonaws.com"
    assert name.startswith("AWSReservedSSO_AdministratorAccess_")


def test_accounts_do_not_nest(account: AccountBuilder) -> None:
    """moto has one memory: the inner account would be the outer one."""
    account.user("alice")
    with pytest.raises(RuntimeError, match="inside another"), mock_account():
        pass
    assert list(account.iam.users) == ["alice"]


def test_half_a_principal_is_refused(account: AccountBuilder) -> None:
    """None, or two, is a mistake in the test."""
    account.user("alice")
    account.group("g")
    with pytest.raises(ValueError, match="exactly one principal"):
        account.attach("ReadOnlyAccess")
    with pytest.raises(ValueError, match="exactly one principal"):
        account.inline("i", ALLOW, user="alice", group="g")
    with pytest.raises(ValueError, match="exactly one principal"):
        account.boundary("ReadOnlyAccess")
    with pytest.raises(ValueError, match="no managed policy called 'NoSuch'"):
        account.aws_policy("NoSuch")
