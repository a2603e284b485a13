"""What the tests of both group controls share: documents, and the one finding and plan."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from bot.aws.simulated import AccountBuilder
from bot.model import Finding, Manual, Plan, Protection, Snapshot
from tests.remediations.acting import snapshot_of, stopped_by

Meddle = Callable[[AccountBuilder, str], Any]


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


def why_not(account: AccountBuilder, fix: Plan | Manual, until: str, meddle: Meddle) -> list[str]:
    """Applies the plan up to a step, changes the world, and says what stops that step."""
    assert isinstance(fix, Plan), fix
    return stopped_by(account, fix, until, lambda: meddle(account, group_of(fix)))


def joined(account: AccountBuilder, group: str) -> None:
    """Somebody else joins the group."""
    account.user("mallory")
    account.member("mallory", group)


def made_anew(account: AccountBuilder, group: str) -> None:
    """The user is deleted and made again, with the same policies and groups."""
    del group
    client = account.client()
    old = account.iam.users["alice"]
    memberships = [one for one in account.iam.groups.values() if old in one.users]
    for one in memberships:
        client.remove_user_from_group(GroupName=one.name, UserName="alice")
    del account.iam.users["alice"]
    account.user("alice")
    for arn in old.managed_policies:
        account.attach(arn, user="alice")
    for name, text in old.policies.items():
        account.inline(name, text, user="alice")
    for one in memberships:
        account.member("alice", one.name)
