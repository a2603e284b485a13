"""`scan`: what it prints and how it exits."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import AwsError, CredentialsError, ExitCode, NotEnteredError, StoreError
from bot.model import FindingStatus
from tests.cli.conftest import Shell
from tests.reports.samples import NOT_GIVEN, TRAILS_GAP, record, scan_result, view


def test_people_get_a_table(shell: Shell) -> None:
    outcome = shell("scan")

    assert outcome.code == ExitCode.FINE
    assert "f-7k2m9q4d" in outcome.out
    assert outcome.err == ""


def test_programs_get_one_document_and_nothing_else(shell: Shell) -> None:
    outcome = shell("--output", "json", "-v", "scan")

    document = outcome.document()
    assert document["schema"] == "locksmith.scan/1"
    assert document["account"] == "123456789012"
    assert document["findings"][0]["remediation"]["kind"] == "plan"
    assert "Reading …" in outcome.err


@pytest.mark.parametrize(
    ("changes", "args", "code"),
    [
        ({}, [], ExitCode.FINE),
        ({}, ["--fail-on", "medium"], ExitCode.FINDINGS),
        ({}, ["--fail-on", "low"], ExitCode.FINDINGS),
        ({}, ["--fail-on", "high"], ExitCode.FINE),
        ({}, ["--fail-on", "none"], ExitCode.FINE),
        ({"unavailable": (TRAILS_GAP,)}, [], ExitCode.UNREAD),
        ({"unavailable": (TRAILS_GAP,)}, ["--fail-on", "medium"], ExitCode.UNREAD),
        ({"unavailable": (NOT_GIVEN,)}, [], ExitCode.FINE),
        ({"not_evaluated": {"full-admin-policy": "policy p: no JSON"}}, [], ExitCode.UNREAD),
        (
            {"unavailable": (NOT_GIVEN,), "not_evaluated": {"no-multi-region-trail": "not given"}},
            [],
            ExitCode.FINE,
        ),
        (
            {"unavailable": (NOT_GIVEN,), "not_evaluated": {"full-admin-policy": "no JSON"}},
            [],
            ExitCode.UNREAD,
        ),
        ({"unavailable": (NOT_GIVEN,)}, ["--fail-on", "info"], ExitCode.FINDINGS),
        (
            {"findings": (view(record=record(status=FindingStatus.EXEMPT)),)},
            ["--fail-on", "info"],
            ExitCode.FINE,
        ),
    ],
)
def test_the_exit_code_says_what_matters_most(
    shell: Shell, changes: dict[str, Any], args: list[str], code: ExitCode
) -> None:
    shell.service.result = scan_result(**changes)

    assert shell("scan", *args).code == code


def test_the_configuration_may_say_when_to_fail(shell: Shell) -> None:
    shell.doors.environ["LOCKSMITH_SCAN__FAIL_ON"] = "medium"

    assert shell("scan").code == ExitCode.FINDINGS
    assert shell("scan", "--fail-on", "none").code == ExitCode.FINE


def test_programs_get_the_warnings(shell: Shell) -> None:
    shell.service.result = scan_result(warnings=("protected.users: `adm*` matches nobody",))

    document = shell("scan", "--output", "json").document()

    assert document["warnings"] == ["protected.users: `adm*` matches nobody"]


@pytest.mark.parametrize(
    "error",
    [
        CredentialsError("there are no credentials", hint="Sign in."),
        AwsError("no such region"),
        StoreError("the database is locked"),
    ],
)
def test_trouble_is_told_with_what_to_do(shell: Shell, error: Exception) -> None:
    shell.service.errors["scan"] = error

    outcome = shell("--output", "json", "scan")

    assert outcome.code == ExitCode.TROUBLE
    assert outcome.out == ""
    assert f"error: {error}" in outcome.err


def test_a_wrong_severity_is_a_usage_error_and_nothing_is_done(shell: Shell) -> None:
    outcome = shell("scan", "--fail-on", "hihg")

    assert outcome.code == ExitCode.USAGE
    assert "hihg" in outcome.err
    assert shell.service.asked == []


@pytest.fixture
def details(tmp_path: Path) -> Path:
    """Authorization details of one user, as the AWS CLI writes them."""
    user = {
        "Path": "/",
        "UserName": "ann",
        "UserId": "AIDAANN",
        "Arn": "arn:aws:iam::210987654321:user/ann",
        "CreateDate": "2024-01-01T00:00:00+00:00",
        "GroupList": [],
        "AttachedManagedPolicies": [],
    }
    path = tmp_path / "auth.json"
    path.write_text(
        json.dumps(
            {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        ),
        encoding="utf-8",
    )
    return path


def test_files_are_looked_at_instead_of_aws(shell: Shell, details: Path) -> None:
    outcome = shell("--output", "json", "scan", "--authorization-details", str(details))

    assert outcome.code == ExitCode.FINE
    assert shell.service.names() == ["scan_offline"]
    assert outcome.document()["account"] == "210987654321"
    assert outcome.document()["offline"] is True


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"UserDetailList": [}', '{"a": 1}', "\x00\xff"]
)
def test_a_file_that_is_something_else_is_named(shell: Shell, tmp_path: Path, content: str) -> None:
    path = tmp_path / "auth.json"
    path.write_text(content, encoding="latin-1")

    outcome = shell("scan", "--authorization-details", str(path))

    assert outcome.code == ExitCode.USAGE
    assert "auth.json" in outcome.err
    assert shell.service.asked == []


def test_a_file_that_is_not_there_is_named(shell: Shell) -> None:
    outcome = shell("scan", "--authorization-details", "nowhere.json")

    assert outcome.code == ExitCode.USAGE
    assert "nowhere.json" in outcome.err


@pytest.mark.parametrize(
    "option", ["--credential-report", "--account-summary", "--password-policy"]
)
def test_other_files_go_with_authorization_details(shell: Shell, option: str) -> None:
    outcome = shell("scan", option, "x")

    assert outcome.code == ExitCode.USAGE
    assert f"{option} goes with --authorization-details" in outcome.err


def test_hostile_names_stay_harmless(shell: Shell) -> None:
    seen = record()
    nasty = replace(seen.finding, summary="\x1b[2J[bold]x[/bold]", control="c\u202ed")
    shell.service.result = scan_result(findings=(view(record=replace(seen, finding=nasty)),))

    for output in ("table", "json"):
        out = shell("scan", "--output", output).out
        assert "\x1b" not in out
        assert "\u202e" not in out


A, B, C = "111111111111", "222222222222", "333333333333"


@pytest.mark.parametrize(
    ("shut", "args", "code"),
    [
        ([], [], ExitCode.FINE),
        ([], ["--fail-on", "low"], ExitCode.FINDINGS),
        ([B], [], ExitCode.TROUBLE),
        ([B], ["--fail-on", "low"], ExitCode.TROUBLE),
        ([A, B, C], [], ExitCode.TROUBLE),
    ],
)
def test_accounts_that_are_shut_hold_up_no_others(
    shell: Shell, shut: list[str], args: list[str], code: ExitCode
) -> None:
    shell.service.account_ids = (A, B, C)
    shell.service.shut = {
        each: NotEnteredError(f"account {each} can't be entered") for each in shut
    }

    outcome = shell("--output", "json", "scan", *args)

    assert outcome.code == code
    document = outcome.document()
    assert document["schema"] == "locksmith.scans/1"
    assert {each["account"] for each in document["scans"]} == {A, B, C} - set(shut)
    assert {each["account"] for each in document["failed"]} == set(shut)
    assert all(f"account {each} can't be entered" in outcome.err for each in shut)


def test_people_see_each_account(shell: Shell) -> None:
    shell.service.account_ids = (A, B)

    outcome = shell("scan")

    assert f"Account {A}" in outcome.out
    assert f"Account {B}" in outcome.out


def test_one_account_of_several(shell: Shell) -> None:
    shell.service.account_ids = (A, B)

    assert shell("--output", "json", "scan", "--account", B).document()["account"] == B
    assert shell("scan", "--account", C).code == ExitCode.USAGE


def test_a_file_has_its_own_account(shell: Shell, details: Path) -> None:
    outcome = shell("scan", "--account", A, "--authorization-details", str(details))
    assert outcome.code == ExitCode.USAGE


def test_an_auditor_gets_their_numbering(shell: Shell) -> None:
    outcome = shell("scan", "--framework", "cis-7.0")

    assert outcome.code == ExitCode.FINE
    assert "CIS AWS Foundations Benchmark 7.0" in outcome.out
    assert "2.11" in outcome.out
    document = shell("--output", "json", "scan", "--framework", "fsbp").document()
    numbers = {each["number"]: each for each in document["framework"]["requirements"]}
    assert numbers["IAM.8"]["standing"] == "failed"
    assert numbers["IAM.8"]["findings"] == ["f-7k2m9q4d"]
    assert "framework" in shell("--output", "json", "scan").document()
    assert shell("scan", "--framework", "cis-9").code == ExitCode.USAGE


def test_a_framework_lists_its_controls(shell: Shell) -> None:
    outcome = shell("controls", "list", "--framework", "cis-5.0")

    assert outcome.code == ExitCode.FINE
    assert "CIS AWS Foundations Benchmark 5.0" in outcome.out
    assert "1.11" in outcome.out
    assert "wildcard-trust-policy" not in outcome.out  # came with 7.0
    document = shell("--output", "json", "controls", "list", "--framework", "cis-5.0").document()
    assert "wildcard-trust-policy" not in {each["id"] for each in document["controls"]}
