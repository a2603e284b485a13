"""The steps that make AWS Config's recorder of a Region record: define, deliver, start."""

import json
from collections.abc import Mapping

from bot.model import Call, ConfigRecorder, Expect, Json, Operator, Risk, Step
from remediations._reads import quoted

_RECORDERS = "DescribeConfigurationRecorders"


def start(region: str, name: str) -> Step:
    """Let the recorder record."""
    read = _call(region, "DescribeConfigurationRecorderStatus")
    path = f"ConfigurationRecordersStatus[?name=={quoted(name)}].recording | [0]"
    named: dict[str, Json] = {"ConfigurationRecorderName": name}
    return Step(
        name=f"start-{region}",
        summary=f"Start the recorder {name} in {region}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.EQUALS, value=False, why=f"{name} records by now"),),
        do=_call(region, "StartConfigurationRecorder", **named),
        after=(Expect(read, path, Operator.EQUALS, value=True, why=f"{name} doesn't record"),),
        undo=_call(region, "StopConfigurationRecorder", **named),
    )


def define(region: str, name: str, role: str, *, iam_types: bool) -> Step:
    """Make a recorder of every type; those of IAM are the same in each Region: one is enough."""
    read = _call(region, _RECORDERS)
    path = f"ConfigurationRecorders[?name=={quoted(name)}].roleARN | [0]"
    recorder: dict[str, Json] = {
        "name": name,
        "roleARN": role,
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": iam_types},
    }
    why = f"{region} has a recorder by now"
    return Step(
        name=f"define-{region}",
        summary=f"Make the recorder {name} in {region}"
        + (", which records the things of IAM too" if iam_types else ""),
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, why),),
        do=_call(region, "PutConfigurationRecorder", ConfigurationRecorder=recorder),
        after=(Expect(read, path, Operator.EQUALS, role, f"{region} has no recorder {name}"),),
        undo=_call(region, "DeleteConfigurationRecorder", ConfigurationRecorderName=name),
    )


def deliver(region: str, name: str, bucket: str) -> Step:
    """Let the recorder's files go into a bucket."""
    read = _call(region, "DescribeDeliveryChannels")
    path = f"DeliveryChannels[?name=={quoted(name)}].s3BucketName | [0]"
    channel: dict[str, Json] = {"name": name, "s3BucketName": bucket}
    why = f"{region} has a delivery channel {name} by now"
    return Step(
        name=f"deliver-{region}",
        summary=f"Deliver what is recorded in {region} to the bucket {bucket}",
        risk=Risk.REVERSIBLE,
        before=(Expect(read, path, Operator.ABSENT, None, why),),
        do=_call(region, "PutDeliveryChannel", DeliveryChannel=channel),
        after=(Expect(read, path, Operator.EQUALS, bucket, "it is not delivered there"),),
        undo=_call(region, "DeleteDeliveryChannel", DeliveryChannelName=name),
    )


def redefine(region: str, recorder: ConfigRecorder, group: Mapping[str, Json]) -> Step:
    """Let a recorder record other types; all else that it is told stays."""
    old = json.loads(recorder.definition)
    read = _call(region, _RECORDERS)
    path = f"ConfigurationRecorders[?name=={quoted(recorder.name)}].recordingGroup | [0]"
    why = f"what {recorder.name} records was changed in the meantime"
    # Of a recording group that was written, AWS also tells what was left out.
    after = tuple(
        Expect(
            read,
            f"{path}.{key}",
            Operator.EQUALS,
            value,
            f"{recorder.name} doesn't record the things of IAM",
        )
        for key, value in group.items()
    )
    return Step(
        name="redefine",
        summary=f"Let the recorder {recorder.name} in {region} record the things of IAM too",
        risk=Risk.REVERSIBLE,
        before=(
            Expect(read, path, Operator.EQUALS, old["recordingGroup"], why),
            *(
                Expect(read, f"{path}.{key}", Operator.EQUALS, old["recordingGroup"].get(key), why)
                for key in group
            ),
        ),
        do=_call(
            region,
            "PutConfigurationRecorder",
            ConfigurationRecorder={**old, "recordingGroup": {**group}},
        ),
        after=after,
        undo=_call(
            region,
            "PutConfigurationRecorder",
            ConfigurationRecorder={**old, "recordingGroup": sendable(old["recordingGroup"])},
        ),
    )


def sendable(group: Mapping[str, Json]) -> dict[str, Json]:
    """A recording group as it can be written: AWS also tells the lists that are empty."""
    full = {key: value for key, value in group.items() if value not in ([], {"resourceTypes": []})}
    if not full.get("allSupported"):
        full.pop("includeGlobalResourceTypes", None)
    return full


def _call(region: str, operation: str, **params: Json) -> Call:
    return Call("config", operation, params, region)
