"""Reports on last use, of whatever can be asked about, by service and by action."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.company import document, statement
from tests.aws.simulated.conftest import NOW

LATE, EARLY = NOW - timedelta(days=2), NOW - timedelta(days=20)


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    """Ann and Ben get SQS and S3 from their group, and a role has the same policy."""
    with mock_account(NOW) as account:
        may = document(statement("Allow", ["sqs:*", "s3:GetBucketAcl"], "*"))
        policy = account.policy("queues", may)
        account.group("readers", attached=[policy])
        for name, at in (("ann", EARLY), ("ben", LATE)):
            account.user(name, groups=["readers"])
            account.use_action(name, "sqs:ListQueues", at=at)
        account.role("mover", attached=[policy])
        yield account


def report(account: AccountBuilder, arn: str, **asked: str) -> dict[str, Any]:
    """What AWS says of each service."""
    iam = account.client()
    job = iam.generate_service_last_accessed_details(Arn=arn, **asked)["JobId"]
    answer = iam.get_service_last_accessed_details(JobId=job)
    assert answer["JobStatus"] == "COMPLETED"
    return {each["ServiceNamespace"]: each for each in answer["ServicesLastAccessed"]}


@pytest.mark.parametrize(
    ("about", "used", "number"),
    [
        ("user/ann", EARLY, 1),
        ("group/readers", LATE, 2),
        ("policy/queues", LATE, 2),
        ("role/mover", None, 0),
    ],
)
def test_of_whatever_can_be_asked_about(
    account: AccountBuilder, about: str, used: Any, number: int
) -> None:
    said = report(account, f"arn:aws:iam::{account.account_id}:{about}")

    assert said.keys() == {"sqs", "s3"}
    assert said["sqs"].get("LastAuthenticated") == used
    assert said["sqs"]["TotalAuthenticatedEntities"] == number
    assert "LastAuthenticated" not in said["s3"]


def test_down_to_actions(account: AccountBuilder) -> None:
    """Those that AWS tracks, and none of a service that was never used."""
    arn = f"arn:aws:iam::{account.account_id}:policy/queues"
    said = report(account, arn, Granularity="ACTION_LEVEL")

    tracked = {each["ActionName"]: each for each in said["sqs"]["TrackedActionsLastAccessed"]}
    assert tracked["ListQueues"]["LastAccessedTime"] == LATE
    assert "LastAccessedTime" not in tracked["PurgeQueue"]
    assert "SendMessage" not in tracked
    assert "TrackedActionsLastAccessed" not in said["s3"]


def test_not_before_it_is_through(account: AccountBuilder) -> None:
    account.iam.access_polls = 1
    iam = account.client()
    arn = f"arn:aws:iam::{account.account_id}:user/ann"
    job = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    first, second = (iam.get_service_last_accessed_details(JobId=job) for _ in range(2))

    assert (first["JobStatus"], second["JobStatus"]) == ("IN_PROGRESS", "COMPLETED")
    assert "ServicesLastAccessed" not in first
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.generate_service_last_accessed_details(Arn=f"{arn}-2")
