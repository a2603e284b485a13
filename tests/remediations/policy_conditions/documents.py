"""Policies as tests of conditions write them, and what is left of them."""

import json
from typing import Any

from bot.aws.simulated import AccountBuilder
from bot.model import AnyControl, Finding, Manual, Plan
from tests.remediations.acting import snapshot_of

#: Names that a policy may have, and that have misled programs.
HOSTILE = "a+b=c,d.e@f-g_h"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    """An Allow."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def found_by(control: AnyControl, account: AccountBuilder, **settings: Any) -> list[Finding]:
    """What the control finds."""
    return list(control.detect(snapshot_of(account), control.settings(**settings)))


def planned_by(control: AnyControl, account: AccountBuilder, **settings: Any) -> Plan | Manual:
    """The fix of the one finding of this account."""
    snapshot, chosen = snapshot_of(account), control.settings(**settings)
    (finding,) = control.detect(snapshot, chosen)
    return control.plan(finding, snapshot, chosen)


def fixed(fix: Plan | Manual) -> Plan:
    """The fix, which is a plan."""
    assert isinstance(fix, Plan), fix
    return fix


def by_hand(fix: Plan | Manual) -> Manual:
    """The fix, which people make."""
    assert isinstance(fix, Manual), fix
    return fix


def in_force(account: AccountBuilder) -> list[dict[str, Any]]:
    """The statements of the account's one customer policy, as it is in force."""
    (one,) = snapshot_of(account).customer_policies
    statements: list[dict[str, Any]] = json.loads(one.default.text)["Statement"]
    return statements


def inline_of_role(account: AccountBuilder) -> list[dict[str, Any]]:
    """The statements of the one inline policy of the account's one role."""
    (role,) = snapshot_of(account).roles
    (one,) = role.inline
    statements: list[dict[str, Any]] = json.loads(one.text)["Statement"]
    return statements
