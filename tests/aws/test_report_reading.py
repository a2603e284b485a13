"""Getting the credential report: asked for once, waited for a bounded time, its age kept."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError
from bot.aws.report_reading import WAITS, ReportRequest
from bot.aws.simulated import AccountBuilder


@pytest.fixture
def pauses() -> list[float]:
    """How long was waited, without waiting."""
    return []


def _said(_: str) -> None:
    """Nobody listens."""


def test_a_report_that_is_ready_is_taken_at_once(
    connection: AwsConnection, pauses: list[float], now: datetime
) -> None:
    text, generated = ReportRequest(connection).fetch(pauses.append, _said)
    assert text.startswith("user,arn,")
    assert generated == now
    assert pauses == []
    assert connection.calls["iam:GenerateCredentialReport"] == 1
    assert connection.calls["iam:GetCredentialReport"] == 1


def test_an_older_report_keeps_its_age(
    connection: AwsConnection, account: AccountBuilder, pauses: list[float], now: datetime
) -> None:
    ReportRequest(connection)
    account.advance(hours=3)
    _, generated = ReportRequest(connection).fetch(pauses.append, _said)
    assert generated == now


def test_a_report_in_progress_is_waited_for(
    connection: AwsConnection, refuse: Callable[..., list[int]], pauses: list[float]
) -> None:
    said: list[str] = []
    refuse("iam", "GetCredentialReport", "ReportInProgress", "wait", status=404, times=3)
    text, _ = ReportRequest(connection).fetch(pauses.append, said.append)
    assert text
    assert pauses == list(WAITS[:3])
    assert len(said) == 3
    assert connection.calls["iam:GenerateCredentialReport"] == 1


def test_a_report_that_never_comes_is_given_up(
    connection: AwsConnection, refuse: Callable[..., list[int]], pauses: list[float]
) -> None:
    refuse("iam", "GetCredentialReport", "ReportInProgress", "wait", status=404)
    with pytest.raises(ReadFailedError, match="had not written the report"):
        ReportRequest(connection).fetch(pauses.append, _said)
    assert pauses == list(WAITS)
    assert sum(pauses) <= timedelta(minutes=2).total_seconds()


@pytest.mark.parametrize("code", ["ReportNotPresent", "ReportExpired"])
def test_a_report_that_is_gone_is_asked_for_again(
    connection: AwsConnection, refuse: Callable[..., list[int]], pauses: list[float], code: str
) -> None:
    refuse("iam", "GetCredentialReport", code, "gone", status=410, times=1)
    ReportRequest(connection).fetch(pauses.append, _said)
    assert connection.calls["iam:GenerateCredentialReport"] == 2
    assert pauses == [WAITS[0]]


def test_where_a_new_one_is_refused_an_older_one_will_do(
    connection: AwsConnection, refuse: Callable[..., list[int]], pauses: list[float]
) -> None:
    ReportRequest(connection)
    refuse("iam", "GenerateCredentialReport", "LimitExceeded", "too often", status=409)
    text, _ = ReportRequest(connection).fetch(pauses.append, _said)
    assert text


def test_where_there_is_none_the_first_refusal_is_named(
    connection: AwsConnection,
    account: AccountBuilder,
    refuse: Callable[..., list[int]],
    pauses: list[float],
) -> None:
    refuse("iam", "GenerateCredentialReport")
    request = ReportRequest(connection)
    # The simulated account behind the refusal has written one all the same.
    account.forget_report()
    with pytest.raises(ReadFailedError) as caught:
        request.fetch(pauses.append, _said)
    assert caught.value.grant == "iam:GenerateCredentialReport"
    assert pauses == []


def test_a_refused_report_is_not_waited_for(
    connection: AwsConnection, refuse: Callable[..., list[int]], pauses: list[float]
) -> None:
    refuse("iam", "GetCredentialReport")
    with pytest.raises(ReadFailedError) as caught:
        ReportRequest(connection).fetch(pauses.append, _said)
    assert caught.value.grant == "iam:GetCredentialReport"
    assert pauses == []
