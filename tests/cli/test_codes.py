"""`codes enrol` and `codes remove`: the secret is shown once, to a person, and nowhere else."""

import json
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from bot.errors import ExitCode
from tests.cli.conftest import Shell
from tests.cli.fake_service import SECRET
from tests.reports.samples import NOW

ANN = "U0123456789"
RIGHT = pyotp.TOTP(SECRET).at(NOW)


def enrolled() -> dict[str, str]:
    path = Path("codes.json")
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def test_enrolling_shows_the_secret_once_and_takes_a_code(shell: Shell) -> None:
    outcome = shell("codes", "enrol", ANN, answers=f"{RIGHT}\n")

    assert outcome.code == ExitCode.FINE
    assert outcome.err.count(SECRET) == 1
    assert f"otpauth://totp/Locksmith:{ANN}?secret={SECRET}" in outcome.err
    assert outcome.out == f"{ANN} is enrolled.\n"
    assert enrolled() == {ANN: SECRET}
    assert Path("codes.json").stat().st_mode & 0o777 == 0o600
    assert shell.service.asked == [("enrol", ANN)]


def test_programs_get_no_secret(shell: Shell) -> None:
    outcome = shell("--output", "json", "codes", "enrol", ANN, answers=f"{RIGHT}\n")

    assert outcome.document() == {
        "schema": "locksmith.codes/1",
        "person": ANN,
        "enrolled": True,
    }
    assert SECRET not in outcome.out


@pytest.mark.parametrize(
    "answer", ["", "123456", "yes", pyotp.TOTP(SECRET).at(NOW + timedelta(hours=1))]
)
def test_without_a_right_code_nobody_is_enrolled(shell: Shell, answer: str) -> None:
    outcome = shell("codes", "enrol", ANN, answers=f"{answer}\n")

    assert outcome.code == ExitCode.REFUSED
    assert "not enrolled" in outcome.err
    assert enrolled() == {}
    assert shell.service.asked == []


def test_nobody_at_the_terminal_sees_no_secret(shell: Shell) -> None:
    outcome = shell("codes", "enrol", ANN)

    assert outcome.code == ExitCode.USAGE
    assert "nobody is here" in outcome.err
    assert SECRET not in outcome.err + outcome.out
    assert enrolled() == {}


@pytest.mark.parametrize(("answer", "code"), [("y", ExitCode.FINE), ("", ExitCode.REFUSED)])
def test_a_secret_is_replaced_only_by_a_yes(shell: Shell, answer: str, code: int) -> None:
    shell("codes", "enrol", ANN, answers=f"{RIGHT}\n")

    outcome = shell("codes", "enrol", ANN, answers=f"{answer}\n{RIGHT}\n")

    assert outcome.code == code
    assert (SECRET in outcome.err) is (code == ExitCode.FINE)


@pytest.mark.parametrize("person", ["ann", "S0123456789", "C0123456789", "ann@example.com", ""])
@pytest.mark.parametrize("what", ["enrol", "remove"])
def test_people_go_by_the_id_of_their_slack_user(shell: Shell, what: str, person: str) -> None:
    outcome = shell("codes", what, person, answers="")

    assert outcome.code == ExitCode.USAGE
    assert "is not the id of a Slack user" in outcome.err


def test_removing(shell: Shell) -> None:
    shell("codes", "enrol", ANN, answers=f"{RIGHT}\n")

    outcome = shell("--output", "json", "codes", "remove", ANN)

    assert outcome.document()["enrolled"] is False
    assert enrolled() == {}
    assert shell.service.asked[-1] == ("withdraw", ANN)


def test_removing_someone_unknown(shell: Shell) -> None:
    outcome = shell("codes", "remove", ANN)

    assert outcome.code == ExitCode.USAGE
    assert f"{ANN} is not enrolled" in outcome.err
    assert shell.service.asked == []


def test_a_file_that_others_may_read_is_refused(shell: Shell) -> None:
    shell("codes", "enrol", ANN, answers=f"{RIGHT}\n")
    Path("codes.json").chmod(0o644)

    outcome = shell("codes", "remove", ANN)

    assert outcome.code == ExitCode.USAGE
    assert "others may read" in outcome.err
    assert SECRET not in outcome.err
