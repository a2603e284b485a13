"""Ids, times, names and keys of what the API makes."""

import re
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.conftest import NOW
from tests.aws.simulated.documents import ALLOW_TEXT, TRUST_TEXT
from tests.aws.simulated.refusals import refused

CREATIONS: dict[str, tuple[str, dict[str, str], str, str, str]] = {
    "user": ("create_user", {"UserName": "x"}, "User", "UserId", "AIDA"),
    "group": ("create_group", {"GroupName": "x"}, "Group", "GroupId", "AGPA"),
    "role": (
        "create_role",
        {"RoleName": "x", "AssumeRolePolicyDocument": TRUST_TEXT},
        "Role",
        "RoleId",
        "AROA",
    ),
    "policy": (
        "create_policy",
        {"PolicyName": "x", "PolicyDocument": ALLOW_TEXT},
        "Policy",
        "PolicyId",
        "ANPA",
    ),
    "profile": (
        "create_instance_profile",
        {"InstanceProfileName": "x"},
        "InstanceProfile",
        "InstanceProfileId",
        "AIPA",
    ),
}


@pytest.mark.parametrize("kind", CREATIONS)
def test_ids_look_like_awss(account: AccountBuilder, kind: str) -> None:
    """21 upper-case characters, a prefix that tells the kind; made at the account's time."""
    operation, params, name, field, prefix = CREATIONS[kind]
    made = getattr(account.client(), operation)(**params)[name]
    assert re.fullmatch(rf"{prefix}[A-Z2-7]{{17}}", made[field])
    assert made["CreateDate"] == NOW


@pytest.mark.parametrize("kind", ["user", "group", "role", "policy"])
def test_names_are_unique_without_case(account: AccountBuilder, kind: str) -> None:
    """`X` can't be made beside `x`."""
    operation, params, *_ = CREATIONS[kind]
    create = getattr(account.client(), operation)
    create(**params)
    shouted = {key: "X" if value == "x" else value for key, value in params.items()}
    with refused("EntityAlreadyExists", status=409):
        create(**shouted)


@pytest.mark.parametrize(
    ("operation", "params", "what"),
    [
        ("get_user", {"UserName": "x"}, "The user with name x cannot be found."),
        ("get_group", {"GroupName": "x"}, "The group with name x cannot be found."),
        ("get_role", {"RoleName": "x"}, "The role with name x cannot be found."),
        ("list_access_keys", {"UserName": "x"}, "The user with name x cannot be found."),
        ("delete_role", {"RoleName": "x"}, "The role with name x cannot be found."),
        (
            "get_policy",
            {"PolicyArn": "arn:aws:iam::123456789012:policy/x"},
            "Policy arn:aws:iam::123456789012:policy/x was not found.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_missing_entities(
    account: AccountBuilder, operation: str, params: dict[str, Any], what: str
) -> None:
    """AWS's words for what isn't there."""
    with refused("NoSuchEntity", status=404, saying=what):
        getattr(account.client(), operation)(**params)


def test_key_made_by_the_api(account: AccountBuilder) -> None:
    """20 characters, active, dated by the account's clock, never used."""
    account.user("alice")
    iam = account.client()
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key["AccessKeyId"])
    assert (key["Status"], key["CreateDate"], key["UserName"]) == ("Active", NOW, "alice")
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == "alice"
    assert used["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}


def test_last_use_of_a_key(account: AccountBuilder) -> None:
    """As seeded, and again after a later use."""
    account.user("alice")
    key = account.key("alice", last_used=account.ago(days=3), service="sqs", region="eu-west-1")
    iam = account.client()
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used == {
        "LastUsedDate": account.ago(days=3), "ServiceName": "sqs", "Region": "eu-west-1",
    }  # fmt: skip
    account.use_key(key)
    used = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert used["LastUsedDate"] == NOW


def test_key_states(account: AccountBuilder) -> None:
    """Off, on, off again twice; deleted once."""
    account.user("alice")
    key = account.key("alice")
    iam = account.client()
    for status in ("Inactive", "Active", "Inactive", "Inactive"):
        iam.update_access_key(UserName="alice", AccessKeyId=key, Status=status)
        (shown,) = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
        assert shown["Status"] == status
    iam.delete_access_key(UserName="alice", AccessKeyId=key)
    with refused("NoSuchEntity", status=404):
        iam.delete_access_key(UserName="alice", AccessKeyId=key)
    with refused("NoSuchEntity", status=404):
        iam.get_access_key_last_used(AccessKeyId=key)


def test_renamed_user_keeps_tags_and_keys(account: AccountBuilder) -> None:
    """moto loses the tags, which it files under the old ARN."""
    account.user("alice", tags={"team": "data"})
    key = account.key("alice")
    iam = account.client()
    iam.update_user(UserName="alice", NewUserName="alicia")
    assert iam.list_user_tags(UserName="alicia")["Tags"] == [{"Key": "team", "Value": "data"}]
    assert iam.get_access_key_last_used(AccessKeyId=key)["UserName"] == "alicia"
    account.user("bob")
    with refused("EntityAlreadyExists", status=409):
        iam.update_user(UserName="bob", NewUserName="ALICIA")


def test_new_version_is_dated_now(account: AccountBuilder) -> None:
    """CreatePolicyVersion follows the account's clock, and updates the policy's date."""
    arn = account.policy("p", ALLOW_TEXT, created=account.ago(days=9))
    iam = account.client()
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW_TEXT, SetAsDefault=True)
    assert made["PolicyVersion"]["CreateDate"] == NOW
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (policy["DefaultVersionId"], policy["UpdateDate"]) == ("v2", NOW)
    for _ in range(3):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW_TEXT)
    with refused("LimitExceeded", status=409):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW_TEXT)


def test_enrolling_mfa_is_dated_now(account: AccountBuilder) -> None:
    """EnableMFADevice follows the account's clock too."""
    account.user("alice")
    iam = account.client()
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"][
        "SerialNumber"
    ]
    iam.enable_mfa_device(
        UserName="alice",
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )
    (device,) = iam.list_mfa_devices(UserName="alice")["MFADevices"]
    assert (device["EnableDate"], device["SerialNumber"]) == (NOW, serial)
