"""S3 logs who uses a trail's bucket, into the bucket that the settings name."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Bucket, Manual, Part, Plan
from remediations.monitoring import trail_bucket_without_access_logging as control
from tests.remediations.acting import Acting
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.people import found, planned, seen

LOGS = "company-access-logs"
SETTINGS: dict[str, Any] = {"enabled": True, "log_bucket": LOGS}
PARTS = frozenset({Part.TRAIL_BUCKETS})


def s3_may_write(bucket: str) -> dict[str, object]:
    """The policy of a bucket for logs."""
    writer = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}}
    what = {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return {"Version": "2012-10-17", "Statement": [{**writer, **what}]}


def seed(account: AccountBuilder) -> None:
    """The healthy trail's bucket is logged, that of a second trail is not."""
    account.bucket(LOGS, policy=s3_may_write(LOGS))
    account.bucket(f"everything-{account.account_id}", logs_to=LOGS)
    account.trail("second", bucket="second-files", multi_region=True, validation=True)


def buckets(name: str = "files", **facts: Any) -> Any:
    """A snapshot with one bucket of a trail."""
    return seen(parts={Part.TRAIL_BUCKETS: (Bucket(name, "eu-west-1", **facts),)})


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        pytest.param(buckets(), True, id="not logged"),
        pytest.param(buckets(log_target="elsewhere"), False, id="logged"),
        pytest.param(buckets(LOGS), False, id="the bucket for logs itself"),
    ],
)
def test_which_buckets_are_found(snapshot: Any, expected: bool) -> None:
    assert bool(found(control, snapshot, log_bucket=LOGS)) is expected


def test_it_is_switched_on_and_off_where_the_bucket_is() -> None:
    fix = planned(control, buckets(), log_bucket=LOGS)
    assert isinstance(fix, Plan)
    (step,) = fix.steps
    assert step.do.region == "eu-west-1"
    assert step.do.params["ExpectedBucketOwner"] == "123456789012"
    assert step.undo is not None
    assert step.undo.params["BucketLoggingStatus"] == {}
    assert "2 US cents" in fix.breaks[0]
    assert "eu-west-1" in fix.summary


def test_without_a_bucket_people_choose_with_names_proposed() -> None:
    fix = planned(control, buckets())
    assert isinstance(fix, Manual)
    assert "access-logs-123456789012-eu-west-1" in fix.steps[0]
    assert "2 US cents" in fix.steps[-1]


@pytest.mark.parametrize("name", ["A", "x@y", "a,b", "<!channel>", "-a-", "ab\u202e"])
def test_what_is_no_bucket_is_no_setting(name: str) -> None:
    with pytest.raises(ValueError, match="log_bucket"):
        control.TrailBucketWithoutAccessLoggingSettings(log_bucket=name)


def test_a_bucket_that_s3_may_not_write_to_stops_it() -> None:
    with mock_account(NOW) as account:
        account.bucket(LOGS)
        account.trail("main")
        fix = planned(control, look(account, more=PARTS), log_bucket=LOGS)
        assert isinstance(fix, Plan)
        (why,) = Acting(account).broken(fix.steps[0].before)
        assert "does not let logging.s3.amazonaws.com write" in why
