"""Anchors in AWS: locked in S3, logged in CloudWatch Logs, signed by KMS."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.gate import WriteRefusedError
from bot.aws.key_signing import KmsSigner
from bot.aws.noting import LogsTarget, S3Target
from bot.aws.reading import ReadFailedError
from bot.aws.sessions import connect
from bot.aws.simulated.server import SimulatedAccount, start
from bot.engine.signing import PublicKeys, Signed, fingerprint
from bot.errors import AwsError, LocksmithError
from bot.model import Anchor, Placed

#: CloudWatch Logs takes no event whose time is far from its own.
NOW = datetime.now(UTC).replace(microsecond=0)
DATABASE = "d" * 32
ANCHOR = Anchor(DATABASE, 7, "a" * 64, NOW)
LATER = Anchor(DATABASE, 9, "b" * 64, NOW + timedelta(minutes=1))
YEAR = timedelta(days=365)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    with start(users=0) as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        yield served


@pytest.fixture
def connection(cloud: SimulatedAccount) -> Iterator[AwsConnection]:
    with connect(read_attempts=1) as made:
        yield made


class TestS3:
    @pytest.fixture
    def s3(self, cloud: SimulatedAccount) -> Any:
        client = cloud.client("s3")
        client.create_bucket(Bucket="anchors", ObjectLockEnabledForBucket=True)
        client.create_bucket(Bucket="open")
        return client

    @pytest.fixture
    def target(self, s3: Any, connection: AwsConnection) -> S3Target:
        return S3Target(lambda: connection, "anchors", "locksmith/", "COMPLIANCE", YEAR)

    def test_an_anchor_is_locked_and_read_back(self, target: S3Target, s3: Any) -> None:
        reference = target.place(ANCHOR)
        target.place(LATER)

        (first, second) = target.found(())
        assert [first.text, second.text] == [ANCHOR.text(), LATER.text()]
        assert (first.reference, first.trouble) == (reference, "")
        key, _, version = reference.partition("?versionId=")
        held = s3.get_object(Bucket="anchors", Key=key, VersionId=version)
        assert held["ObjectLockMode"] == "COMPLIANCE"
        assert held["ObjectLockRetainUntilDate"] == NOW + YEAR
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            s3.delete_object(Bucket="anchors", Key=key, VersionId=version)

    def test_a_bucket_without_object_lock_is_refused(
        self, s3: Any, connection: AwsConnection, cloud: SimulatedAccount
    ) -> None:
        target = S3Target(lambda: connection, "open", "", "GOVERNANCE", YEAR)

        with pytest.raises(AwsError, match="has no Object Lock"):
            target.place(ANCHOR)

        assert s3.list_objects_v2(Bucket="open")["KeyCount"] == 0

    def test_a_delete_marker_hides_and_is_told(self, target: S3Target, s3: Any) -> None:
        key = target.place(ANCHOR).partition("?")[0]
        s3.delete_object(Bucket="anchors", Key=key)

        (found,) = target.found(())

        assert found.text == ANCHOR.text()
        assert "a marker hides it" in found.trouble

    def test_a_version_put_over_it_hides_nothing(self, target: S3Target, s3: Any) -> None:
        key = target.place(ANCHOR).partition("?")[0]
        s3.put_object(Bucket="anchors", Key=key, Body=b"forged")

        assert sorted(one.text for one in target.found(())) == ["forged", ANCHOR.text()]

    def test_what_else_is_in_the_bucket_is_not_read(self, target: S3Target, s3: Any) -> None:
        s3.put_object(Bucket="anchors", Key="locksmith/readme.txt", Body=b"x")
        s3.put_object(Bucket="anchors", Key=f"{DATABASE}/{'0' * 12}-{'a' * 16}.json", Body=b"x")

        assert target.found(()) == []

    def test_an_object_may_be_gone_once_its_lock_has_ended(self, target: S3Target) -> None:
        placed = Placed(ANCHOR, target.name, "somewhere")

        assert target.may_miss(placed, NOW + YEAR - timedelta(seconds=1)) is None
        assert target.may_miss(placed, NOW + YEAR) == "its lock has ended since"

    def test_what_is_not_locked_is_no_anchor(
        self, target: S3Target, s3: Any, cloud: SimulatedAccount
    ) -> None:
        """As where S3 doesn't say that it is, for want of a permission."""
        longer = replace(target, keep=YEAR * 2)
        reference = target.place(ANCHOR)
        key, _, version = reference.partition("?versionId=")

        with pytest.raises(AwsError, match="not locked"):
            longer._look(key, version, ANCHOR.text(), NOW + longer.keep)
        with pytest.raises(AwsError, match="not there"):
            target._look(key, version, LATER.text(), NOW + YEAR)

    def test_no_bucket_says_what_was_asked(self, connection: AwsConnection, s3: Any) -> None:
        target = S3Target(lambda: connection, "nowhere", "", "COMPLIANCE", YEAR)

        with pytest.raises(ReadFailedError, match="NoSuchBucket"):
            target.place(ANCHOR)
        with pytest.raises(ReadFailedError, match="s3:ListBucketVersions failed: NoSuchBucket"):
            target.found(())


class TestLogs:
    @pytest.fixture
    def logs(self, cloud: SimulatedAccount) -> Any:
        client = cloud.client("logs")
        client.create_log_group(logGroupName="anchors")
        client.create_log_stream(logGroupName="anchors", logStreamName="locksmith")
        return client

    @pytest.fixture
    def target(self, logs: Any, connection: AwsConnection) -> LogsTarget:
        return LogsTarget(lambda: connection, "anchors", "locksmith")

    def test_an_anchor_is_logged_and_read_back(self, target: LogsTarget) -> None:
        references = [target.place(ANCHOR), target.place(LATER)]

        found = target.found(())

        assert [one.text for one in found] == [ANCHOR.text(), LATER.text()]
        assert [one.reference for one in found] == references

    def test_many_are_read_page_by_page(self, target: LogsTarget, logs: Any) -> None:
        moment = int(NOW.timestamp() * 1000)
        logs.put_log_events(
            logGroupName="anchors",
            logStreamName="locksmith",
            logEvents=[{"timestamp": moment, "message": f"line {n}"} for n in range(10_500)],
        )

        assert len(target.found(())) == 10_500

    def test_a_call_that_takes_no_event_is_no_anchor(self, target: LogsTarget) -> None:
        with pytest.raises(AwsError, match="did not take the event"):
            target.place(replace(ANCHOR, at=NOW - timedelta(days=30)))

        assert target.found(()) == []

    def test_a_stream_that_is_gone_has_none(self, target: LogsTarget, logs: Any) -> None:
        target.place(ANCHOR)
        logs.delete_log_stream(logGroupName="anchors", logStreamName="locksmith")

        assert target.found(()) == []
        with pytest.raises(ReadFailedError, match="logs:PutLogEvents failed: ResourceNotFound"):
            target.place(ANCHOR)

    def test_when_one_may_be_missing(self, target: LogsTarget, logs: Any) -> None:
        placed = Placed(ANCHOR, target.name, "1")
        logs.put_retention_policy(logGroupName="anchors", retentionInDays=30)

        assert target.may_miss(placed, NOW + timedelta(minutes=1)) is not None
        assert target.may_miss(placed, NOW + timedelta(days=29)) is None
        assert "retention" in (target.may_miss(placed, NOW + timedelta(days=31)) or "")

    def test_a_group_that_keeps_everything_misses_nothing(self, target: LogsTarget) -> None:
        placed = Placed(ANCHOR, target.name, "1")

        assert target.may_miss(placed, NOW + timedelta(days=3650)) is None

    def test_what_aws_refuses_is_told_with_the_permission(
        self, target: LogsTarget, cloud: SimulatedAccount
    ) -> None:
        cloud.fault("logs:GetLogEvents", "error:AccessDeniedException")

        with pytest.raises(ReadFailedError) as caught:
            target.found(())

        assert caught.value.hint == "Allow logs:GetLogEvents for the caller."


class TestKms:
    @pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "RSA_2048"])
    def test_a_signature_is_right_with_the_public_key_alone(
        self, cloud: SimulatedAccount, connection: AwsConnection, spec: str
    ) -> None:
        kms = cloud.client("kms")
        key = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec=spec)["KeyMetadata"]["Arn"]
        signer = KmsSigner(lambda: connection, key)
        public = signer.public_key()

        signed = ANCHOR.signed(fingerprint(public), signer.sign)

        keys = PublicKeys.of([public])
        assert keys.judge(signed) is Signed.RIGHT
        assert keys.judge(replace(signed, seq=8)) is Signed.WRONG

    def test_a_key_that_does_not_sign_is_told(
        self, cloud: SimulatedAccount, connection: AwsConnection
    ) -> None:
        key = cloud.client("kms").create_key()["KeyMetadata"]["KeyId"]

        with pytest.raises(LocksmithError):
            KmsSigner(lambda: connection, key).sign(b"x")

    def test_a_key_that_is_not_there_is_told(self, connection: AwsConnection) -> None:
        with pytest.raises(ReadFailedError, match="kms:GetPublicKey failed: NotFoundException"):
            KmsSigner(lambda: connection, "alias/none").public_key()


class TestTheGate:
    def test_nothing_else_is_sent(self, cloud: SimulatedAccount, connection: AwsConnection) -> None:
        before = len(cloud.calls.writes)
        s3, iam = connection.keeper("s3"), connection.keeper("iam")
        kms = connection.keeper("kms")

        for call in (
            lambda: iam.delete_user(UserName="carol"),
            lambda: s3.delete_object(Bucket="anchors", Key="x"),
            lambda: s3.put_object(Bucket="anchors", Key="x", Body=b"no lock"),
            lambda: kms.schedule_key_deletion(KeyId="x"),
        ):
            with pytest.raises(WriteRefusedError):
                call()

        assert len(cloud.calls.writes) == before
