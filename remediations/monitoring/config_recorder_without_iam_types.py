"""Account in which nobody remembers how IAM was

Detects
-------
An account in which AWS Config records in some Region, but in none of them all things of IAM: users,
groups, roles and customer policies. One Region is enough, as they are the same in each. Where
nothing is recorded at all, `config-recorder-off` says so. Where a Region can't be read nothing is
concluded.

It is off unless you enable it: it reads every Region, and Config costs money.

Why it matters
--------------
Whose rights grew, when and by how much is the first question after an incident; Config answers it
for what it records.

Changes
-------
Lets the recorder of one Region record the things of IAM too: that of the settings, or the first
that records. What else it records stays. Each change of a user, group, role or policy costs 0.3 US
cents, which is less than 1 US dollar a month in most accounts. AWS doesn't record these types in
Regions that it opened after February 2022.

Undo
----
Lets the recorder record what it did before.

When to say no
--------------
When another account's tool keeps the history of IAM.

References
----------
https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
https://docs.aws.amazon.com/securityhub/latest/userguide/config-controls.html#config-1
https://aws.amazon.com/config/pricing/
CIS AWS Foundations Benchmark 3.0: 3.3, 5.0: 3.3, 7.0: 4.3
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from bot.model import (
    IAM_TYPES,
    ConfigRecorder,
    Control,
    Finding,
    Json,
    Manual,
    Part,
    Plan,
    Risk,
    Settings,
    Severity,
    Snapshot,
)
from remediations._subjects import account_resource
from remediations.monitoring import _config_steps as steps
from remediations.monitoring._recorders import STANDARDS

_COST = (
    "Each change of a user, group, role or policy costs 0.3 US cents: less than 1 US dollar a "
    "month in most accounts"
)


class ConfigRecorderWithoutIamTypesSettings(Settings):
    """Whether to look, and where IAM shall be recorded."""

    enabled: bool = Field(
        default=False, description="Off by default: it reads every Region, and Config costs money."
    )
    region: str = Field(
        default="us-east-1",
        pattern=r"^[a-z0-9-]{1,40}$",
        description="The Region whose recorder shall record the things of IAM, if it records.",
    )


def detect(
    snapshot: Snapshot,
    settings: ConfigRecorderWithoutIamTypesSettings,  # noqa: ARG001 - every control's signature
) -> Iterator[Finding]:
    """One finding for the account."""
    recording = _recording(snapshot)
    if not recording or Part.CONFIG_RECORDERS in snapshot.unavailable:
        return
    if any(each.iam_types >= {*IAM_TYPES} for each in recording.values()):
        return
    yield Finding(
        control=CONTROL.id,
        subject=f"{snapshot.account.id}/config-iam-types",
        resource=account_resource(snapshot),
        severity=CONTROL.severity,
        summary="AWS Config records in no Region how users, groups, roles and policies are",
        evidence={region: [*sorted(each.iam_types)] for region, each in recording.items()},
    )


def plan(
    finding: Finding, snapshot: Snapshot, settings: ConfigRecorderWithoutIamTypesSettings
) -> Plan | Manual:
    """Let one recorder record them too."""
    recording = _recording(snapshot)
    region = settings.region if settings.region in recording else next(iter(recording))
    recorder = recording[region]
    return Plan(
        snapshot.account,
        finding.subject,
        (steps.redefine(region, recorder, _with_iam(recorder)),),
        f"Let the recorder {recorder.name} in {region} record the things of IAM too, with its "
        f"files in the bucket {recorder.bucket or 'it has'}",
        (_COST,),
    )


def _recording(snapshot: Snapshot) -> dict[str, ConfigRecorder]:
    return {
        region: each
        for region, each in sorted(snapshot.recorders.items())
        if each is not None and each.recording
    }


def _with_iam(recorder: ConfigRecorder) -> dict[str, Json]:
    told: dict[str, Any] = json.loads(recorder.definition)["recordingGroup"]
    if told.get("allSupported"):
        return {"allSupported": True, "includeGlobalResourceTypes": True}
    if (told.get("recordingStrategy") or {}).get("useOnly") == "EXCLUSION_BY_RESOURCE_TYPES":
        out = [
            each
            for each in told["exclusionByResourceTypes"]["resourceTypes"]
            if each not in IAM_TYPES
        ]
        if not out:
            return {"allSupported": True, "includeGlobalResourceTypes": True}
        return {**steps.sendable(told), "exclusionByResourceTypes": {"resourceTypes": out}}
    listed = told.get("resourceTypes") or ()
    return {**steps.sendable(told), "resourceTypes": [*dict.fromkeys((*listed, *IAM_TYPES))]}


CONTROL = Control(
    id="config-recorder-without-iam-types",
    title="Account in which nobody remembers how IAM was",
    topic="monitoring",
    severity=Severity.MEDIUM,
    risk=Risk.REVERSIBLE,
    needs=frozenset({Part.CONFIG_RECORDERS}),
    settings=ConfigRecorderWithoutIamTypesSettings,
    detect=detect,
    plan=plan,
    standards=STANDARDS,
)
