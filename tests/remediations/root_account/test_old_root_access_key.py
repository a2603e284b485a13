"""An old root key is a question of its own, also where the key as such was accepted."""

from datetime import datetime

import pytest

from bot.aws.simulated import AccountBuilder
from bot.engine import planner
from bot.model import Manual, Part, ReportRow, Snapshot
from bot.registry import Enabled
from remediations.root_account import old_root_access_key as control
from remediations.root_account import root_access_key
from tests.remediations.people import ago, found, key, planned, root_row, seen


def seed(account: AccountBuilder) -> None:
    """Root has a key that is years old, not used for long."""
    account.root(keys=1, key_created=account.ago(days=900), key_last_used=account.ago(days=100))


def just_within(account: AccountBuilder) -> None:
    """90 days."""
    account.root(keys=1, key_created=account.ago(days=90))


def just_beyond(account: AccountBuilder) -> None:
    """90 days and a minute; a younger key beside it."""
    account.root(keys=2, key_created=account.ago(days=90, minutes=1))


def root(*keys: tuple[datetime, bool]) -> ReportRow:
    """Root's row with keys: when each was made, and whether it is active."""
    return root_row(*(key(created=made, active=active) for made, active in keys))


def _seen(row: ReportRow | None) -> Snapshot:
    return seen(root=row, parts={Part.ACCOUNT_SUMMARY: {"AccountAccessKeysPresent": 1}})


@pytest.mark.parametrize(
    ("row", "age"),
    [
        pytest.param(root((ago(90), True)), None, id="at the limit"),
        pytest.param(root((ago(90, seconds=1), True)), 90, id="just over"),
        pytest.param(root((ago(400), True), (ago(500), True)), 500, id="the oldest counts"),
        pytest.param(root((ago(10), True), (ago(500), False)), None, id="the old one is off"),
        pytest.param(root(), None, id="no key"),
        pytest.param(None, None, id="a report without root"),
    ],
)
def test_which_keys_are_found(row: ReportRow | None, age: int | None) -> None:
    """One finding for the account, about its oldest active key."""
    findings = found(control, _seen(row))
    said = [f"The root user has an access key that is {age} days old"]
    assert [finding.summary for finding in findings] == (said if age else [])


def test_the_limit_is_a_setting() -> None:
    """Days, as for users' keys."""
    assert found(control, _seen(root((ago(31), True))), max_age=30)
    assert not found(control, _seen(root((ago(31), True))), max_age=31)


def test_evidence_has_every_key() -> None:
    """In words, the one that is off too."""
    (finding,) = found(control, _seen(root((ago(400), True), (ago(10), False))))
    assert finding.evidence["access_key_1"] == {
        "status": "active",
        "made_or_changed": "2025-10-20T12:00:00Z",
        "use": "never used",
    }
    assert finding.evidence["access_key_2"] == {
        "status": "inactive",
        "made_or_changed": "2026-11-14T12:00:00Z",
        "use": "never used",
    }


def test_it_speaks_for_the_key_that_was_accepted() -> None:
    """Both are findings, each to be exempted by itself; the old one asks."""
    snapshot = _seen(root((ago(400), True)))
    both = [Enabled(each.CONTROL, each.CONTROL.settings()) for each in (control, root_access_key)]
    asked = planner.ask_once(planner.evaluate(snapshot, both).seen)
    assert {each.seen.control.id: each.asks_elsewhere for each in asked} == {
        "old-root-access-key": None,
        "root-access-key": "old-root-access-key",
    }


def test_people_get_the_steps() -> None:
    """What uses it comes first, deletion last."""
    fix = planned(control, _seen(root((ago(400), True))))
    assert isinstance(fix, Manual)
    assert "CloudTrail" in fix.steps[0]
    assert "root user of 123456789012" in fix.steps[2]
    assert "Delete" in fix.steps[-2]
