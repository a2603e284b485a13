"""What the tests of both group controls share: documents, and the one finding and plan."""

from types import ModuleType
from typing import Any

from bot.aws.simulated import AccountBuilder
from bot.model import Finding, Manual, Plan, Protection, Snapshot
from tests.remediations.acting import snapshot_of


def allow(action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    """A document with one Allow."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def deny(action: str = "s3:DeleteBucket") -> dict[str, Any]:
    """A document with one Deny."""
    return allow(action, Effect="Deny")


def findings(control: ModuleType, snapshot: Snapshot, **settings: Any) -> list[Finding]:
    """All that the control sees."""
    return list(control.detect(snapshot, control.CONTROL.settings(**settings)))


def planned(
    control: ModuleType,
    account: AccountBuilder,
    protection: Protection | None = None,
    **settings: Any,
) -> Plan | Manual:
    """The fix of the one finding of this account."""
    snapshot = snapshot_of(account, protection)
    (finding,) = findings(control, snapshot, **settings)
    fix: Plan | Manual = control.plan(finding, snapshot, control.CONTROL.settings(**settings))
    return fix


def names(fix: Plan | Manual) -> list[str]:
    """The names of a plan's steps."""
    assert isinstance(fix, Plan), fix
    return [step.name for step in fix.steps]


def group_of(fix: Plan | Manual) -> str:
    """The group that a plan moves to."""
    assert isinstance(fix, Plan), fix
    (join,) = (step for step in fix.steps if step.name == "join")
    return str(join.do.params["GroupName"])
