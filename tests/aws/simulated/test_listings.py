"""Listings come in pages that add up, with IsTruncated always said."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.aws.simulated.paging import page
from tests.aws.simulated.documents import ALLOW
from tests.aws.simulated.refusals import refused


def fill(account: AccountBuilder) -> None:
    """Three of everything that is listed, all on or around alice."""
    account.user("alice")
    for number in range(3):
        name = f"n{number}"
        if number:
            account.user(name)
        arn = account.policy(name, ALLOW)
        account.group(name, members=["alice"])
        account.role(name)
        account.attach(arn, user="alice")
        account.attach(arn, group="n0")
        account.attach(arn, role="n0") if number else None
        account.inline(name, ALLOW, user="alice")
        account.inline(name, ALLOW, group="n0")
        account.inline(name, ALLOW, role="n0")
        account.key("alice")
        account.mfa("alice", kind="fido")
        account.unassigned_mfa(name)
        account.service_credential("alice", f"service-{number}.amazonaws.com")
        account.iam.tagger.tag_resource(
            account.iam.users["alice"].arn, [{"Key": name, "Value": ""}]
        )
        account.member(("alice", "n1", "n2")[number], "n0")
    account.attach("IAMUserChangePassword", role="n0")
    account.root(mfa=False)


CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "users": ("list_users", {}, "Users"),
    "groups": ("list_groups", {}, "Groups"),
    "roles": ("list_roles", {}, "Roles"),
    "policies": ("list_policies", {"Scope": "Local"}, "Policies"),
    "group members": ("get_group", {"GroupName": "n0"}, "Users"),
    "user's groups": ("list_groups_for_user", {"UserName": "alice"}, "Groups"),
    "user's policies": ("list_attached_user_policies", {"UserName": "alice"}, "AttachedPolicies"),
    "group's policies": ("list_attached_group_policies", {"GroupName": "n0"}, "AttachedPolicies"),
    "role's policies": ("list_attached_role_policies", {"RoleName": "n0"}, "AttachedPolicies"),
    "user's inline": ("list_user_policies", {"UserName": "alice"}, "PolicyNames"),
    "group's inline": ("list_group_policies", {"GroupName": "n0"}, "PolicyNames"),
    "role's inline": ("list_role_policies", {"RoleName": "n0"}, "PolicyNames"),
    "keys": ("list_access_keys", {"UserName": "alice"}, "AccessKeyMetadata"),
    "MFA devices": ("list_mfa_devices", {"UserName": "alice"}, "MFADevices"),
    "virtual MFA": ("list_virtual_mfa_devices", {}, "VirtualMFADevices"),
    "user's tags": ("list_user_tags", {"UserName": "alice"}, "Tags"),
    "service credentials": (
        "list_service_specific_credentials",
        {"AllUsers": True},
        "ServiceSpecificCredentials",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_pages_add_up(account: AccountBuilder, case: str) -> None:
    """Two and one, no empty page at the end, the same items as in one page."""
    fill(account)
    operation, params, name = CASES[case]
    call: Callable[..., dict[str, Any]] = getattr(account.client(), operation)
    whole = call(**params)
    first = call(**params, MaxItems=2)
    rest = call(**params, MaxItems=2, Marker=first["Marker"])
    assert (len(first[name]), first["IsTruncated"]) == (2, True)
    assert (len(rest[name]), rest["IsTruncated"]) == (1, False)
    assert "Marker" not in rest
    assert first[name] + rest[name] == whole[name]
    assert whole["IsTruncated"] is False


def test_users_carry_password_last_used_and_no_tags(account: AccountBuilder) -> None:
    """ListUsers is where PasswordLastUsed is; tags and boundary are not in it."""
    account.user("alice", tags={"team": "x"}, boundary="PowerUserAccess")
    account.password("alice", last_used=account.ago(days=7))
    account.user("bob")
    alice, bob = account.client().list_users()["Users"]
    assert alice["PasswordLastUsed"] == account.ago(days=7)
    assert set(alice) == {"Path", "UserName", "UserId", "Arn", "CreateDate", "PasswordLastUsed"}
    assert "PasswordLastUsed" not in bob


def test_password_last_used_outlives_the_password(account: AccountBuilder) -> None:
    """AWS still tells when a password that is gone was last used."""
    account.user("alice")
    account.password("alice", last_used=account.ago(days=7))
    iam = account.client()
    iam.delete_login_profile(UserName="alice")
    assert iam.get_user(UserName="alice")["User"]["PasswordLastUsed"] == account.ago(days=7)


def test_virtual_devices_hide_their_secret_and_show_root(account: AccountBuilder) -> None:
    """AWS never returns the seed again; root's device shows under root's ARN."""
    account.root(mfa_kind="virtual")
    account.user("alice")
    account.mfa("alice")
    account.unassigned_mfa("spare")
    iam = account.client()
    root, alice = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    (spare,) = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    assert root["User"]["Arn"] == "arn:aws:iam::123456789012:root"
    assert set(alice) == {"SerialNumber", "User", "EnableDate"}
    assert alice["User"]["UserName"] == "alice"
    assert set(spare) == {"SerialNumber"}


def test_entities_for_policy_sees_attachments_and_boundaries(account: AccountBuilder) -> None:
    """Both uses, told apart by PolicyUsageFilter."""
    arn = account.policy("p", ALLOW)
    account.user("alice", boundary=arn)
    account.group("g", attached=[arn])
    account.role("r", attached=[arn])
    iam = account.client()
    everyone = iam.list_entities_for_policy(PolicyArn=arn)
    boundary = iam.list_entities_for_policy(PolicyArn=arn, PolicyUsageFilter="PermissionsBoundary")
    roles = iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="Role")
    assert [len(everyone[f"Policy{kind}"]) for kind in ("Users", "Groups", "Roles")] == [1, 1, 1]
    assert [len(boundary[f"Policy{kind}"]) for kind in ("Users", "Groups", "Roles")] == [1, 0, 0]
    assert [len(roles[f"Policy{kind}"]) for kind in ("Users", "Groups", "Roles")] == [0, 0, 1]


def test_policy_versions_come_without_documents(account: AccountBuilder) -> None:
    """ListPolicyVersions has no Document; GetPolicyVersion has."""
    arn = account.policy("p", ALLOW, older_versions=[ALLOW])
    versions = account.client().list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in versions] == ["v1", "v2"]
    assert all("Document" not in version for version in versions)


def test_foreign_marker_is_refused(account: AccountBuilder) -> None:
    """A marker of another listing, or no marker at all."""
    fill(account)
    iam = account.client()
    marker = iam.list_users(MaxItems=1)["Marker"]
    for wrong in (marker, "nonsense"):
        with refused("ValidationError", status=400, saying="Invalid Marker"):
            iam.list_groups(Marker=wrong)


def test_page_size_is_at_most_1000(account: AccountBuilder) -> None:
    """AWS refuses 1001."""
    with refused("ValidationError", status=400, saying="less than or equal to 1000"):
        account.client().list_users(MaxItems=1001)


@pytest.mark.parametrize(
    ("size", "pages"), [(1, [1, 1, 1, 1]), (2, [2, 2]), (3, [3, 1]), (4, [4]), (5, [4])]
)
def test_page_boundaries(size: int, pages: list[int]) -> None:
    """An exact fit leaves no empty page behind."""
    lengths, marker = [], None
    while True:
        cut = page("abcd", marker=marker, max_items=size, scope="s")
        lengths.append(len(cut.items))
        marker = cut.marker
        if marker is None:
            break
    assert lengths == pages
