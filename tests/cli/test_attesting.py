"""`attest`: a yes that is typed, or said with --yes, and nothing else."""

import pytest

from bot.errors import ExitCode, RefusedError
from tests.cli.conftest import Shell

ACCOUNT = ("--account", "123456789012")


def test_a_yes_is_recorded(shell: Shell) -> None:
    """And the second person who is missing is told."""
    outcome = shell("attest", "root", *ACCOUNT, answers="y\n")

    assert outcome.code == ExitCode.FINE
    assert "Another person must confirm it too" in outcome.out
    document = shell("attest", "root", *ACCOUNT, "--yes", "--output", "json").document()
    assert (document["people"], document["until"]) == (1, None)


@pytest.mark.parametrize("answers", ["n\n", "\n", None])
def test_anything_else_records_nothing(shell: Shell, answers: str | None) -> None:
    """No, silence, and nobody at the terminal."""
    outcome = shell("attest", "root", *ACCOUNT, answers=answers)

    assert outcome.code == ExitCode.REFUSED
    assert shell.service.asked == []


@pytest.mark.parametrize("account", ["12345", "", "\uff11" * 12])
def test_what_is_no_account_is_told(shell: Shell, account: str) -> None:
    """Before anybody is asked."""
    assert shell("attest", "root", "--account", account, "--yes").code == ExitCode.USAGE


def test_a_refusal_is_one(shell: Shell) -> None:
    """The same person a second time."""
    shell.service.errors["attest_root"] = RefusedError("another person must confirm it too")

    assert shell("attest", "root", *ACCOUNT, "--yes").code == ExitCode.REFUSED


REVIEWED = ("attest", "policy", "f-7k2m9q4d")


def test_a_review_is_recorded(shell: Shell) -> None:
    outcome = shell(*REVIEWED, answers="y\n")

    assert outcome.code == ExitCode.FINE
    assert shell.service.asked == [("review_policy", "f-7k2m9q4d")]
    assert "exempt until" in outcome.out
    assert shell(*REVIEWED, "--yes", "--output", "json").document()["finding"]["status"] == "exempt"


def test_a_review_that_takes_a_second_person_is_not_told_as_done(shell: Shell) -> None:
    shell.service.exempts_alone = False

    assert "A second person must confirm it" in shell(*REVIEWED, "--yes").err


@pytest.mark.parametrize("answers", ["n\n", "\n", None])
def test_nobodys_yes_reviews_nothing(shell: Shell, answers: str | None) -> None:
    outcome = shell(*REVIEWED, answers=answers)

    assert outcome.code == ExitCode.REFUSED
    assert shell.service.asked == []
