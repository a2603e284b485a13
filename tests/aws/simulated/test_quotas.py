"""Sizes and counts at their limits and one beyond."""

import pytest

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.documents import ALLOW_TEXT, LOCAL, TRUST_TEXT, sized
from tests.aws.simulated.refusals import refused


@pytest.mark.parametrize(("kind", "limit"), [("user", 2048), ("group", 5120), ("role", 10240)])
def test_inline_policies_count_together(account: AccountBuilder, kind: str, limit: int) -> None:
    """Two that fill the quota exactly are accepted; one character more isn't."""
    getattr(account, kind)("it")
    put = getattr(account.client(), f"put_{kind}_policy")
    name = {f"{kind.capitalize()}Name": "it"}
    put(**name, PolicyName="a", PolicyDocument=sized(500))
    put(**name, PolicyName="b", PolicyDocument=sized(limit - 500))
    put(**name, PolicyName="b", PolicyDocument=sized(limit - 500))
    with refused("LimitExceeded", status=409, saying=f"Maximum policy size of {limit} bytes"):
        put(**name, PolicyName="b", PolicyDocument=sized(limit - 499))
    with refused("LimitExceeded", status=409):
        put(**name, PolicyName="c", PolicyDocument=ALLOW_TEXT)


def test_managed_policy_size(account: AccountBuilder) -> None:
    """6144 characters, whitespace not counted, for a policy and for a new version."""
    iam = account.client()
    iam.create_policy(PolicyName="fits", PolicyDocument=sized(6144))
    with refused("LimitExceeded", status=409, saying="PolicySize: 6144"):
        iam.create_policy(PolicyName="big", PolicyDocument=sized(6145))
    with refused("LimitExceeded", status=409, saying="PolicySize: 6144"):
        iam.create_policy_version(PolicyArn=f"{LOCAL}fits", PolicyDocument=sized(6145))


def test_trust_policy_size(account: AccountBuilder) -> None:
    """2048 characters for creating a role and for changing its trust."""
    iam = account.client()
    long = TRUST_TEXT.replace("sts:AssumeRole", "sts:" + "x" * 2000)
    account.role("it")
    with refused("LimitExceeded", status=409, saying="ACLSizePerRole: 2048"):
        iam.update_assume_role_policy(RoleName="it", PolicyDocument=long)
    with refused("LimitExceeded", status=409, saying="ACLSizePerRole: 2048"):
        iam.create_role(RoleName="other", AssumeRolePolicyDocument=long)


def test_ten_groups_per_user(account: AccountBuilder) -> None:
    """The tenth is joined, the eleventh refused, a repeat succeeds."""
    account.user("alice")
    iam = account.client()
    for number in range(11):
        account.group(f"g{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"g{number}", UserName="alice")
    iam.add_user_to_group(GroupName="g0", UserName="alice")
    with refused("LimitExceeded", status=409, saying="GroupsPerUser: 10"):
        iam.add_user_to_group(GroupName="g10", UserName="alice")
    iam.remove_user_from_group(GroupName="g0", UserName="alice")
    iam.add_user_to_group(GroupName="g10", UserName="alice")


def test_leaving_a_group_one_is_not_in(account: AccountBuilder) -> None:
    """NoSuchEntity; what AWS answers here is not verified (see docs/simulated-account.md)."""
    account.user("alice")
    account.group("g")
    with refused("NoSuchEntity", status=404):
        account.client().remove_user_from_group(GroupName="g", UserName="alice")


@pytest.mark.parametrize("kind", ["user", "role"])
def test_fifty_tags(account: AccountBuilder, kind: str) -> None:
    """Fifty keys fit, replacing one is no more; the next is refused, and so is aws:."""
    getattr(account, kind)("it")
    tag = getattr(account.client(), f"tag_{kind}")
    name = {f"{kind.capitalize()}Name": "it"}
    tag(**name, Tags=[{"Key": f"k{number}", "Value": "v"} for number in range(50)])
    tag(**name, Tags=[{"Key": "k0", "Value": "w"}])
    with refused("LimitExceeded", status=409, saying=": 50"):
        tag(**name, Tags=[{"Key": "more", "Value": "v"}])
    with refused("InvalidInput", status=400):
        tag(**name, Tags=[{"Key": "aws:cloudformation:stack-name", "Value": "v"}])


@pytest.mark.parametrize(
    ("quota", "limit", "name"),
    [("UsersQuota", 1, "UsersPerAccount"), ("GroupsQuota", 1, "GroupsPerAccount")],
)
def test_entities_per_account(account: AccountBuilder, quota: str, limit: int, name: str) -> None:
    """The account's own quotas hold for API calls."""
    account.quota(quota, limit)
    iam = account.client()
    kind = quota.removesuffix("sQuota")
    create = getattr(iam, f"create_{kind.lower()}")
    create(**{f"{kind}Name": "first"})
    with refused("LimitExceeded", status=409, saying=f"{name}: {limit}"):
        create(**{f"{kind}Name": "second"})


def test_two_keys_per_user(account: AccountBuilder) -> None:
    """The third is refused, whatever the state of the others."""
    account.user("alice")
    account.key("alice", status="Inactive")
    iam = account.client()
    iam.create_access_key(UserName="alice")
    with refused("LimitExceeded", status=409, saying="AccessKeysPerUser: 2"):
        iam.create_access_key(UserName="alice")
