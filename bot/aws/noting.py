"""Anchors in AWS: objects that S3 keeps locked, and events in CloudWatch Logs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from bot.aws.keeping import Connect, told
from bot.aws.reading import ReadFailedError
from bot.errors import AwsError
from bot.model import Anchor, Found, Placed

_NOT_LOCKED = "ObjectLockConfigurationNotFoundError"
_NOT_THERE = "ResourceNotFoundException"
_KEY = re.compile(r"[0-9a-f]{32}/\d{12,}-[0-9a-f]{16}\.json")
#: CloudWatch Logs shows an event a little after it took it.
_SETTLES = timedelta(minutes=5)


@dataclass
class S3Target:
    """A bucket with Object Lock: a version that is locked can't be changed or removed.

    In mode COMPLIANCE by nobody, in mode GOVERNANCE by who has s3:BypassGovernanceRetention.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """

    connect: Connect
    bucket: str
    prefix: str
    lock: Literal["COMPLIANCE", "GOVERNANCE"]
    keep: timedelta
    region: str | None = None

    @property
    def name(self) -> str:
        """`s3://bucket/prefix`."""
        return f"s3://{self.bucket}/{self.prefix}"

    def place(self, anchor: Anchor) -> str:
        """Put a locked object, and look that it is locked. Raises AwsError."""
        self._check_lock()
        key = f"{self.prefix}{anchor.database}/{anchor.seq:012d}-{anchor.hash[:16]}.json"
        until = anchor.at + self.keep
        with told("s3:PutObject", self.connect()):
            answer = self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=anchor.text().encode(),
                ContentType="application/json",
                ChecksumAlgorithm="SHA256",
                ObjectLockMode=self.lock,
                ObjectLockRetainUntilDate=until,
            )
        version = str(answer.get("VersionId"))
        self._look(key, version, anchor.text(), until)
        return f"{key}?versionId={version}"

    def _look(self, key: str, version: str, text: str, until: datetime) -> None:
        """Raise AwsError unless what was put is there, and locked until then."""
        with told("s3:GetObjectRetention", self.connect()):
            seen = self._client.get_object(Bucket=self.bucket, Key=key, VersionId=version)
            there = seen["Body"].read().decode(errors="replace")
        kept_until = seen.get("ObjectLockRetainUntilDate")
        if (
            there != text
            or seen.get("ObjectLockMode") != self.lock
            or kept_until is None
            or kept_until < until - timedelta(seconds=1)  # S3 keeps whole seconds
        ):
            raise AwsError(
                f"{self.name}: {key} was put, and is not there, or not locked, as it was to be",
                hint="Allow s3:GetObjectRetention too: without it S3 doesn't say so.",
            )

    def found(self, known: Sequence[Placed]) -> Sequence[Found]:  # noqa: ARG002 - the protocol's
        """Every version of every anchor below the prefix; a delete marker hides, but removes none.

        Raises AwsError.
        """
        listed, hidden = self._listed()
        return [self._read(key, version, key in hidden) for key, version in listed]

    def may_miss(self, placed: Placed, now: datetime) -> str | None:
        """Once the lock has ended, an object may be removed."""
        if placed.anchor.at + self.keep <= now:
            return "its lock has ended since"
        return None

    @cached_property
    def _client(self) -> Any:
        return self.connect().keeper("s3", self.region)

    def _check_lock(self) -> None:
        operation = "s3:GetBucketObjectLockConfiguration"
        try:
            with told(operation, self.connect()):
                answer = self._client.get_object_lock_configuration(Bucket=self.bucket)
        except ReadFailedError as error:
            if error.code != _NOT_LOCKED:
                raise
            answer = {}
        if answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") != "Enabled":
            raise AwsError(
                f"the bucket {self.bucket} has no Object Lock: what is put there can be removed",
                hint="Take a bucket with Object Lock, and versioning with it.",
            )

    def _listed(self) -> tuple[list[tuple[str, str]], frozenset[str]]:
        versions: list[tuple[str, str]] = []
        hidden: set[str] = set()
        with told("s3:ListBucketVersions", self.connect()):
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            )
            for page in pages:
                versions += [
                    (one["Key"], one["VersionId"])
                    for one in page.get("Versions", ())
                    if _KEY.fullmatch(one["Key"].removeprefix(self.prefix))
                ]
                hidden |= {one["Key"] for one in page.get("DeleteMarkers", ()) if one["IsLatest"]}
        return sorted(versions), frozenset(hidden)

    def _read(self, key: str, version: str, is_hidden: bool) -> Found:
        with told("s3:GetObjectVersion", self.connect()):
            answer = self._client.get_object(Bucket=self.bucket, Key=key, VersionId=version)
            text = answer["Body"].read().decode(errors="replace")
        trouble = "someone deleted it: a marker hides it, the locked version is there" * is_hidden
        return Found(text, f"{key}?versionId={version}", trouble)


@dataclass
class LogsTarget:
    """A stream of CloudWatch Logs: events can't be changed, but for the whole stream removed.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
    """

    connect: Connect
    group: str
    stream: str
    region: str | None = None

    @property
    def name(self) -> str:
        """`logs:group:stream`."""
        return f"logs:{self.group}:{self.stream}"

    def place(self, anchor: Anchor) -> str:
        """Put an event. Raises AwsError, also where CloudWatch Logs takes the call but no event."""
        moment = int(anchor.at.timestamp() * 1000)
        with told("logs:PutLogEvents", self.connect()):
            answer = self._client.put_log_events(
                logGroupName=self.group,
                logStreamName=self.stream,
                logEvents=[{"timestamp": moment, "message": anchor.text()}],
            )
        if answer.get("rejectedLogEventsInfo"):
            raise AwsError(
                f"{self.name} did not take the event: its time is too far from AWS's own",
                hint="Check this machine's clock.",
            )
        return str(moment)

    def found(self, known: Sequence[Placed]) -> Sequence[Found]:  # noqa: ARG002 - the protocol's
        """Every event of the stream; none where the stream is gone. Raises AwsError."""
        events: list[Found] = []
        token: dict[str, str] = {}
        while True:
            try:
                with told("logs:GetLogEvents", self.connect()):
                    page = self._client.get_log_events(
                        logGroupName=self.group,
                        logStreamName=self.stream,
                        startFromHead=True,
                        **token,
                    )
            except ReadFailedError as error:
                if error.code == _NOT_THERE:
                    return []
                raise
            events += [Found(one["message"], str(one["timestamp"])) for one in page["events"]]
            following = {"nextToken": page["nextForwardToken"]}
            if following == token:
                return events
            token = following

    def may_miss(self, placed: Placed, now: datetime) -> str | None:
        """CloudWatch Logs shows events late, and drops them after the group's retention."""
        age = now - placed.anchor.at
        if age < _SETTLES:
            return "CloudWatch Logs may not show it yet"
        if self._retention is not None and age > self._retention:
            return "the log group's retention has ended since"
        return None

    @cached_property
    def _client(self) -> Any:
        return self.connect().keeper("logs", self.region)

    @cached_property
    def _retention(self) -> timedelta | None:
        with told("logs:DescribeLogGroups", self.connect()):
            pages = self._client.get_paginator("describe_log_groups").paginate(
                logGroupNamePrefix=self.group
            )
            groups = [group for page in pages for group in page["logGroups"]]
        days = [one.get("retentionInDays") for one in groups if one["logGroupName"] == self.group]
        return timedelta(days=days[0]) if days and days[0] else None
