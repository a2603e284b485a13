"""What stands in each Region, and what is said of a Region that can't be read."""

from collections.abc import Callable
from datetime import datetime

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.opt_in_parts import OPT_IN
from bot.aws.reading import ReadFailedError
from bot.aws.regional import Regions, enabled_regions, in_each, read_analyzers, read_recorders
from bot.aws.simulated import AccountBuilder
from bot.model import IAM_TYPES, Part, Protection


def test_only_enabled_regions(connection: AwsConnection, account: AccountBuilder) -> None:
    account.regions("us-west-2", "eu-north-1")
    assert enabled_regions(connection) == ("eu-north-1", "us-west-2")


def test_analyzers_by_region(connection: AwsConnection, account: AccountBuilder) -> None:
    account.analyzer("one", region="eu-west-1")
    seen, unread = read_analyzers(connection, lambda: ("eu-west-1", "us-east-1"))
    assert unread is None
    assert [(region, len(found)) for region, found in seen.items()] == [
        ("eu-west-1", 1),
        ("us-east-1", 0),
    ]
    assert seen["eu-west-1"][0].kind == "ACCOUNT"
    assert connection.calls["accessanalyzer:ListAnalyzers"] == 2


def test_what_is_asked_of_regions_is_asked_once(
    connection: AwsConnection, account: AccountBuilder
) -> None:
    account.regions("us-west-2", "eu-north-1")
    regions = Regions(connection)
    assert regions() == regions() == ("eu-north-1", "us-west-2")
    assert regions.once(read_analyzers) is regions.once(read_analyzers)
    assert connection.calls["ec2:DescribeRegions"] == 1
    assert connection.calls["accessanalyzer:ListAnalyzers"] == 2


def test_what_could_not_be_asked_is_asked_again(
    connection: AwsConnection, account: AccountBuilder, refuse: Callable[..., list[int]]
) -> None:
    sent = refuse("ec2", "DescribeRegions", "UnauthorizedOperation", "no", status=403)
    regions = Regions(connection)
    for _ in range(2):
        with pytest.raises(ReadFailedError):
            regions.once(read_analyzers)
    assert len(sent) == 2


BY_REGION = {
    Part.REGIONAL_TRAILS,
    Part.TRAIL_BUCKETS,
    Part.ANALYZERS,
    Part.CONFIG_RECORDERS,
    Part.INSTANCES,
    Part.LAUNCH_TEMPLATES,
    Part.USER_DATA,
    Part.FUNCTION_ENVIRONMENTS,
    Part.QUEUE_AND_TOPIC_POLICIES,
    Part.UNUSED_ACCESS,
}
#: The calls that each part of each Region takes, besides the one that names the Regions.
CALLS_OF = {
    Part.REGIONAL_TRAILS: {"cloudtrail:DescribeTrails"},  # and two for each that there is
    Part.ANALYZERS: {"accessanalyzer:ListAnalyzers"},
    Part.CONFIG_RECORDERS: {
        "config:DescribeConfigurationRecorders",
        "config:DescribeConfigurationRecorderStatus",
        "config:DescribeDeliveryChannels",
    },
    Part.BUCKETS: {"s3:ListBuckets", "s3:GetBucketLocation", "s3:GetBucketLogging"},
    Part.DISTRIBUTIONS: {"cloudfront:ListDistributions"},  # and more for each that there is
    Part.INSTANCES: {"ec2:DescribeInstances"},
    Part.LAUNCH_TEMPLATES: {"ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"},
    Part.USER_DATA: {"ec2:DescribeInstances"},  # and one more for each instance
    Part.FUNCTION_ENVIRONMENTS: {"lambda:ListFunctions"},
    Part.ALARMS: {"cloudtrail:DescribeTrails"},  # and more where a trail has a log group
    Part.BUCKET_POLICIES: {"s3:ListBuckets", "s3:GetBucketLocation", "s3:GetBucketPolicy"},
    Part.QUEUE_AND_TOPIC_POLICIES: {"sqs:ListQueues", "sns:ListTopics"},  # and one for each
    Part.PUBLIC_BUCKETS: {
        "s3:ListBuckets",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketAcl",
    },
    Part.TRAIL_BUCKETS: {
        "cloudtrail:DescribeTrails",
        "s3:ListBuckets",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketAcl",
    },
    Part.UNUSED_ACCESS: {"accessanalyzer:ListAnalyzers"},
}


@pytest.mark.parametrize("part", sorted(OPT_IN))
def test_only_what_is_needed_is_read(
    account: AccountBuilder, connection: AwsConnection, now: datetime, part: Part
) -> None:
    account.trail("main")
    account.config_recorder()
    snapshot = take_snapshot(
        connection,
        frozenset({part}),
        clock=lambda: now,
        protection=Protection(),
        progress=lambda _: None,
    )
    assert set(snapshot.parts) == {part}
    calls = set(connection.calls) - {"sts:GetCallerIdentity"}
    assert calls == CALLS_OF[part] | ({"ec2:DescribeRegions"} if part in BY_REGION else set())


def test_a_recorder_as_it_is(connection: AwsConnection, account: AccountBuilder) -> None:
    account.config_recorder(status="Failure")
    seen, unread = read_recorders(connection, lambda: ("eu-west-1", "us-east-1"))
    assert unread is None
    assert seen["eu-west-1"] is None
    recorder = seen["us-east-1"]
    assert (recorder.name, recorder.recording, recorder.failed) == ("default", True, True)
    assert (recorder.channel, recorder.bucket) == ("default", "config-files")
    assert recorder.iam_types == frozenset(IAM_TYPES)


def _refused(region: str) -> str:
    if region == "eu-south-1":
        raise ReadFailedError("x:ListX", "AccessDenied", "no", "x:ListX")
    return region.upper()


def test_a_region_that_refuses_hides_no_other() -> None:
    seen, unread = in_each(Part.ANALYZERS, ("eu-south-1", "us-east-1"), _refused)
    assert seen == {"us-east-1": "US-EAST-1"}
    assert unread is not None
    assert (unread.part, unread.grant) == (Part.ANALYZERS, "x:ListX")
    assert "eu-south-1" in unread.error


def test_where_every_region_refuses_nothing_was_read() -> None:
    with pytest.raises(ReadFailedError):
        in_each(Part.ANALYZERS, ("eu-south-1",), _refused)
