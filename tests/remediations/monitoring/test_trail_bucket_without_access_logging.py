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
#: One bucket for logs in each account and Region.
ONE_EACH = "access-logs-{account}-{region}"
PARTS = frozenset({Part.TRAIL_BUCKETS, Part.BUCKETS})


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


def buckets(name: str = "files", *, others: tuple[Bucket, ...] | None = None, **facts: Any) -> Any:
    """A snapshot with one bucket of a trail, and by default one for logs in the same Region."""
    mine = Bucket(name, "eu-west-1", **facts)
    known = (Bucket(LOGS, "eu-west-1"),) if others is None else others
    return seen(parts={Part.TRAIL_BUCKETS: (mine,), Part.BUCKETS: (mine, *known)})


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        pytest.param(buckets(), True, id="not logged"),
        pytest.param(buckets(log_target="elsewhere"), False, id="logged"),
        pytest.param(buckets(LOGS, others=()), False, id="the bucket for logs itself"),
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
    assert "access-logs-123456789012-eu-west-1 --region eu-west-1" in fix.steps[0]
    assert "LocationConstraint=eu-west-1" in fix.steps[0]
    assert "arn:aws:s3:::access-logs-123456789012-eu-west-1/files/*" in fix.steps[1]
    assert "2 US cents" in fix.steps[-1]
    assert ONE_EACH in fix.steps[-1]
    assert f"controls.{control.CONTROL.id}.log_bucket" in fix.steps[-1]


def test_s3_refuses_to_be_told_where_it_makes_buckets_anyway() -> None:
    mine = (Bucket("files", "us-east-1"),)
    fix = planned(control, seen(parts={Part.TRAIL_BUCKETS: mine, Part.BUCKETS: mine}))
    assert isinstance(fix, Manual)
    assert fix.steps[0].endswith("access-logs-123456789012-us-east-1 --region us-east-1")


def test_one_bucket_for_each_account_and_region() -> None:
    """The one of the Region takes the logs, and none of them logs into itself."""
    here, there = (
        Bucket(f"access-logs-123456789012-{region}", region)
        for region in ("eu-west-1", "us-east-1")
    )
    fix = planned(control, buckets(others=(here, there)), log_bucket=ONE_EACH)
    assert isinstance(fix, Plan)
    enabled = fix.steps[0].do.params["BucketLoggingStatus"]
    assert enabled == {"LoggingEnabled": {"TargetBucket": here.name, "TargetPrefix": "files/"}}
    assert fix.summary == f"Let S3 log who uses files into {here.name}, both in eu-west-1"
    assert not found(control, buckets(here.name, others=()), log_bucket=ONE_EACH)
    # A bucket with the name of another Region's is no bucket for logs.
    assert found(control, buckets(there.name, others=(here,)), log_bucket=ONE_EACH)


@pytest.mark.parametrize(
    ("others", "why"),
    [
        pytest.param((Bucket(LOGS, "us-east-1"),), "is in us-east-1, and S3 logs", id="elsewhere"),
        pytest.param((), "is no bucket of this account, or could not be read", id="unknown"),
    ],
)
def test_a_bucket_elsewhere_or_unknown_is_left_to_people(
    others: tuple[Bucket, ...], why: str
) -> None:
    fix = planned(control, buckets(others=others), log_bucket=LOGS)
    assert isinstance(fix, Manual)
    assert why in fix.reason
    assert LOGS in fix.reason
    assert "access-logs-123456789012-eu-west-1" in fix.steps[0]


def test_where_buckets_could_not_be_listed_people_choose() -> None:
    unread = seen(parts={Part.TRAIL_BUCKETS: (Bucket("files", "eu-west-1"),)})
    fix = planned(control, unread, log_bucket=LOGS)
    assert isinstance(fix, Manual)
    assert "could not be read" in fix.reason


def test_no_bucket_logs_into_itself() -> None:
    """Also where the settings came to name it after it was found."""
    (finding,) = found(control, buckets())
    fix = control.plan(
        finding, buckets(), control.TrailBucketWithoutAccessLoggingSettings(log_bucket="files")
    )
    assert isinstance(fix, Manual)
    assert "log into itself" in fix.reason


def test_all_buckets_are_read_only_to_know_where_the_named_one_is() -> None:
    settings = control.TrailBucketWithoutAccessLoggingSettings
    assert settings(log_bucket=LOGS).needs() == {Part.BUCKETS}
    assert settings().needs() == frozenset()


@pytest.mark.parametrize(
    "name",
    [
        "abc",
        "access-logs",
        "a.b-c",
        ONE_EACH,
        "{account}-{region}",
        "logs-{region}",
        "{region}-logs",
    ],
)
def test_what_may_name_buckets(name: str) -> None:
    settings = control.TrailBucketWithoutAccessLoggingSettings
    assert settings(log_bucket=name).log_bucket == name


@pytest.mark.parametrize(
    "name",
    ["A", "x@y", "a,b", "<!channel>", "-a-", "ab\u202e", "logs-{zone}", "logs-{region", "logs-{}"],
)
def test_what_is_no_bucket_is_no_setting(name: str) -> None:
    with pytest.raises(ValueError, match="log_bucket"):
        control.TrailBucketWithoutAccessLoggingSettings(log_bucket=name)


def _unfit(account: AccountBuilder, what: str) -> None:
    """A bucket for logs that S3 may write to, but for this."""
    account.bucket(LOGS, policy=None if what == "policy" else s3_may_write(LOGS))
    s3 = account.client("s3")
    if what in ("AES256", "aws:kms"):
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": what}}
        s3.put_bucket_encryption(Bucket=LOGS, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if what == "lock":
        keep = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        s3.put_bucket_versioning(Bucket=LOGS, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object_lock_configuration(
            Bucket=LOGS, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": keep}
        )


@pytest.mark.parametrize(
    ("what", "why"),
    [
        pytest.param("policy", "does not let logging.s3.amazonaws.com write", id="not let in"),
        pytest.param("aws:kms", "is encrypted with a key", id="a key"),
        pytest.param("lock", "locks what is written there", id="locked"),
        pytest.param("AES256", None, id="S3's own encryption"),
        pytest.param("nothing", None, id="as S3 makes it"),
    ],
)
def test_a_bucket_that_s3_writes_no_logs_to_stops_it(what: str, why: str | None) -> None:
    with mock_account(NOW) as account:
        _unfit(account, what)
        account.trail("main")
        fix = planned(control, look(account, more=PARTS), log_bucket=LOGS)
        assert isinstance(fix, Plan)
        broken = Acting(account).broken(fix.steps[0].before)
    assert len(broken) == (0 if why is None else 1)
    assert all(why in each for each in broken if why)


def test_one_that_logs_somewhere_by_then_stops_it() -> None:
    with mock_account(NOW) as account:
        account.bucket(LOGS, policy=s3_may_write(LOGS))
        account.trail("main")
        fix = planned(control, look(account, more=PARTS), log_bucket=LOGS)
        assert isinstance(fix, Plan)
        acting = Acting(account, fix)
        acting.apply()
        (why,) = acting.broken(fix.steps[0].before)
        assert "logs somewhere by now" in why


def test_s3_takes_it_in_each_of_two_regions() -> None:
    """Into the bucket of the same Region; the other one would be refused, and isn't tried."""
    with mock_account(NOW) as account:
        for region in ("eu-west-1", "us-east-1"):
            name = f"access-logs-{account.account_id}-{region}"
            account.bucket(name, policy=s3_may_write(name), region=region)
            account.bucket(f"files-{region}", region=region)
            account.trail(f"of-{region}", bucket=f"files-{region}")
        settings = control.TrailBucketWithoutAccessLoggingSettings(log_bucket=ONE_EACH)
        snapshot = look(account, more=PARTS)
        findings = [*control.detect(snapshot, settings)]
        assert [each.resource.name for each in findings] == ["files-eu-west-1", "files-us-east-1"]
        for finding in findings:
            fix = control.plan(finding, snapshot, settings)
            assert isinstance(fix, Plan)
            Acting(account, fix).apply()
        assert not [*control.detect(look(account, more=PARTS), settings)]
