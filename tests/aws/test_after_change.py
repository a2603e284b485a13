"""Refused calls of one user, told from those of others, and why AWS refused them."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from moto.cloudtrail.models import cloudtrail_backends

from bot.aws.after_change import Denial, Reason, denials_of, key_state, regions_of, users_reached
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError
from bot.aws.sessions import connect
from bot.aws.simulated.event_history import EventHistory
from bot.aws.simulated.server import SimulatedAccount, start
from tests.conftest import NOON

HOUR = timedelta(hours=1)
SINCE = NOON - HOUR


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    with start(users=0, now=NOON) as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        for name in ("carol", "dave"):
            served.account.user(name)
        yield served


@pytest.fixture
def connection(cloud: SimulatedAccount) -> Iterator[AwsConnection]:
    with connect(read_attempts=1) as connected:
        yield connected


def carols(cloud: SimulatedAccount) -> str:
    return str(cloud.client().get_user(UserName="carol")["User"]["UserId"])


def found(connection: AwsConnection, user_id: str, since: datetime = SINCE) -> tuple[Denial, ...]:
    return denials_of(connection, "carol", user_id, since, "us-east-1").found


def test_refused_calls_of_one_user_since_a_moment(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    cloud.account.refused("s3:ListAllMyBuckets", "carol")
    cloud.account.refused("s3:ListAllMyBuckets", "carol", at=NOON - 2 * HOUR)
    cloud.account.refused("s3:ListAllMyBuckets", "carol", region="eu-west-1")
    cloud.account.refused("s3:ListAllMyBuckets", "dave")
    cloud.account.made_by(cloud.account.iam.get_user("carol").arn, user="dave")

    (denial,) = found(connection, carols(cloud))

    assert (denial.action, denial.at, denial.region) == ("s3:ListAllMyBuckets", NOON, "us-east-1")


def test_a_namesake_with_another_id_is_someone_else(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    cloud.account.refused("s3:ListAllMyBuckets", "carol")
    assert found(connection, "AIDAEARLIERCAROL") == ()
    assert len(found(connection, "")) == 1


def test_a_session_of_a_role_that_is_called_like_the_user_is_someone_else(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    cloud.account.refused("s3:ListAllMyBuckets", "carol")
    history = cloudtrail_backends[cloud.account_id]["us-east-1"]
    assert isinstance(history, EventHistory)
    (event,) = history.events
    record = json.loads(event["CloudTrailEvent"])
    record["userIdentity"] |= {"type": "AssumedRole", "principalId": "AROA1:carol"}
    event["CloudTrailEvent"] = json.dumps(record)

    assert found(connection, "") == ()


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("with an explicit deny in an identity-based policy", Reason.EXPLICIT),
        ("because no identity-based policy allows the s3:X action", Reason.IMPLICIT),
        ("with an explicit deny in a service control policy", Reason.OTHER),
        ("because no session policy allows the s3:X action", Reason.OTHER),
        ("", Reason.UNTOLD),
    ],
)
def test_why(cloud: SimulatedAccount, connection: AwsConnection, why: str, reason: Reason) -> None:
    cloud.account.refused("s3:X", "carol", why=why)
    assert [each.reason for each in found(connection, carols(cloud))] == [reason]


def test_too_many_events_are_not_all_read_and_that_is_told(
    cloud: SimulatedAccount, connection: AwsConnection
) -> None:
    for second in range(101):
        cloud.account.refused("s3:X", "carol", at=NOON - timedelta(seconds=second))

    def seen(most_pages: int) -> tuple[bool, int]:
        found = denials_of(
            connection, "carol", carols(cloud), SINCE, "us-east-1", most_pages=most_pages
        )
        return found.whole, len(found.found)

    assert seen(2) == (False, 100)
    assert seen(3) == (True, 101)


def test_what_may_not_be_read_raises(cloud: SimulatedAccount, connection: AwsConnection) -> None:
    cloud.fault("cloudtrail:LookupEvents", "error:AccessDenied")
    with pytest.raises(ReadFailedError, match="AccessDenied"):
        found(connection, carols(cloud))


def test_where_events_are_looked_up(connection: AwsConnection) -> None:
    assert regions_of(connection, ("eu-west-1",))[0] == "us-east-1"
    assert regions_of(connection, ("us-east-1", "eu-west-1")).count("us-east-1") == 1


def test_a_key_as_it_is_now(cloud: SimulatedAccount, connection: AwsConnection) -> None:
    key = cloud.account.key("carol", last_used=NOON, service="s3", status="Inactive")
    state = key_state(connection, "carol", key)
    assert (state.status, state.last_used, state.service) == ("Inactive", NOON, "s3")
    assert key_state(connection, "carol", "AKIAGONE").status is None


def test_whom_a_policy_reaches(cloud: SimulatedAccount, connection: AwsConnection) -> None:
    account = cloud.account
    policy = account.policy("all", {"Version": "2012-10-17", "Statement": []})
    account.group("ops", members=["dave"], attached=[policy])
    account.attach(policy, user="carol")
    account.role("app", attached=[policy])

    held = users_reached(connection, policy=policy)

    assert (sorted(held.users), held.roles) == (["carol", "dave"], 1)
    assert sorted(users_reached(connection, group="ops").users) == ["dave"]
