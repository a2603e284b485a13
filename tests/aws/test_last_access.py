"""Last-accessed reports are read for all or for none, within the budget."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.aws.last_access import read_last_access
from bot.aws.reading import ReadFailedError
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import LastAccess
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
