"""Scans for people: what was found, and what could not be seen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import FindingStatus, Part, Severity
from bot.reports.scan_text import scan_lines
from tests.reports.printing import printed
from tests.reports.samples import FINDING, NOT_GIVEN, NOW, TRAILS_GAP, record, scan_result, view


def shown(**changes: Any) -> str:
    return printed(scan_lines(scan_result(**changes), NOW))


def test_a_scan_says_how_much_it_asked_and_how_old_its_data_is() -> None:
    text = shown()

    assert "Account 123456789012, 11 calls in 4.0 s" in text
    assert "Credential report made 2 hours ago (2026-11-24 10:00:00 UTC)" in text
    assert "1 finding: 1 medium." in text
    assert "Since the last scan: 1 new, 0 resolved." in text
    assert "Next: `locksmith plan f-7k2m9q4d` shows the fix." in text


def test_the_worst_comes_first_and_the_rest_is_counted() -> None:
    low = view(record=record(finding=replace(FINDING, severity=Severity.LOW)))
    critical = view(
        record=record(id="f-worst", finding=replace(FINDING, severity=Severity.CRITICAL))
    )
    text = shown(findings=[low] * 50 + [critical])

    assert text.index("f-worst") < text.index("f-7k2m9q4d")
    assert "… and 11 more findings" in text
    assert "51 findings: 1 critical, 50 low." in text


def test_a_clean_account_is_told_kindly_and_nothing_comes_next() -> None:
    text = shown(findings=(), new=0)

    assert "No findings: nothing that could be looked at breaks an enabled control." in text
    assert "Next" not in text
    assert "Since the last scan" not in text


def test_what_could_not_be_read_is_said_with_the_permission_to_grant() -> None:
    text = shown(unavailable=(TRAILS_GAP,), not_evaluated={"no-multi-region-trail": "no trails"})

    assert (
        "trails: cloudtrail:DescribeTrails: AccessDenied; grant cloudtrail:DescribeTrails" in text
    )
    assert "Not evaluated, so neither passed nor failed" in text
    assert "no-multi-region-trail: no trails" in text


def test_what_was_not_given_is_no_failure_to_read() -> None:
    text = shown(offline=True, unavailable=(NOT_GIVEN,), not_evaluated={"a": "b"})

    assert "from files" in text
    assert "Could not be read" not in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unnamed_keys": 1}, "1 access key not named yet"),
        ({"unnamed_keys": 5}, "5 access keys not named yet"),
        ({"findings": [view(record=record(status=FindingStatus.EXEMPT))]}, "1 of them exempt"),
    ],
)
def test_what_else_matters_is_said(changes: dict[str, Any], said: str) -> None:
    assert said in shown(**changes)


def test_files_are_judged_as_of_their_credential_report() -> None:
    text = shown(offline=True, report_generated=NOW - timedelta(days=92))

    assert "Credential report made 92 days ago (2026-08-24 12:00:00 UTC); ages" in text
    assert "ages are counted from then" in " ".join(text.split())
    assert "counted from then" not in shown()


@pytest.mark.parametrize(
    ("gaps", "said"),
    [
        ((), "Age of the credential report unknown: ages are counted to now"),
        (
            (replace(NOT_GIVEN, part=Part.CREDENTIAL_REPORT),),
            "No credential report: ages are counted to now",
        ),
    ],
)
def test_files_of_unknown_age_are_called_so(gaps: Any, said: str) -> None:
    assert said in shown(offline=True, report_generated=None, unavailable=gaps)
    assert "counted to now" not in shown(report_generated=None)


def test_unnamed_keys_in_files_are_promised_no_names() -> None:
    text = shown(offline=True, unnamed_keys=5)

    assert "5 access keys not named yet: files don't say their ids." in text
    assert "names one at once" not in text


def test_settings_that_do_nothing_are_warned_of() -> None:
    assert "protected.users: `adm*` matches nobody" in shown(
        warnings=("protected.users: `adm*` matches nobody",)
    )


def test_calls_are_listed_on_request() -> None:
    lines = scan_lines(scan_result(), NOW, verbose=True)

    assert "9  iam:ListAccessKeys" in printed(lines)


def test_a_long_scan_tells_minutes() -> None:
    assert "in 2 min 5 s" in shown(started_at=NOW - timedelta(seconds=125))
