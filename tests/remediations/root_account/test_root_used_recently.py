"""A use of root is reported while it is recent, and each new one asks anew."""

from datetime import datetime
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part, ReportRow, Snapshot
from remediations.root_account import root_used_recently as control
from tests.remediations.people import ago, found, key, planned, root_row, seen


def seed(account: AccountBuilder) -> None:
    """Somebody signed in as root three days ago."""
    account.root(password_last_used=account.ago(days=3))


def just_within(account: AccountBuilder) -> None:
    """The last use is more than 14 days ago."""
    account.root(password_last_used=account.ago(days=14, minutes=1))


def just_beyond(account: AccountBuilder) -> None:
    """The last use is 14 days ago, to the second."""
    account.root(password_last_used=account.ago(days=14))


def root(password: datetime | None = None, *keys: datetime | None) -> ReportRow:
    """Root's row: when its password and its keys were used."""
    made = ago(400)
    return root_row(*(key(created=made, last_used=used) for used in keys), used=password)


def _seen(row: ReportRow | None) -> Snapshot:
    return seen(root=row)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(root(ago(3)), "3 days ago: with its password", id="password"),
        pytest.param(root(ago(14)), "14 days ago: with its password", id="at the limit"),
        pytest.param(root(ago(14, seconds=1)), None, id="just over"),
        pytest.param(root(), None, id="never"),
        pytest.param(root(None, None, None), None, id="keys that were never used"),
        pytest.param(root(None, ago(0.1)), "today: with its access key 1", id="a key"),
        pytest.param(
            root(ago(9), ago(200), ago(5)), "5 days ago: with its access key 2", id="the latest"
        ),
        pytest.param(root(ago(20), ago(15)), None, id="all long ago"),
        pytest.param(None, None, id="a report without root"),
    ],
)
def test_which_uses_are_found(row: ReportRow | None, said: str | None) -> None:
    """The latest of password and keys counts."""
    findings = found(control, _seen(row))
    assert [f.summary for f in findings] == ([f"The root user was used {said}"] if said else [])


def test_the_window_is_a_setting() -> None:
    """One day, as some ask for, or a quarter."""
    assert not found(control, _seen(root(ago(3))), within_days=1)
    assert found(control, _seen(root(ago(80))), within_days=90)


def test_evidence_has_every_use() -> None:
    """And how old the report is that says so."""
    (finding,) = found(control, _seen(root(ago(9), ago(200))))
    assert finding.evidence["password_used"] == "2026-11-15T12:00:00Z"
    assert finding.evidence["access_key_1_used"] == "2026-05-08T12:00:00Z"
    assert finding.evidence["report_age_minutes"] == 60


def test_a_further_use_is_a_new_question() -> None:
    """An answer to the first is no answer to the second."""
    first: Any = planned(control, _seen(root(ago(3))))
    second: Any = planned(control, _seen(root(ago(1))))
    assert isinstance(first, Manual)
    assert first.subject == second.subject == "123456789012/root-use"
    assert first.digest() != second.digest()
    assert any("2026-11-21T12:00:00Z" in step for step in first.steps)


def test_only_the_report_is_needed() -> None:
    """A scan that may read no more than that can tell."""
    assert control.CONTROL.needs == {Part.CREDENTIAL_REPORT}
