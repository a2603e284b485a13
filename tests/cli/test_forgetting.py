"""`people forget`: all names of one person, after a yes, and nobody else's."""

import json
from pathlib import Path

import pytest

from bot.errors import ExitCode
from tests.cli.conftest import Shell

CONFIG = """
people:
  - name: Alice
    local: [alice@desk]
    aws: ["arn:aws:iam::123456789012:user/alice"]
    slack: [U0000ALICE]
  - name: Bob
    local: [bob@desk]
"""
ALICES = ("Alice", "alice@desk", "arn:aws:iam::123456789012:user/alice", "U0000ALICE")


@pytest.fixture(autouse=True)
def configured(shell: Shell) -> None:
    Path("locksmith.yaml").write_text(CONFIG)


@pytest.mark.parametrize("given", ["Alice", "alice", "U0000ALICE", "alice@desk"])
def test_all_names_of_a_configured_person(shell: Shell, given: str) -> None:
    outcome = shell("people", "forget", given, "--yes")

    assert outcome.code == ExitCode.FINE
    assert outcome.out == "Erased 7 texts.\n"
    ((_, names),) = shell.service.asked
    assert set(names) == {given, *ALICES}


def test_a_name_that_nobody_configured_and_further_ones(shell: Shell) -> None:
    shell("people", "forget", "carol@example.com", "--also", "U0000CAROL", "--yes")

    assert shell.service.asked == [("forget", ("carol@example.com", "U0000CAROL"))]


@pytest.mark.parametrize(
    ("answers", "code"), [("yes\n", ExitCode.FINE), ("no\n", ExitCode.REFUSED), (None, 5)]
)
def test_it_takes_a_yes(shell: Shell, answers: str | None, code: int) -> None:
    outcome = shell("people", "forget", "carol@example.com", answers=answers)

    assert outcome.code == code
    assert "To be erased: carol@example.com" in outcome.err
    assert bool(shell.service.asked) == (code == ExitCode.FINE)


@pytest.mark.parametrize("words", [["al"], ["carol@example.com", "--also", " b "]])
def test_a_name_that_is_in_every_other_word_is_refused(shell: Shell, words: list[str]) -> None:
    outcome = shell("people", "forget", *words, "--yes")

    assert outcome.code == ExitCode.USAGE
    assert "too short" in outcome.err
    assert shell.service.asked == []


def test_their_codes_go_too(shell: Shell) -> None:
    path = Path("codes.json")
    path.write_text(json.dumps({"U0000ALICE": "JBSWY3DP", "U00000BOB": "JBSWY3DP"}))
    path.chmod(0o600)

    shell("people", "forget", "Alice", "--yes")

    assert set(json.loads(path.read_text())) == {"U00000BOB"}


def test_programs_get_a_number_and_no_name(shell: Shell) -> None:
    outcome = shell("people", "forget", "Alice", "--yes", "--output", "json")

    assert outcome.document()["texts"] == 7
    assert "Alice" not in outcome.out
