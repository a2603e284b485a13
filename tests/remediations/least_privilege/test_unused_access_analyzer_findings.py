"""What an analyzer for unused access found reaches the people whom it is about."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.access_analyzer import analyzer_backends
from bot.model import Finding, Manual, Part, Protection, Snapshot
from remediations.least_privilege import unused_access_analyzer_findings as control
from tests.remediations.contract import NOW
from tests.remediations.looking import look as look_for

SETTINGS = {"enabled": True}
PARTS = frozenset({Part.UNUSED_ACCESS})
NAME = "o'neil+a,b@example.org"


def seed(account: AccountBuilder) -> None:
    """An analyzer in one Region, with rights that a role in daily use never needs."""
    account.analyzer("unused", kind="ACCOUNT_UNUSED_ACCESS", region="us-east-1")
    arn = account.role(NAME, created=account.ago(days=300), last_used=account.ago(days=1))
    account.unused_access("unused", "UnusedPermission", arn, region="us-east-1")


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    with mock_account(NOW) as account:
        yield account


def look(account: AccountBuilder, protection: Protection | None = None) -> Snapshot:
    return look_for(account, protection, more=PARTS)


def found(account: AccountBuilder, protection: Protection | None = None) -> list[Finding]:
    return list(control.detect(look(account, protection), control.CONTROL.settings()))


def test_one_finding_for_all_that_is_said_of_one(account: AccountBuilder) -> None:
    seed(account)
    user = account.user("ann", created=account.ago(days=300))
    arn = "arn:aws:iam::123456789012:user/ann"
    for kind in ("UnusedIAMUserAccessKey", "UnusedIAMUserPassword"):
        account.unused_access("unused", kind, arn, region="us-east-1")
    kinds = {each.resource.name: each.evidence["kinds"] for each in found(account)}
    assert kinds == {
        NAME: ["UnusedPermission"],
        "ann": ["UnusedIAMUserAccessKey", "UnusedIAMUserPassword"],
    }
    assert user


def _archived(account: AccountBuilder) -> None:
    analyzer_backends[account.account_id]["us-east-1"].findings[0]["status"] = "ARCHIVED"


def _other_account(account: AccountBuilder) -> None:
    here = analyzer_backends[account.account_id]["us-east-1"]
    here.findings[0]["resourceOwnerAccount"] = "999988887777"


def _external(account: AccountBuilder) -> None:
    analyzer_backends[account.account_id]["us-east-1"].analyzers["unused"]["type"] = "ACCOUNT"


@pytest.mark.parametrize("change", [_archived, _other_account, _external])
def test_what_is_none_of_its_business(account: AccountBuilder, change: Any) -> None:
    seed(account)
    change(account)
    assert not found(account)


def test_without_an_analyzer_nothing_is_found(account: AccountBuilder) -> None:
    account.role("r", created=account.ago(days=300))
    account.analyzer("outside")
    assert not found(account)


def test_who_is_left_out(account: AccountBuilder) -> None:
    seed(account)
    assert not found(account, Protection(break_glass=(f"*:role/{NAME}",)))
    assert found(account, Protection(protected=(f"*:role/{NAME}",)))


def test_the_steps_are_exact(account: AccountBuilder) -> None:
    seed(account)
    snapshot, settings = look(account), control.CONTROL.settings()
    (finding,) = control.detect(snapshot, settings)
    fix = control.plan(finding, snapshot, settings)
    assert isinstance(fix, Manual)
    text = "\n".join(fix.steps)
    assert "generate-finding-recommendation" in text
    assert "--region us-east-1" in text
    assert "controls.unused-action-permissions" in text


def test_the_steps_are_about_one_and_about_kinds_that_are_known(account: AccountBuilder) -> None:
    """AWS may come to find more than a control can say anything of."""
    seed(account)
    account.user("ann", created=account.ago(days=300))
    ann = "arn:aws:iam::123456789012:user/ann"
    account.unused_access("unused", "UnusedIAMUserPassword", ann, region="us-east-1")
    account.unused_access("unused", "UnusedByTomorrow", ann, region="us-east-1")
    snapshot, settings = look(account), control.CONTROL.settings()
    steps = {
        each.resource.name: control.plan(each, snapshot, settings).steps
        for each in control.detect(snapshot, settings)
    }
    assert sorted(steps) == ["ann", NAME]
    (what,) = [step for step in steps["ann"] if "Enable controls." in step]
    assert what.startswith(f"{ann}: a password that nobody used. Enable controls.unused-console-")
    assert not any("user/ann" in step for step in steps[NAME])
