"""Attachments repeat without harm and have limits; users have boundaries."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from tests.aws.simulated.documents import ALLOW, AWS, LOCAL
from tests.aws.simulated.refusals import refused

PRINCIPALS = [("user", "UserName"), ("group", "GroupName"), ("role", "RoleName")]


def call(account: AccountBuilder, verb: str, kind: str, field: str, arn: str) -> None:
    getattr(account.client(), f"{verb}_{kind}_policy")(**{field: "it"}, PolicyArn=arn)


def attached(account: AccountBuilder, arn: str) -> int:
    count: int = account.client().get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"]
    return count


@pytest.mark.parametrize(("kind", "field"), PRINCIPALS)
def test_attaching_again_changes_nothing(account: AccountBuilder, kind: str, field: str) -> None:
    """The count stays, and one detach undoes it; a second detach finds nothing."""
    getattr(account, kind)("it")
    arn = account.policy("p", ALLOW)
    call(account, "attach", kind, field, arn)
    call(account, "attach", kind, field, arn)
    assert attached(account, arn) == 1
    call(account, "detach", kind, field, arn)
    assert attached(account, arn) == 0
    with refused("NoSuchEntity", status=404):
        call(account, "detach", kind, field, arn)


@pytest.mark.parametrize(
    ("kind", "field", "limit"), [(*PRINCIPALS[0], 10), (*PRINCIPALS[1], 10), (*PRINCIPALS[2], 20)]
)
def test_attachments_are_limited(
    account: AccountBuilder, kind: str, field: str, limit: int
) -> None:
    """The one beyond the quota is refused, the one at it is not."""
    getattr(account, kind)("it")
    for number in range(limit - 1):
        account.attach(account.policy(f"p{number}", ALLOW), **{kind: "it"})
    call(account, "attach", kind, field, account.policy("last", ALLOW))
    with refused("LimitExceeded", status=409, saying=f": {limit}"):
        call(account, "attach", kind, field, account.policy("more", ALLOW))
    call(account, "attach", kind, field, f"{LOCAL}p0")


def test_any_aws_policy_can_be_attached_by_arn(account: AccountBuilder) -> None:
    """Its text comes from the bundled copy when it is first needed."""
    account.user("it")
    arn = f"{AWS}job-function/ViewOnlyAccess"
    call(account, "attach", "user", "UserName", arn)
    iam = account.client()
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])
    assert version["PolicyVersion"]["Document"]["Statement"]


@pytest.mark.parametrize(
    "arn",
    [f"{AWS}NoSuchPolicy", f"{AWS}ViewOnlyAccess", f"{LOCAL}missing"],
    ids=["unknown", "wrong path", "customer"],
)
def test_missing_policy_is_refused(account: AccountBuilder, arn: str) -> None:
    """A name AWS doesn't have, AWS's name at another path, a customer policy that isn't there."""
    account.user("it")
    with refused("NoSuchEntity", status=404, saying="does not exist or is not attachable"):
        call(account, "attach", "user", "UserName", arn)


def test_policy_of_a_service_linked_role_is_not_attachable(account: AccountBuilder) -> None:
    """It belongs to the role that the service made."""
    account.user("it")
    with refused("PolicyNotAttachable", status=400):
        call(
            account,
            "attach",
            "user",
            "UserName",
            f"{AWS}aws-service-role/AWSTrustedAdvisorServiceRolePolicy",
        )


@pytest.mark.parametrize(("kind", "field"), [PRINCIPALS[0], PRINCIPALS[2]])
def test_boundaries_come_and_go(account: AccountBuilder, kind: str, field: str) -> None:
    """Put, replace, delete; deleting again finds none."""
    getattr(account, kind)("it")
    iam = account.client()
    put = getattr(iam, f"put_{kind}_permissions_boundary")
    delete = getattr(iam, f"delete_{kind}_permissions_boundary")

    def boundary() -> Any:
        entity = getattr(iam, f"get_{kind}")(**{field: "it"})[kind.capitalize()]
        return entity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")

    for arn in (f"{AWS}PowerUserAccess", account.policy("p", ALLOW)):
        put(**{field: "it"}, PermissionsBoundary=arn)
        assert boundary() == arn
    delete(**{field: "it"})
    assert boundary() is None
    with refused("NoSuchEntity", status=404):
        delete(**{field: "it"})
    with refused("NoSuchEntity", status=404):
        put(**{field: "it"}, PermissionsBoundary=f"{LOCAL}missing")


def test_create_user_takes_a_boundary(account: AccountBuilder) -> None:
    """And leaves no user behind when the boundary isn't there."""
    iam = account.client()
    created = iam.create_user(UserName="alice", PermissionsBoundary=f"{AWS}ReadOnlyAccess")
    boundary = created["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    assert boundary == f"{AWS}ReadOnlyAccess"
    with refused("NoSuchEntity", status=404):
        iam.create_user(UserName="bob", PermissionsBoundary=f"{LOCAL}missing")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["alice"]


def test_get_policy_counts_boundaries(account: AccountBuilder) -> None:
    """PermissionsBoundaryUsageCount is kept apart from AttachmentCount."""
    arn = account.policy("p", ALLOW)
    account.user("alice", boundary=arn)
    policy = account.client().get_policy(PolicyArn=arn)["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (0, 1)
