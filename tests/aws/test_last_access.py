"""Last-accessed reports are read for all or for none, within the budget."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.last_access import orders_report, read_last_access, read_report
from bot.aws.reading import ReadFailedError, iso
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Call, Json, LastAccess
from tests.conftest import NOON
from tests.remediations.acting import snapshot_of
from tests.remediations.groups.moving import allow


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """Two users in a group for SQS and S3."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        builder.group("queues")
        builder.inline("sqs", allow(["sqs:*", "s3:GetObject"]), group="queues")
        for name in ("ann", "bob"):
            builder.user(name, groups=["queues"])
        yield builder


def _read(account: AccountBuilder, budget: int, waits: list[float] | None = None) -> LastAccess:
    with connect(read_attempts=1) as connection:
        return read_last_access(
            connection,
            snapshot_of(account).users,
            budget=budget,
            now=account.now,
            pause=(waits if waits is not None else []).append,
        )


def test_services_and_joins_are_read(account: AccountBuilder) -> None:
    """Known and never used, by service; the last of several joins."""
    yesterday = account.ago(days=1)
    account.use_service("ann", "sqs", at=yesterday)
    for days in (9, 3):
        account.added("bob", "queues", at=account.ago(days=days))
    ids = {user.name: user.id for user in snapshot_of(account).users}

    seen = _read(account, 5)

    assert seen.services[ids["ann"]] == {"sqs": yesterday, "s3": None}
    assert seen.services[ids["bob"]] == {"sqs": None, "s3": None}
    assert seen.joined == {("bob", "queues"): account.ago(days=3)}


def test_too_small_a_budget_asks_nothing(account: AccountBuilder) -> None:
    """What would be half read is not begun."""
    with pytest.raises(ReadFailedError, match=r"2 users take 5 calls or more") as caught:
        _read(account, 4)
    assert caught.value.code == "OverBudget"
    assert not account.iam.access_jobs


def test_jobs_that_take_a_while_are_waited_for(account: AccountBuilder) -> None:
    """Longer each time, and within the budget still."""
    account.iam.access_polls = 2
    waits: list[float] = []
    assert len(_read(account, 100, waits).services) == 2
    assert waits == [1.0, 2.0, 1.0, 2.0]
    account.iam.access_polls = 100
    with pytest.raises(ReadFailedError, match=r"longer than inventory\.last_access_budget"):
        _read(account, 20)


def _report(account: AccountBuilder, arn: str, **more: Json) -> dict[str, Json] | None:
    order = Call("iam", "GenerateServiceLastAccessedDetails", {"Arn": arn, **more})
    assert orders_report(order)
    with connect(read_attempts=1) as connection:
        return read_report(connection, order, pause=lambda _: None)


def test_one_report_just_before_a_change(account: AccountBuilder) -> None:
    """Of the moment when it is ordered, and down to actions where that is asked for."""
    yesterday = account.ago(days=1)
    account.use_action("ann", "sqs:ListQueues", at=yesterday)
    arn = snapshot_of(account).users[0].arn
    account.iam.access_polls = 3
    seen: Any = _report(account, arn)
    assert seen["JobCompletionDate"] == iso(account.now)
    assert {
        each["ServiceNamespace"]: each.get("LastAuthenticated")
        for each in [*seen["ServicesLastAccessed"]]
    } == {"sqs": iso(yesterday), "s3": None}
    assert "TrackedActionsLastAccessed" not in str(seen)
    seen = _report(account, arn, Granularity="ACTION_LEVEL")
    tracked = {
        action["ActionName"]: action.get("LastAccessedTime")
        for each in seen["ServicesLastAccessed"]
        for action in each.get("TrackedActionsLastAccessed", ())
    }
    assert tracked["ListQueues"] == iso(yesterday)
    assert tracked["PurgeQueue"] is None


def test_one_report_that_can_not_be_had(
    account: AccountBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone is told apart from unread: nothing of that name, too slow, or lost by AWS."""
    assert _report(account, "arn:aws:iam::123456789012:user/nobody") is None
    arn = snapshot_of(account).users[0].arn
    account.iam.access_polls = 1000
    with pytest.raises(ReadFailedError, match="takes too long over the report"):
        _report(account, arn)
    account.iam.access_polls = 0
    monkeypatch.setattr(account.iam, "access_jobs", Forgetful())
    with pytest.raises(ReadFailedError, match=r"has no report of .*, though it was ordered"):
        _report(account, arn)


class Forgetful(dict[str, Any]):
    """Keeps nothing."""

    def __setitem__(self, key: str, value: Any) -> None:
        pass


def test_who_is_gone_is_left_out(account: AccountBuilder) -> None:
    """Deleted between the census and the report."""
    users = snapshot_of(account).users
    ghost = users[0]
    account.iam.groups["queues"].users.clear()
    del account.iam.users[ghost.name]
    with connect(read_attempts=1) as connection:
        seen = read_last_access(
            connection, users, budget=9, now=account.now + timedelta(), pause=lambda _: None
        )
    assert set(seen.services) == {users[1].id}
