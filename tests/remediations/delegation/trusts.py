"""Trust policies as tests of delegation write them."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from bot.aws.simulated import AccountBuilder
from bot.model import (
    AnyControl,
    Finding,
    KnownAccounts,
    Manual,
    OrganizationAccounts,
    Part,
    Plan,
    Snapshot,
)
from tests.remediations.acting import snapshot_of

OWN = "arn:aws:iam::123456789012:root"
VENDOR, PARTNER, ORG = "999988887777", "111122223333", "o-a1b2c3d4e5"
VENDOR_ROOT = f"arn:aws:iam::{VENDOR}:root"
PARTNER_ROOT = f"arn:aws:iam::{PARTNER}:root"
#: Names that a role may have, and that have misled programs.
HOSTILE_ROLE = "a+b=c,d.e@f-g_h"


def trusting(principal: Any, **changes: Any) -> dict[str, Any]:
    """A statement that lets the principal assume the role, but for the changes."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **changes}
    return {key: value for key, value in statement.items() if value is not None}


def trust(*statements: dict[str, Any]) -> dict[str, Any]:
    """A trust policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def when(key: str, value: str, operator: str = "StringEquals") -> dict[str, Any]:
    """A condition."""
    return {operator: {key: value}}


def knowing(
    account: AccountBuilder,
    told: OrganizationAccounts | None = None,
    *,
    own: Collection[str] = (),
    organization_id: str = "",
    vendors: Mapping[str, str] | None = None,
) -> Snapshot:
    """What a scan sees of the account, and which others are known to it.

    AWS tells that it is in no organization, unless it `told` something else.
    """
    snapshot = snapshot_of(account)
    return replace(
        snapshot,
        parts={**snapshot.parts, Part.ORGANIZATION_ACCOUNTS: told or OrganizationAccounts()},
        known_accounts=KnownAccounts(frozenset(own), organization_id, vendors or {}),
    )


def found_by(
    control: AnyControl,
    account: AccountBuilder,
    told: OrganizationAccounts | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    **known: Any,
) -> list[Finding]:
    """What the control finds, with these accounts known."""
    chosen = control.settings(**(settings or {}))
    return list(control.detect(knowing(account, told, **known), chosen))


def planned_by(
    control: AnyControl,
    account: AccountBuilder,
    told: OrganizationAccounts | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    **known: Any,
) -> Plan | Manual:
    """The fix of the one finding of this account, with these accounts known."""
    chosen = control.settings(**(settings or {}))
    snapshot = knowing(account, told, **known)
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


def trust_of(account: AccountBuilder) -> list[dict[str, Any]]:
    """The statements that the one role's trust policy has now."""
    (role,) = snapshot_of(account).roles
    statements: list[dict[str, Any]] = json.loads(role.trust)["Statement"]
    return statements
