"""Trails with their state and what they record, from every shape of event selector."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.aws.buckets import read_trail_buckets
from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError
from bot.aws.regional import Regions
from bot.aws.simulated import AccountBuilder
from bot.aws.trails import management_events, read_regional_trails, read_trails
from bot.model import Part

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


def _everywhere(account: AccountBuilder) -> None:
    account.regions("eu-west-1", "us-east-1", "us-west-2")
    account.trail("here", bucket="here-files")
    account.trail("wide", multi_region=True, region="eu-west-1", bucket="wide-files")
    account.trail("far_1.x", region="us-west-2", logging=False, bucket="far-files")


def _refuse_far(refuse: Callable[..., list[int]]) -> None:
    """Nobody may see the trails of the Region that has one of its own."""
    denied = "AccessDeniedException", "no"
    refuse("cloudtrail", "DescribeTrails", *denied, status=400, region="us-west-2")


def test_a_trail_of_one_region_is_seen_from_elsewhere(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    """Those that show here as well, at home or as shadows, are not told of twice."""
    _everywhere(account)
    found, unread = read_regional_trails(connection, Regions(connection))
    assert unread is None
    assert {region: [each.name for each in trails] for region, trails in found.items()} == {
        "eu-west-1": [],
        "us-west-2": ["far_1.x"],
    }
    (far,) = found["us-west-2"]
    assert (far.home_region, far.logging, far.bucket) == ("us-west-2", False, "far-files")
    assert {each.name for each in read_trails(connection)} == {"here", "wide"}


def test_each_other_region_is_asked_once(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    """A trail that shows everywhere is not asked about once more for each Region."""
    _everywhere(account)
    regions = Regions(connection)
    regions.once(read_regional_trails)
    buckets, _ = read_trail_buckets(connection, regions)
    assert [each.name for each in buckets] == ["far-files", "here-files", "wide-files"]
    assert connection.calls["cloudtrail:DescribeTrails"] == 2 + 1
    assert connection.calls["cloudtrail:GetTrailStatus"] == 1
    assert connection.calls["ec2:DescribeRegions"] == 1


def test_a_region_whose_trails_cannot_be_read_is_said(
    connection: AwsConnection, account: AccountBuilder, refuse: Callable[..., list[int]]
) -> None:
    _everywhere(account)
    _refuse_far(refuse)
    regions = Regions(connection)
    found, unread = read_regional_trails(connection, regions)
    assert found == {"eu-west-1": ()}
    assert unread is not None
    assert unread.error == "in us-west-2: AccessDeniedException: no"
    assert unread.grant == "cloudtrail:DescribeTrails"
    buckets, said = read_trail_buckets(connection, regions)
    assert [each.name for each in buckets] == ["here-files", "wide-files"]
    assert said == replace(unread, part=Part.TRAIL_BUCKETS)


def test_buckets_and_regions_that_cannot_be_read_are_both_said(
    connection: AwsConnection, account: AccountBuilder, refuse: Callable[..., list[int]]
) -> None:
    _everywhere(account)
    _refuse_far(refuse)
    refuse("s3", "GetBucketLocation", "AccessDenied", "neither", status=403)
    buckets, said = read_trail_buckets(connection, Regions(connection))
    assert buckets == ()
    assert said is not None
    assert said.error == (
        "of here-files, wide-files: AccessDenied: neither; in us-west-2: AccessDeniedException: no"
    )


def test_without_a_list_of_regions_the_trails_here_still_count(
    connection: AwsConnection, account: AccountBuilder, refuse: Callable[..., list[int]]
) -> None:
    account.trail("main")
    refuse("ec2", "DescribeRegions", "UnauthorizedOperation", "no", status=403)
    found, unread = read_regional_trails(connection, Regions(connection))
    assert found == {}
    assert unread is not None
    assert unread.error == "outside us-east-1: UnauthorizedOperation: no"
    assert unread.grant == "ec2:DescribeRegions"
    buckets, _ = read_trail_buckets(connection, Regions(connection))
    assert len(buckets) == 1
