"""The CloudTrail trails that cover an account, and which management events they record."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.aws.connection import AwsConnection
from bot.aws.reading import ReadFailedError, read
from bot.aws.regional import Regions, Seen, in_each
from bot.model import Call, Part, Trail

_READ_ONLY = {"true": "ReadOnly", "false": "WriteOnly"}


def read_trails(connection: AwsConnection) -> tuple[Trail, ...]:
    """All trails seen from the connection's region, shadows of other regions' included.

    State and selectors come from each trail's home region. A trail that vanished since it was
    listed is left out. Raises ReadFailedError, and KeyError where the answer has no list.
    """
    call = Call("cloudtrail", "DescribeTrails", {"includeShadowTrails": True})
    answer: Any = read(connection, call) or {}
    trails = (_trail(connection, entry) for entry in answer["trailList"])
    return tuple(trail for trail in trails if trail)


def read_regional_trails(connection: AwsConnection, regions: Regions) -> Seen:
    """The trails of each other enabled Region that record it alone, which show nowhere else.

    One call for each Region. Where nothing can be asked there, that is said as well: it hides no
    trail that is seen from here.
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
    """
    call = Call("cloudtrail", "DescribeTrails", {"includeShadowTrails": False})

    def look(region: str) -> tuple[Trail, ...]:
        answer: Any = read(connection, replace(call, region=region)) or {}
        alone = (each for each in answer["trailList"] if not each.get("IsMultiRegionTrail"))
        return tuple(trail for each in alone if (trail := _trail(connection, each)))

    try:
        others = tuple(region for region in regions() if region != connection.region)
        return in_each(Part.REGIONAL_TRAILS, others, look)
    except ReadFailedError as error:
        return {}, error.gap(Part.REGIONAL_TRAILS, f"outside {connection.region}")


def _trail(connection: AwsConnection, entry: Mapping[str, Any]) -> Trail | None:
    arn, home = entry["TrailARN"], entry["HomeRegion"]
    region = None if home == connection.region else home
    status: Any = read(connection, Call("cloudtrail", "GetTrailStatus", {"Name": arn}, region))
    selectors: Any = read(
        connection, Call("cloudtrail", "GetEventSelectors", {"TrailName": arn}, region)
    )
    if status is None or selectors is None:
        return None
    return Trail(
        name=entry["Name"],
        arn=arn,
        home_region=home,
        multi_region=bool(entry.get("IsMultiRegionTrail")),
        organization=bool(entry.get("IsOrganizationTrail")),
        logging=bool(status.get("IsLogging")),
        global_events=bool(entry.get("IncludeGlobalServiceEvents")),
        validation=bool(entry.get("LogFileValidationEnabled")),
        management_events=management_events(selectors),
        delivery_error=status.get("LatestDeliveryError") or None,
        selectors=_basic_text(selectors),
        bucket=entry.get("S3BucketName") or "",
        key=entry.get("KmsKeyId") or "",
        log_group=entry.get("CloudWatchLogsLogGroupArn") or "",
        log_role=entry.get("CloudWatchLogsRoleArn") or "",
    )


def _basic_text(selectors: Mapping[str, Any]) -> str | None:
    if selectors.get("AdvancedEventSelectors"):
        return None
    return json.dumps(selectors.get("EventSelectors") or [], sort_keys=True)


def management_events(selectors: Mapping[str, Any]) -> str | None:
    """Which management events GetEventSelectors' answer records: All, ReadOnly, WriteOnly or None.

    None also where some are left out, such as those of one event source.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
    """
    kinds = {
        *_basic(selectors.get("EventSelectors") or ()),
        *_advanced(selectors.get("AdvancedEventSelectors") or ()),
    }
    if "All" in kinds or kinds == {"ReadOnly", "WriteOnly"}:
        return "All"
    return kinds.pop() if kinds else None


def _basic(selectors: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for selector in selectors:
        # CloudTrail's defaults: management events are included, of both kinds.
        included = selector.get("IncludeManagementEvents", True)
        if included and not selector.get("ExcludeManagementEventSources"):
            yield selector.get("ReadWriteType", "All")


def _advanced(selectors: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for selector in selectors:
        fields = {
            field["Field"]: {key: value for key, value in field.items() if key != "Field"}
            for field in selector["FieldSelectors"]
        }
        if fields.pop("eventCategory", None) != {"Equals": ["Management"]}:
            continue
        read_only = fields.pop("readOnly", None)
        if fields:
            continue
        if read_only is None:
            yield "All"
        elif set(read_only) == {"Equals"} and len(read_only["Equals"]) == 1:
            yield _READ_ONLY[read_only["Equals"][0].lower()]
