"""Every bucket but those for logs is logged, into the bucket that the settings name."""

from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Bucket, Manual, Part, Plan
from remediations.monitoring import bucket_without_access_logging as control
from remediations.monitoring import trail_bucket_without_access_logging as of_trails
from tests.remediations.contract import NOW
from tests.remediations.looking import look
from tests.remediations.monitoring.test_trail_bucket_without_access_logging import (
    LOGS,
    ONE_EACH,
    s3_may_write,
)
from tests.remediations.people import found, planned, seen

SETTINGS: dict[str, Any] = {"enabled": True, "log_bucket": LOGS}
PARTS = frozenset({Part.BUCKETS, Part.TRAIL_BUCKETS})


def seed(account: AccountBuilder) -> None:
    """The trail's bucket is logged, one for orders is not."""
    account.bucket(LOGS, policy=s3_may_write(LOGS))
    account.bucket(f"everything-{account.account_id}", logs_to=LOGS)
    account.bucket("orders")


def buckets(*all_of_them: Bucket) -> Any:
    """A snapshot with these buckets."""
    return seen(parts={Part.BUCKETS: all_of_them})


def names(snapshot: Any, **settings: Any) -> list[str]:
    return [each.resource.name for each in found(control, snapshot, **settings)]


def test_which_buckets_are_found() -> None:
    plain, logged = Bucket("plain", "us-east-1"), Bucket("logged", "us-east-1", "into")
    into, named = Bucket("into", "us-east-1"), Bucket(LOGS, "us-east-1")
    public = Bucket("public-website", "us-east-1")
    snapshot = buckets(plain, logged, into, named, public)
    assert names(snapshot, log_bucket=LOGS, left_out=("public-*",)) == ["plain"]
    assert names(snapshot) == ["plain", LOGS, "public-website"]


def test_each_region_s_bucket_for_logs_is_left_out() -> None:
    own = [
        Bucket(f"access-logs-123456789012-{region}", region)
        for region in ("eu-west-1", "us-east-1")
    ]
    astray = Bucket("access-logs-123456789012-eu-west-1", "us-east-1")
    assert names(buckets(*own), log_bucket=ONE_EACH) == []
    assert names(buckets(astray), log_bucket=ONE_EACH) == [astray.name]


PLAIN = Bucket("plain", "eu-west-1")


def test_it_is_logged_where_it_is() -> None:
    fix = planned(control, buckets(PLAIN, Bucket(LOGS, "eu-west-1")), log_bucket=LOGS)
    assert isinstance(fix, Plan)
    assert fix.steps[0].do.region == "eu-west-1"
    assert "2 US cents" in fix.breaks[0]


@pytest.mark.parametrize(
    ("others", "why"),
    [
        pytest.param((Bucket(LOGS, "us-east-1"),), "is in us-east-1, and S3 logs plain", id="far"),
        pytest.param((), "is no bucket of this account, or could not be read", id="unknown"),
    ],
)
def test_it_is_not_logged_into_another_region(others: tuple[Bucket, ...], why: str) -> None:
    fix = planned(control, buckets(PLAIN, *others), log_bucket=LOGS)
    assert isinstance(fix, Manual)
    assert why in fix.reason
    assert "--bucket access-logs-123456789012-eu-west-1 --region eu-west-1" in fix.steps[0]


def test_the_one_of_its_region_takes_the_logs() -> None:
    near, far = (
        Bucket(f"access-logs-123456789012-{region}", region)
        for region in ("eu-west-1", "us-east-1")
    )
    fix = planned(control, buckets(PLAIN, near, far), log_bucket=ONE_EACH)
    assert isinstance(fix, Plan)
    assert fix.summary == f"Let S3 log who uses plain into {near.name}, both in eu-west-1"


def test_without_a_bucket_people_choose() -> None:
    fix = planned(control, buckets(PLAIN))
    assert isinstance(fix, Manual)
    assert f"controls.{control.CONTROL.id}.log_bucket" in fix.steps[-1]


def test_a_trail_s_bucket_is_one_question() -> None:
    with mock_account(NOW) as account:
        account.trail("main", bucket="files")
        snapshot = look(account, more=PARTS)
        (mine,), (theirs,) = found(control, snapshot), found(of_trails, snapshot)
    assert mine.subject == theirs.subject
    assert control.CONTROL.id in of_trails.CONTROL.supersedes


@pytest.mark.parametrize("name", ["A", "x@y", "<!channel>"])
def test_what_is_no_bucket_is_no_setting(name: str) -> None:
    with pytest.raises(ValueError, match="log_bucket"):
        control.BucketWithoutAccessLoggingSettings(log_bucket=name)
