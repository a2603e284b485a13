"""Reads what stands in each Region: the Regions that are enabled, and one look in each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.model import Analyzer, Call, ConfigRecorder, Part, Unavailable

#: Regions throttle apart from each other.
_WORKERS = 4

#: What a recorder is told, of what AWS says about it.
_DEFINED = ("name", "roleARN", "recordingGroup", "recordingMode")

T = TypeVar("T")
#: A part as far as it could be read, and which Regions could not.
Seen = tuple[Any, Unavailable | None]


class Regions:
    """The Regions that are enabled, and what is asked of them: once, however many want to know."""

    def __init__(self, connection: AwsConnection) -> None:
        self._connection = connection
        self._names: tuple[str, ...] | None = None
        self._answers: dict[Callable[[AwsConnection, Regions], Any], Any] = {}

    def __call__(self) -> tuple[str, ...]:
        """Their names, read when they are first asked for. Raises ReadFailedError."""
        if self._names is None:
            self._names = enabled_regions(self._connection)
        return self._names

    def once(self, ask: Callable[[AwsConnection, Regions], T]) -> T:
        """What a reading says of them, which may raise ReadFailedError and is asked again then."""
        if ask not in self._answers:
            self._answers[ask] = ask(self._connection, self)
        found: T = self._answers[ask]
        return found


def enabled_regions(connection: AwsConnection) -> tuple[str, ...]:
    """The Regions that are enabled in the account, sorted. Raises ReadFailedError."""
    call = Call("ec2", "DescribeRegions", {"AllRegions": False})
    answer: Any = read(connection, call)
    return tuple(sorted(each["RegionName"] for each in answer["Regions"]))


def in_each(part: Part, regions: tuple[str, ...], look: Callable[[str], T]) -> Seen:
    """What `look` gives by Region, and the Regions where it failed, which are left out.

    Raises ReadFailedError where it failed in all of them.
    """

    def safe(region: str) -> T | ReadFailedError:
        try:
            return look(region)
        except ReadFailedError as error:
            return error

    with ThreadPoolExecutor(max_workers=_WORKERS) as workers:
        found = dict(zip(regions, workers.map(safe, regions), strict=True))
    failed = {region: each for region, each in found.items() if isinstance(each, ReadFailedError)}
    if failed and len(failed) == len(regions):
        raise next(iter(failed.values()))
    seen = {region: each for region, each in found.items() if region not in failed}
    return seen, _unread(part, failed)


def _unread(part: Part, failed: Mapping[str, ReadFailedError]) -> Unavailable | None:
    if not failed:
        return None
    return next(iter(failed.values())).gap(part, f"in {', '.join(failed)}")


def read_analyzers(connection: AwsConnection, regions: Regions) -> Seen:
    """The Access Analyzers of each Region."""

    def look(region: str) -> tuple[Analyzer, ...]:
        answer: Any = read(connection, Call("accessanalyzer", "ListAnalyzers", {}, region))
        return tuple(
            Analyzer(each["name"], each["arn"], each["type"], each["status"])
            for each in answer["analyzers"]
        )

    return in_each(Part.ANALYZERS, regions(), look)


def read_recorders(connection: AwsConnection, regions: Regions) -> Seen:
    """AWS Config's recorder of each Region, those that other services keep for themselves aside."""

    def look(region: str) -> ConfigRecorder | None:
        def ask(operation: str) -> Any:
            return read(connection, Call("config", operation, {}, region)) or {}

        told = [
            each
            for each in ask("DescribeConfigurationRecorders").get("ConfigurationRecorders") or ()
            if not each.get("servicePrincipal")
        ]
        if not told:
            return None
        states = ask("DescribeConfigurationRecorderStatus").get("ConfigurationRecordersStatus")
        state: Any = next((each for each in states or () if each["name"] == told[0]["name"]), {})
        channels = ask("DescribeDeliveryChannels").get("DeliveryChannels") or ()
        channel: Any = next(iter(channels), {})
        return ConfigRecorder(
            name=told[0]["name"],
            recording=bool(state.get("recording")),
            failed=state.get("lastStatus") == "Failure",
            channel=channel.get("name", ""),
            definition=json.dumps(
                {key: told[0][key] for key in _DEFINED if key in told[0]}, sort_keys=True
            ),
            bucket=channel.get("s3BucketName", ""),
        )

    return in_each(Part.CONFIG_RECORDERS, regions(), look)
