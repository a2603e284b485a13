"""`go-live`, `controls`, `config` and `demo`."""

import json
from pathlib import Path

import pytest

from bot import registry
from bot.errors import ExitCode, RefusedError
from tests.cli.conftest import Shell


def test_going_live_names_the_account(shell: Shell) -> None:
    outcome = shell("go-live", "123456789012")

    assert outcome.code == ExitCode.FINE
    assert "Account 123456789012 is live" in outcome.out
    assert shell("go-live", "123456789012", "--output", "json").document()["mode"] == "live"


@pytest.mark.parametrize("account", ["12345", "abcdefghijkl", "", "\uff11" * 12])
def test_what_is_no_account_is_told(shell: Shell, account: str) -> None:
    outcome = shell("go-live", account)

    assert outcome.code == ExitCode.USAGE
    assert "twelve digits" in outcome.err
    assert shell.service.asked == []


def test_an_account_never_scanned_is_refused(shell: Shell) -> None:
    shell.service.errors["go_live"] = RefusedError("never scanned")

    assert shell("go-live", "123456789012").code == ExitCode.REFUSED


def test_every_control_is_listed_and_shown(shell: Shell) -> None:
    listed = shell("controls", "--output", "json").document()["controls"]

    assert [each["id"] for each in listed] == list(registry.discover())
    for control in listed:
        assert control["id"] in shell("controls").out
        shown = shell("controls", "show", control["id"], "--output", "json").document()
        assert shown["control"] == control
        assert set(shown["documentation"]) == set(registry.HEADINGS)


def test_a_control_that_is_off_stays_in_the_list(shell: Shell) -> None:
    shell.doors.environ["LOCKSMITH_CONTROLS__UNUSED_ACCESS_KEY__ENABLED"] = "false"

    listed = shell("controls", "--output", "json").document()["controls"]

    at_first = {name for name, each in registry.discover().items() if not each.settings().enabled}
    assert "stale-group-membership" in at_first
    assert {each["id"] for each in listed if not each["enabled"]} == {
        "unused-access-key",
        *at_first,
    }


def test_a_control_shows_the_settings_in_force(shell: Shell) -> None:
    shell.doors.environ["LOCKSMITH_CONTROLS__UNUSED_ACCESS_KEY__DAYS"] = "30"

    shown = shell("controls", "show", "unused-access-key", "--output", "json").document()

    days = next(each for each in shown["settings"] if each["name"] == "days")
    assert (days["value"], days["default"]) == (30, 45)


def test_an_unknown_control_is_told_with_the_nearest(shell: Shell) -> None:
    outcome = shell("controls", "show", "unused-acess-key")

    assert outcome.code == ExitCode.USAGE
    assert "did you mean `unused-access-key`?" in outcome.err


def test_a_valid_configuration_says_where_it_comes_from(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("aws: {region: eu-west-1}\n", encoding="utf-8")
    shell.doors.environ["LOCKSMITH_AWS__PROFILE"] = "audit"

    outcome = shell("--config", str(path), "config", "validate")

    assert outcome.code == ExitCode.FINE
    assert f"read from {path}" in outcome.out
    assert "aws.profile is set by LOCKSMITH_AWS__PROFILE" in outcome.out
    document = shell("--config", str(path), "config", "validate", "--output", "json").document()
    assert document["path"] == str(path)
    assert document["environment"] == {"aws.profile": "LOCKSMITH_AWS__PROFILE"}
    assert "no file, so the defaults" in shell("config", "validate").out
    assert shell("config").out == shell("config", "validate").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("awz: {}\n", "line 1: `awz`: no such setting; did you mean `aws`?"),
        ("aws:\n\tregion: x\n", "line 2, column 1: not readable as YAML"),
        (
            "controls:\n  unused-acess-key: {}\n",
            (
                "line 2: `controls.unused-acess-key`: no such control; "
                "did you mean `unused-access-key`?"
            ),
        ),
        (
            "controls:\n  unused-access-key:\n    dayz: 3\n",
            "line 3: `controls.unused-access-key.dayz`: no such setting; did you mean `days`?",
        ),
        (
            "controls:\n  unused-access-key:\n    days: soon\n",
            "line 3: `controls.unused-access-key.days`: must be a whole number, not 'soon'",
        ),
    ],
)
@pytest.mark.parametrize("command", [["config"], ["config", "validate"], ["controls"]])
def test_a_mistake_is_named_with_file_and_line(
    shell: Shell, tmp_path: Path, command: list[str], text: str, said: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")

    outcome = shell(*command, "--config", str(path))

    assert outcome.code == ExitCode.USAGE
    assert f"{path}, {said}" in " ".join(outcome.err.split())
    assert outcome.out == ""


def test_a_mistake_stops_every_command_before_anything_is_done(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "locksmith.yaml").write_text("awz: {}\n", encoding="utf-8")

    for command in (["scan"], ["findings"], ["apply", "p-3x8w5c1z"], ["db", "upgrade"]):
        outcome = shell(*command)
        assert outcome.code == ExitCode.USAGE
        assert "locksmith.yaml, line 1" in outcome.err
    assert shell.service.asked == []


def test_the_schema_is_printed_for_editors(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "locksmith.yaml").write_text("broken: [", encoding="utf-8")

    outcome = shell("config", "schema")

    assert outcome.code == ExitCode.FINE
    properties = json.loads(outcome.out)["properties"]
    assert "days" in json.dumps(properties["controls"])
    assert set(properties) >= {"aws", "database", "controls"}


def test_the_demo_is_played_without_configuration(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "locksmith.yaml").write_text("broken: [", encoding="utf-8")

    assert shell("demo", "--users", "7").code == ExitCode.FINE
    assert shell("demo", "--serve").code == ExitCode.FINE
    assert shell.doors.demos == [(7, False), (30, True)]
    assert shell("demo", "--users", "0").code == ExitCode.USAGE
