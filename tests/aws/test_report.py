"""The credential report: by column name, all its sentinels, and never half a truth."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.aws.report import BrokenReportError, parse_report
from bot.model import AccessKey

GENERATED = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ALICE = "arn:aws:iam::123456789012:user/alice"
ROOT = {
    "user": "<root_account>",
    "arn": "arn:aws:iam::123456789012:root",
    "password_enabled": "not_supported",
    "password_last_changed": "not_supported",
    "password_next_rotation": "not_supported",
    "mfa_active": "true",
}
ROW = {
    "user": "alice",
    "arn": ALICE,
    "user_creation_time": "2020-01-02T03:04:05Z",
    "password_enabled": "false",
    "password_last_used": "N/A",
    "password_last_changed": "N/A",
    "password_next_rotation": "N/A",
    "mfa_active": "false",
    "access_key_1_active": "false",
    "access_key_1_last_rotated": "N/A",
    "access_key_1_last_used_date": "N/A",
    "access_key_1_last_used_region": "N/A",
    "access_key_1_last_used_service": "N/A",
    "access_key_2_active": "false",
    "access_key_2_last_rotated": "N/A",
    "access_key_2_last_used_date": "N/A",
    "access_key_2_last_used_region": "N/A",
    "access_key_2_last_used_service": "N/A",
    "cert_1_active": "false",
    "cert_1_last_rotated": "N/A",
    "cert_2_active": "false",
    "cert_2_last_rotated": "N/A",
}


def report_text(*rows: dict[str, str], columns: list[str] | None = None) -> str:
    """A report's CSV of rows that differ from ROW as given."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(ROW), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    return text.getvalue()


def parsed(*rows: dict[str, str], **options: Any) -> Any:
    """The report of such rows."""
    return parse_report(report_text(*rows), generated=GENERATED, ids={ALICE: "AIDA1"}, **options)


def test_root_is_a_row_of_its_own() -> None:
    report = parsed(ROOT, {})
    assert report.generated == GENERATED
    assert report.root.user == "<root_account>"
    assert report.root.password_enabled is None
    assert report.root.mfa_active is True
    assert [row.user for row in report.users] == ["alice"]


def test_a_report_without_a_root_row() -> None:
    assert parsed({}).root is None


@pytest.mark.parametrize(
    ("value", "enabled"),
    [("true", True), ("TRUE", True), ("false", False), ("FALSE", False), ("not_supported", None)],
)
def test_flags_of_any_case(value: str, *, enabled: bool | None) -> None:
    assert parsed({"password_enabled": value}).users[0].password_enabled is enabled


@pytest.mark.parametrize(
    "value", ["N/A", "no_information", "not_supported", "n/a", "NO_INFORMATION"]
)
def test_sentinels_mean_nothing(value: str) -> None:
    row = parsed({"password_last_used": value, "password_last_changed": value}).users[0]
    assert row.password_last_used is None
    assert row.password_last_changed is None


@pytest.mark.parametrize(
    "value", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", "2026-01-02T05:04:05+02:00"]
)
def test_both_forms_of_time(value: str) -> None:
    row = parsed({"password_last_used": value}).users[0]
    assert row.password_last_used == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert row.password_last_used.tzinfo is UTC


def test_keys_of_both_slots() -> None:
    row = parsed(
        {
            "access_key_1_active": "true",
            "access_key_1_last_rotated": "2025-01-01T00:00:00Z",
            "access_key_1_last_used_date": "2026-11-01T10:15:00Z",
            "access_key_1_last_used_region": "eu-west-1",
            "access_key_1_last_used_service": "s3",
            "access_key_2_last_rotated": "2025-02-01T00:00:00Z",
        }
    ).users[0]
    assert row.keys == (
        AccessKey(
            user="alice",
            user_id="AIDA1",
            created=datetime(2025, 1, 1, tzinfo=UTC),
            active=True,
            last_used=datetime(2026, 11, 1, 10, 15, tzinfo=UTC),
            last_used_service="s3",
            last_used_region="eu-west-1",
            slot=1,
        ),
        AccessKey(
            user="alice",
            user_id="AIDA1",
            created=datetime(2025, 2, 1, tzinfo=UTC),
            active=False,
            slot=2,
        ),
    )


def test_an_active_key_without_a_time_is_as_old_as_its_user() -> None:
    key = parsed({"access_key_2_active": "true"}).users[0].keys[0]
    assert key.slot == 2
    assert key.created == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_columns_are_found_by_name() -> None:
    columns = ["additional_credentials_info", *sorted(ROW, reverse=True)]
    row = {"additional_credentials_info": "3 more keys, see ListAccessKeys", "mfa_active": "true"}
    text = report_text(row, columns=columns)
    users = parse_report(text, generated=None, ids={}).users
    assert users[0].mfa_active is True


def test_without_an_id_the_arn_stands_in() -> None:
    row = {"access_key_1_active": "true", "access_key_1_last_rotated": "2025-01-01T00:00:00Z"}
    users = parse_report(report_text(row), generated=None, ids={}).users
    assert users[0].keys[0].user_id == ALICE


def test_rows_of_users_who_are_gone_are_left_out() -> None:
    gone = {"user": "bob", "arn": ALICE.replace("alice", "bob")}
    assert [row.user for row in parsed(ROOT, gone, {}, known_only=True).users] == ["alice"]
    assert [row.user for row in parsed(ROOT, gone, {}).users] == ["bob", "alice"]


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"], ids=repr)
def test_any_ending_of_a_whole_report(ending: str) -> None:
    text = report_text(ROOT, {}).rstrip("\n") + ending
    assert len(parse_report(text, generated=None, ids={}).users) == 1


def test_a_report_cut_off_anywhere_inside_a_row_is_an_error() -> None:
    """At every character but those that end a row, where no reader could tell."""
    text = report_text(
        ROOT, {}, {"user": "zoë", "cert_2_last_rotated": "2025-01-01T00:00:00+00:00"}
    ).rstrip("\n")
    whole_rows = {index for index, char in enumerate(text) if char == "\n"}
    header = min(whole_rows)
    for end in range(len(text)):
        if end > header + 1 and (end in whole_rows or end - 1 in whole_rows):
            continue
        with pytest.raises(BrokenReportError, match="cut off"):
            parse_report(text[:end], generated=None, ids={})
    assert len(parse_report(text, generated=None, ids={}).users) == 2


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"password_enabled": "yes"}, "neither true nor false"),
        ({"mfa_active": ""}, "neither true nor false"),
        ({"password_last_used": "yesterday"}, "no time"),
        ({"password_last_used": "2026-01-01T00:00:00"}, "no time"),
        ({"user_creation_time": "N/A"}, "no time of creation"),
        ({"arn": "alice"}, "no ARN"),
    ],
    ids=str,
)
def test_values_that_cannot_be(row: dict[str, str], words: str) -> None:
    with pytest.raises(BrokenReportError, match=words) as caught:
        parsed({}, row)
    assert "line 3" in str(caught.value)


def test_missing_columns_are_named() -> None:
    columns = [name for name in ROW if name != "mfa_active"]
    with pytest.raises(BrokenReportError, match="no column mfa_active"):
        parse_report(report_text({}, columns=columns), generated=None, ids={})


# What IAM allows in names; AWS doesn't say whether the report quotes commas.
NAMES = st.text("abcXYZ019+=,.@-_", min_size=1, max_size=64)


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), st.booleans(), st.data())
def test_any_names_round_trip(names: list[str], quoted: bool, data: Any) -> None:
    """Quoted or not, with commas, at signs and plus signs: rows keep their names and values."""
    path = data.draw(st.sampled_from(["/", "/team,a/", "/a/b/"]))
    rows = [
        {
            "user": name,
            "arn": f"arn:aws:iam::123456789012:user{path}{name}",
            "password_last_used": f"2026-01-02T03:04:{index:02}Z",
        }
        for index, name in enumerate(names)
    ]
    text = report_text(*rows)
    if not quoted:
        text = text.replace('"', "")
    users = parse_report(text, generated=None, ids={}).users
    assert [(row.user, row.arn) for row in users] == [(row["user"], row["arn"]) for row in rows]
    times = [row.password_last_used for row in users]
    start = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert times == [start + timedelta(seconds=index) for index in range(len(names))]


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Anything is either a report or a BrokenReportError."""
    with pytest.raises(BrokenReportError):
        parse_report(text, generated=None, ids={})


def test_quotes_in_a_name_survive() -> None:
    name = 'o"brien'
    users = parsed({"user": name, "arn": f"arn:aws:iam::123456789012:user/{name}"}).users
    assert users[0].user == name
