"""`rules` and `simulate`: what they say before anything happens."""

from bot.errors import ExitCode
from tests.cli.conftest import Shell
from tests.reports.samples import ALICE


def test_every_finding_its_rule_and_what_happens(shell: Shell) -> None:
    outcome = shell("rules", "test")

    assert outcome.code == ExitCode.FINE
    assert shell.service.asked == [("forecast",)]
    assert "4 open findings: 1 ask, 3 auto." in outcome.out
    assert "sandbox-keys" in outcome.out
    assert "default" in outcome.out


def test_no_finding_says_so(shell: Shell) -> None:
    shell.service.foreseen = []

    assert "No finding is open" in shell("rules", "test").out


def test_the_coming_month(shell: Shell) -> None:
    outcome = shell("simulate")

    assert shell.service.asked == [("play", 30)]
    lines = outcome.out.splitlines()
    assert lines[0].endswith("if nobody answers: 1 change by rules.")
    assert "1 more come later." in outcome.out
    assert "1 of unused-access-key: is asked; without an answer" in outcome.out
    assert lines[-1] == "Nothing was written, and nobody was told."


def test_as_a_document(shell: Shell) -> None:
    document = shell("simulate", "--days", "90", "--output", "json").document()

    assert document["days"] == 90
    assert [each["acts"] for each in document["events"]] == [False, True, False, False]
    assert document["events"][3]["rule"] is None


def test_days_have_bounds(shell: Shell) -> None:
    assert shell("simulate", "--days", "0").code == ExitCode.USAGE
    assert shell.service.asked == []


def test_an_account_is_confirmed(shell: Shell) -> None:
    outcome = shell("rules", "confirm", "123456789012")

    assert outcome.code == ExitCode.FINE
    assert ("confirm_account", "123456789012", ALICE) in shell.service.asked
    assert "Rules go on in account 123456789012" in outcome.out
