"""The steps that make a CloudTrail trail record every region: update, select, make, start."""

import json
from typing import Any

from bot.model import Call, Expect, Json, Operator, Risk, Step, Trail
from remediations._reads import quoted

Selectors = list[dict[str, Any]]

#: Records every management event of both kinds, and nothing else.
EVERY_MANAGEMENT_EVENT: dict[str, Any] = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
# PutEventSelectors takes no more.
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
_MOST_SELECTORS = 5
_SELECTED = (
    "EventSelectors[].{ReadWriteType: ReadWriteType, "
    "IncludeManagementEvents: IncludeManagementEvents, DataResources: DataResources || `[]`, "
    "ExcludeManagementEventSources: ExcludeManagementEventSources || `[]`}"
)


def selectors_of(trail: Trail) -> Selectors | None:
    """The trail's basic selectors with every field; None for advanced or unknown ones."""
    if trail.selectors is None:
        return None
    found: Selectors = json.loads(trail.selectors)
    return [
        {key: selector.get(key, default) for key, default in EVERY_MANAGEMENT_EVENT.items()}
        for selector in found
    ]


def with_management_events(selectors: Selectors) -> Selectors | None:
    """The selectors plus every management event, data events as they were; None if too many."""
    data = [
        {**selector, "IncludeManagementEvents": False}
        for selector in selectors
        if selector["DataResources"]
    ]
    wider = [EVERY_MANAGEMENT_EVENT, *data]
    return wider if len(wider) <= _MOST_SELECTORS else None


def widen(trail: Trail) -> Step:
    """Let the trail record every region, global services, and digests that prove its files."""
    flags = ("IsMultiRegionTrail", "IncludeGlobalServiceEvents", "LogFileValidationEnabled")
    present: list[bool] = [trail.multi_region, trail.global_events, trail.validation]
    path = f"trailList[?TrailARN=={quoted(trail.arn)}].[{', '.join(flags)}] | [0]"
    read = _call(trail, "DescribeTrails", trailNameList=[trail.arn])
    wide: dict[str, Json] = {
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
    }
    before = dict(zip(wide, present, strict=True))
    why = f"the trail {trail.name} was changed in the meantime"
    return Step(
        name="widen",
        summary=f"Let the trail {trail.name} record every region and prove its files",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, present, why),),
        do=_call(trail, "UpdateTrail", Name=trail.arn, **wide),
        after=(Expect(read, path, Operator.EQUALS, [True] * 3, f"{trail.name} is not so wide"),),
        undo=_call(trail, "UpdateTrail", Name=trail.arn, **before),
    )


def validate(trail: Trail) -> Step:
    """Let CloudTrail write signed digests beside the trail's files."""
    read = _call(trail, "DescribeTrails", trailNameList=[trail.arn])
    path = f"trailList[?TrailARN=={quoted(trail.arn)}].LogFileValidationEnabled | [0]"
    update = {
        on: _call(trail, "UpdateTrail", Name=trail.arn, EnableLogFileValidation=on)
        for on in (True, False)
    }
    why = f"{trail.name} has validation by now, or is gone"
    return Step(
        name="validate",
        summary=f"Switch log file validation of the trail {trail.name} on",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, value=False, why=why),),
        do=update[True],
        after=(Expect(read, path, Operator.EQUALS, value=True, why="its files aren't proved"),),
        undo=update[False],
    )


def encrypt(trail: Trail, key: str) -> Step:
    """Let CloudTrail encrypt new files with a key that is there and switched on."""
    read = _call(trail, "DescribeTrails", trailNameList=[trail.arn])
    path = f"trailList[?TrailARN=={quoted(trail.arn)}].KmsKeyId | [0]"
    usable = Call("kms", "DescribeKey", {"KeyId": key}, key.split(":")[3])
    why = f"the key {key} is not there, or is switched off"
    return Step(
        name="encrypt",
        summary=f"Encrypt new files of the trail {trail.name} with {key}",
        risk=Risk.REVERSIBLE,
        before=(
            Expect(read, path, Operator.ABSENT, None, f"{trail.name} has a key by now"),
            Expect(usable, "KeyMetadata.KeyState", Operator.EQUALS, "Enabled", why),
        ),
        do=_call(trail, "UpdateTrail", Name=trail.arn, KmsKeyId=key),
        after=(Expect(read, path, Operator.EQUALS, key, f"{trail.name} doesn't use the key"),),
        # An empty text takes the key away.
        undo=_call(trail, "UpdateTrail", Name=trail.arn, KmsKeyId=""),
    )


def select(trail: Trail, old: Selectors, new: Selectors) -> Step:
    """Let the trail record every management event as well."""
    read = _call(trail, "GetEventSelectors", TrailName=trail.arn)
    why = f"the event selectors of {trail.name} were changed in the meantime"
    put = {
        name: _call(trail, "PutEventSelectors", TrailName=trail.arn, EventSelectors=selectors)
        for name, selectors in (("do", new), ("undo", old))
    }
    return Step(
        name="select",
        summary=f"Let the trail {trail.name} record every management event",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, _SELECTED, Operator.EQUALS, old, why),),
        do=put["do"],
        after=(Expect(read, _SELECTED, Operator.EQUALS, new, "the events are not selected"),),
        undo=put["undo"],
    )


def start(trail: Trail) -> Step:
    """Let the trail record; one that was made through the API doesn't by itself."""
    read = _call(trail, "GetTrailStatus", Name=trail.arn)
    why = f"{trail.name} records by now"
    return Step(
        name="start",
        summary=f"Start the trail {trail.name}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, "IsLogging", Operator.EQUALS, value=False, why=why),),
        do=_call(trail, "StartLogging", Name=trail.arn),
        after=(Expect(read, "IsLogging", Operator.EQUALS, value=True, why="it doesn't record"),),
        undo=_call(trail, "StopLogging", Name=trail.arn),
    )


def make(trail: Trail, bucket: str) -> Step:
    """Make the trail, with its files in a bucket that is there and lets CloudTrail write."""
    read = _call(trail, "DescribeTrails", trailNameList=[trail.arn])
    path = f"trailList[?TrailARN=={quoted(trail.arn)}].S3BucketName | [0]"
    why = f"there is a trail {trail.name} by now"
    return Step(
        name="make",
        summary=f"Make the trail {trail.name} in {trail.home_region}, with its files in {bucket}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, why),),
        do=_call(
            trail,
            "CreateTrail",
            Name=trail.name,
            S3BucketName=bucket,
            IsMultiRegionTrail=True,
            IncludeGlobalServiceEvents=True,
            EnableLogFileValidation=True,
        ),
        after=(Expect(read, path, Operator.EQUALS, bucket, f"{trail.name} is not there"),),
        undo=_call(trail, "DeleteTrail", Name=trail.arn),
    )


def _call(trail: Trail, operation: str, **params: Json) -> Call:
    return Call("cloudtrail", operation, params, trail.home_region)
