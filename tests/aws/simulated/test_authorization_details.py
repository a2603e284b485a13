"""GetAccountAuthorizationDetails: pages, filter, and the shape of every entity."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.documents import ALLOW
from tests.aws.simulated.refusals import refused

LISTS = ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")


@pytest.fixture
def filled(account: AccountBuilder) -> AccountBuilder:
    """Two users, a role, two groups, a customer policy, two AWS policies of which one is used."""
    account.policy("narrow", ALLOW)
    account.user("alice", tags={"team": "data"}, boundary="PowerUserAccess")
    account.user("bob")
    account.group("readers", members=["alice"], attached=["ReadOnlyAccess"])
    account.group("empty")
    account.inline("mine", ALLOW, user="alice")
    account.role("app", last_used=account.ago(days=1))
    account.aws_policy("AmazonS3FullAccess")
    return account


def details(account: AccountBuilder, **params: Any) -> dict[str, Any]:
    answer = account.client().get_account_authorization_details(**params)
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def test_users_have_the_shape_of_live_accounts(filled: AccountBuilder) -> None:
    """No UserPolicyList without inline policies; lists present though empty; boundary shown."""
    alice, bob = details(filled)["UserDetailList"]
    assert set(bob) == {
        "Path", "UserName", "UserId", "Arn", "CreateDate", "GroupList",
        "AttachedManagedPolicies", "Tags",
    }  # fmt: skip
    assert (bob["GroupList"], bob["AttachedManagedPolicies"], bob["Tags"]) == ([], [], [])
    assert set(alice) - set(bob) == {"UserPolicyList", "PermissionsBoundary"}
    assert alice["UserPolicyList"] == [{"PolicyName": "mine", "PolicyDocument": ALLOW}]
    assert alice["GroupList"] == ["readers"]
    assert alice["Tags"] == [{"Key": "team", "Value": "data"}]
    boundary = alice["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == "arn:aws:iam::aws:policy/PowerUserAccess"


def test_groups_roles_and_policies_have_theirs(filled: AccountBuilder) -> None:
    """Empty lists present, documents decoded, use as a boundary counted."""
    answer = details(filled)
    empty = next(group for group in answer["GroupDetailList"] if group["GroupName"] == "empty")
    assert (empty["GroupPolicyList"], empty["AttachedManagedPolicies"]) == ([], [])
    (role,) = answer["RoleDetailList"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert role["RoleLastUsed"]["LastUsedDate"] == filled.ago(days=1)
    assert (role["InstanceProfileList"], role["RolePolicyList"], role["Tags"]) == ([], [], [])
    policies = {policy["PolicyName"]: policy for policy in answer["Policies"]}
    assert policies["PowerUserAccess"]["PermissionsBoundaryUsageCount"] == 1
    assert policies["narrow"]["AttachmentCount"] == 0
    assert policies["narrow"]["PolicyVersionList"][0]["Document"] == ALLOW


def test_aws_policies_show_only_when_used(filled: AccountBuilder) -> None:
    """Attached or a boundary, yes; merely known, no."""
    shown = {policy["PolicyName"] for policy in details(filled)["Policies"]}
    assert shown == {"narrow", "ReadOnlyAccess", "PowerUserAccess"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["User"], (2, 0, 0, 0)),
        (["Role"], (0, 1, 0, 0)),
        (["Group"], (0, 0, 2, 0)),
        (["LocalManagedPolicy"], (0, 0, 0, 1)),
        (["AWSManagedPolicy"], (0, 0, 0, 2)),
        (["User", "LocalManagedPolicy"], (2, 0, 0, 1)),
        ([], (2, 1, 2, 3)),
    ],
    ids=lambda value: "+".join(value) or "everything" if isinstance(value, list) else "",
)
def test_filter(filled: AccountBuilder, wanted: list[str], expected: tuple[int, ...]) -> None:
    """Only what is asked for; without a filter everything."""
    answer = details(filled, **({"Filter": wanted} if wanted else {}))
    assert tuple(len(answer[name]) for name in LISTS) == expected


def test_pages_share_one_budget_in_aws_order(filled: AccountBuilder) -> None:
    """Three to a page: users and role, groups and policy, policies."""
    pages = []
    params: dict[str, Any] = {"MaxItems": 3}
    while True:
        answer = details(filled, **params)
        pages.append(tuple(len(answer[name]) for name in LISTS))
        assert answer["IsTruncated"] is ("Marker" in answer)
        if not answer["IsTruncated"]:
            break
        params["Marker"] = answer["Marker"]
    assert pages == [(2, 1, 0, 0), (0, 0, 2, 1), (0, 0, 0, 2)]


def test_botos_paginator_reads_all(filled: AccountBuilder) -> None:
    """The stock paginator gets every entity exactly once."""
    pages = filled.client().get_paginator("get_account_authorization_details")
    names = [
        user["UserName"]
        for answer in pages.paginate(PaginationConfig={"PageSize": 1})
        for user in answer["UserDetailList"]
    ]
    assert names == ["alice", "bob"]


def test_default_page_holds_100(account: AccountBuilder) -> None:
    """Without MaxItems a page has 100."""
    for number in range(101):
        account.user(f"user-{number}")
    answer = details(account)
    assert (len(answer["UserDetailList"]), answer["IsTruncated"]) == (100, True)


def test_marker_is_bound_to_its_filter(filled: AccountBuilder) -> None:
    """A marker of one filter is no good with another."""
    marker = details(filled, Filter=["User"], MaxItems=1)["Marker"]
    with refused("ValidationError", status=400, saying="Marker and Filter do not match"):
        details(filled, Filter=["Role"], Marker=marker)


def test_unknown_filter_is_refused(filled: AccountBuilder) -> None:
    """moto takes any word; AWS names the ones there are."""
    with refused("ValidationError", status=400, saying="LocalManagedPolicy"):
        details(filled, Filter=["Users"])
