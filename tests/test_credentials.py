"""What the controls on credentials count with: ages, rows that belong to nobody, signs of life."""

from datetime import timedelta
from typing import Any

import pytest

from bot import credentials
from bot.errors import PlanError
from bot.model import CredentialReport, Finding, Part, Resource, Severity
from tests.remediations.contract import NOW
from tests.remediations.people import ago, key, person, seen

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param(ago(45) - SECOND, True, id="a second more"),
        pytest.param(ago(45), False, id="just as old"),
        pytest.param(ago(45) + SECOND, False, id="a second less"),
        pytest.param(NOW + timedelta(days=1), False, id="still to come"),
    ],
)
def test_older_means_strictly_more(moment: Any, expected: bool) -> None:
    """As `older_than` compares in the live look, so that both always agree."""
    assert credentials.is_older(moment, 45, NOW) is expected


def test_whole_days() -> None:
    """Rounded down, and never negative, whatever a clock says."""
    assert credentials.days_since(ago(2) + SECOND, NOW) == 1
    assert credentials.days_since(ago(2), NOW) == 2
    assert credentials.days_since(NOW + timedelta(days=3), NOW) == 0


def test_words() -> None:
    """One of a thing is said in the singular; times are ISO 8601 in UTC."""
    assert credentials.count(1, "day") == "1 day"
    assert credentials.count(0, "day") == "0 days"
    assert credentials.utc_text(None) is None
    assert credentials.utc_text(NOW) == "2026-11-24T12:00:00Z"
    assert credentials.used_when(key(created=ago(3)), NOW) == "never used"
    assert credentials.used_when(key(created=ago(3), last_used=ago(1)), NOW) == (
        "last used 1 day ago for s3"
    )
    used_now = credentials.used_when(key(created=ago(3), last_used=ago(hours=23)), NOW)
    assert used_now == "last used today for s3"


@pytest.mark.parametrize(
    ("row_created", "expected"),
    [
        pytest.param(ago(1000), 1, id="the same user"),
        pytest.param(ago(1000) + timedelta(seconds=59), 1, id="told a little differently"),
        pytest.param(ago(999), 0, id="a former user of that name"),
    ],
)
def test_rows_belong_to_the_user_who_was_made_then(row_created: Any, expected: int) -> None:
    """Names are reused; the report is up to four hours old."""
    one = person(created=ago(1000), row_created=row_created)
    assert len(list(credentials.people(seen(one)))) == expected


def test_a_key_used_before_it_was_made_is_as_old_as_its_making() -> None:
    """The report's time is the last change: switched off and on, a key starts anew."""
    assert credentials.key_active_at(key(created=ago(1), last_used=ago(90))) == ago(1)


def test_the_finding_finds_its_key_again() -> None:
    """By where the report has it, and once it is named by its id; else that is said."""
    reported, listed = key(created=ago(9)), key(created=ago(90), key_id="AKIA1")
    for snapshot in (seen(person(keys=(reported,))), seen(person(listed=(listed,)))):
        ((user, found),) = credentials.owned_keys(snapshot)
        finding = credentials.key_finding("c", Severity.LOW, user, found, "x", {})
        assert credentials.key_in(finding, snapshot) == found
        with pytest.raises(PlanError, match="has no key"):
            credentials.key_in(finding, seen(person()))


def test_a_finding_without_a_key_has_none() -> None:
    """A mistake of a control, said as one."""
    resource = Resource("user", "alice", "arn:x", "AIDAALICE")
    finding = Finding("c", "AIDAALICE/password", resource, Severity.LOW, "x")
    with pytest.raises(PlanError):
        credentials.key_in(finding, seen(person(keys=(key(created=ago(9)),))))


def test_the_age_of_the_report_is_said() -> None:
    """In minutes; files that were given may not tell."""
    snapshot = seen()
    assert credentials.report_evidence(snapshot)["report_age_minutes"] == 60
    unknown = seen(parts={Part.CREDENTIAL_REPORT: CredentialReport(None, None, ())})
    assert credentials.report_evidence(unknown) == {
        "report_generated": None,
        "report_age_minutes": None,
    }
