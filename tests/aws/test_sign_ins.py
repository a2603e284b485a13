"""Sign-ins by user, of every Region where AWS keeps them, and how far back they are known."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from moto.cloudtrail.models import cloudtrail_backends

from bot.aws.connection import AwsConnection
from bot.aws.sign_ins import KEPT, read_sign_ins
from bot.aws.simulated import AccountBuilder
from bot.aws.simulated.event_history import EventHistory
from bot.model import SignIn

HOME, OFFICE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def carol(account: AccountBuilder) -> str:
    """The unique id of a user who has signed in twice, in two Regions."""
    account.user("carol", created=account.ago(days=300))
    account.signed_in("carol", OFFICE, at=account.ago(days=1))
    account.signed_in("carol", HOME, at=account.ago(days=9), region="eu-north-1")
    return str(account.iam.get_user("carol").id)


def test_they_are_by_user_and_oldest_first(
    carol: str, account: AccountBuilder, connection: AwsConnection, now: datetime
) -> None:
    found = read_sign_ins(connection, now)
    assert found.by_user == {
        carol: (SignIn(account.ago(days=9), HOME), SignIn(account.ago(days=1), OFFICE))
    }
    assert found.since == now - KEPT
    assert found.unread == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("responseElements", {"ConsoleLogin": "Failure"}),
        ("responseElements", None),
        ("userIdentity", {"type": "Root", "principalId": "123456789012"}),
        ("userIdentity", {"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
        ("userIdentity", None),
        ("eventTime", "yesterday"),
        (None, None),
    ],
)
def test_others_are_left_out(
    carol: str,
    account: AccountBuilder,
    connection: AwsConnection,
    now: datetime,
    field: str | None,
    value: object,
) -> None:
    """Failed ones, root's, those of users that don't exist, and what can't be read."""
    history = cloudtrail_backends[account.account_id]["us-east-1"]
    assert isinstance(history, EventHistory)
    (event,) = history.events
    record = {**json.loads(event["CloudTrailEvent"]), **({field: value} if field else {})}
    event["CloudTrailEvent"] = json.dumps(record) if field else "{"
    assert [one.address for one in read_sign_ins(connection, now).by_user[carol]] == [HOME]


@pytest.mark.parametrize(("events", "pages"), [(50, 1), (51, 1), (101, 2)])
def test_too_many_are_not_read_and_that_is_said(
    account: AccountBuilder, connection: AwsConnection, now: datetime, events: int, pages: int
) -> None:
    """What is older than the pages that were read isn't known; at the limit all of it is."""
    account.user("carol", created=account.ago(days=300))
    for number in range(events):
        account.signed_in("carol", HOME, at=account.ago(hours=number))
    found = read_sign_ins(connection, now, most_pages=pages)
    known = sum(len(each) for each in found.by_user.values())
    assert known == min(events, pages * 50)
    whole = known == events
    assert found.since == (now - KEPT if whole else now - timedelta(hours=known - 1))


def test_a_region_that_cannot_be_read_is_named(
    carol: str,
    connection: AwsConnection,
    now: datetime,
    refuse: Callable[..., list[int]],
) -> None:
    """Organizations often forbid Regions; the others count all the same."""
    refuse("cloudtrail", "LookupEvents", "AccessDeniedException", region="us-east-1")
    found = read_sign_ins(connection, now)
    assert [one.address for one in found.by_user[carol]] == [HOME]
    assert found.unread == ("us-east-1",)


def test_the_number_of_calls_does_not_grow_with_users(
    account: AccountBuilder, connection: AwsConnection, now: datetime
) -> None:
    """Four Regions, and at most as many pages in each as asked."""
    for number in range(120):
        account.user(f"u{number}")
        account.signed_in(f"u{number}", HOME, at=account.ago(hours=number))
    before = connection.calls["cloudtrail:LookupEvents"]
    read_sign_ins(connection, now, most_pages=2)
    assert connection.calls["cloudtrail:LookupEvents"] - before <= 3 + 3
