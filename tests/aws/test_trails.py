"""Trails with their state and what they record, from every shape of event selector."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError
from bot.aws.simulated import AccountBuilder
from bot.aws.trails import management_events, read_trails

BASIC = {"ReadWriteType": "All", "IncludeManagementEvents": True}


def _advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, *fields]}


READS = _advanced({"Field": "readOnly", "Equals": ["true"]})
WRITES = _advanced({"Field": "readOnly", "Equals": ["false"]})
DATA = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}
NARROW = _advanced({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]})


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        ({}, None),
        ({"EventSelectors": [BASIC]}, "All"),
        ({"EventSelectors": [{**BASIC, "ReadWriteType": "ReadOnly"}]}, "ReadOnly"),
        ({"EventSelectors": [{**BASIC, "ReadWriteType": "WriteOnly"}]}, "WriteOnly"),
        ({"EventSelectors": [{**BASIC, "IncludeManagementEvents": False}]}, None),
        (
            {"EventSelectors": [{**BASIC, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
            None,
        ),
        ({"EventSelectors": [{**BASIC, "ExcludeManagementEventSources": []}]}, "All"),
        ({"AdvancedEventSelectors": [_advanced()]}, "All"),
        ({"AdvancedEventSelectors": [READS]}, "ReadOnly"),
        ({"AdvancedEventSelectors": [WRITES]}, "WriteOnly"),
        ({"AdvancedEventSelectors": [READS, WRITES]}, "All"),
        ({"AdvancedEventSelectors": [READS, _advanced()]}, "All"),
        ({"AdvancedEventSelectors": [DATA]}, None),
        ({"AdvancedEventSelectors": [DATA, WRITES]}, "WriteOnly"),
        ({"AdvancedEventSelectors": [NARROW]}, None),
        ({"AdvancedEventSelectors": [NARROW, READS]}, "ReadOnly"),
    ],
    ids=str,
)
def test_which_management_events_are_recorded(
    selectors: dict[str, Any], recorded: str | None
) -> None:
    assert management_events(selectors) == recorded


def test_an_account_without_trails(connection: AwsConnection) -> None:
    assert read_trails(connection) == ()


def test_a_trail_at_home(connection: AwsConnection, account: AccountBuilder) -> None:
    account.trail("main", multi_region=True, validation=True)
    (trail,) = read_trails(connection)
    assert (trail.name, trail.home_region) == ("main", "us-east-1")
    assert (trail.multi_region, trail.validation, trail.logging) == (True, True, True)
    assert trail.management_events == "All"
    assert connection.calls["cloudtrail:DescribeTrails"] == 1


def test_a_trail_that_stopped_logging(connection: AwsConnection, account: AccountBuilder) -> None:
    account.trail("main", logging=False)
    (trail,) = read_trails(connection)
    assert trail.logging is False


def test_a_shadow_is_asked_about_in_its_home_region(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    account.trail("elsewhere", multi_region=True, region="eu-west-1")
    asked: list[str] = []
    events = connection.reader("cloudtrail", "eu-west-1").meta.events
    events.register("before-send.cloudtrail", lambda request, **_: asked.append(request.url))
    (trail,) = read_trails(connection)
    assert trail.home_region == "eu-west-1"
    assert len(asked) == 2
    assert all("eu-west-1" in url for url in asked)


def test_a_trail_that_vanished_meanwhile_is_left_out(
    connection: AwsConnection, account: AccountBuilder, refuse: Callable[..., list[int]]
) -> None:
    account.trail("main")
    refuse("cloudtrail", "GetTrailStatus", "TrailNotFoundException", "Unknown trail", status=400)
    assert read_trails(connection) == ()


def test_a_trail_that_may_not_be_looked_at_is_an_error(
    connection: AwsConnection, account: AccountBuilder, refuse: Callable[..., list[int]]
) -> None:
    account.trail("main")
    refuse("cloudtrail", "GetEventSelectors", "AccessDeniedException", "no", status=400)
    with pytest.raises(ReadFailedError) as caught:
        read_trails(connection)
    assert caught.value.grant == "cloudtrail:GetEventSelectors"
