"""`serve` and `slack` at the command line, on a fake application."""

import logging

import pytest

from bot.cli.logbook import start_logging
from bot.errors import ExitCode, SlackFatalError
from tests.cli.conftest import Shell


def test_serve_says_what_the_application_says(shell: Shell) -> None:
    done = shell("serve")
    assert (done.code, done.out) == (0, "")
    assert "serving" in done.err
    assert shell.doors.apps[0].closed


def test_why_serving_ended_is_said(shell: Shell) -> None:
    fatal = SlackFatalError("Slack doesn't let us in", hint="Mend the token.")
    shell.doors.serving_ends = fatal
    done = shell("serve")
    assert done.code == ExitCode.TROUBLE
    assert "error: Slack doesn't let us in\nhint: Mend the token." in done.err


def test_the_manifest_is_all_that_stdout_gets(shell: Shell) -> None:
    done = shell("slack", "manifest", "--url", "https://locksmith.example.com")
    assert (done.code, done.out, done.err) == (0, "url: https://locksmith.example.com\n", "")


def test_check_says_who_we_are(shell: Shell) -> None:
    assert "workspace House (T1), user U1" in shell("slack", "check").out
    assert shell("slack", "check", "--output", "json").document()["workspace"] == "T1"


@pytest.mark.parametrize(("verbose", "lines"), [(0, ["told"]), (1, ["told", "detail"])])
def test_the_log_has_utc_times_and_no_secrets(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    verbose: int,
    lines: list[str],
) -> None:
    monkeypatch.setenv("LOCKSMITH_SLACK__BOT_TOKEN", "xoxb-0123456789")
    try:
        start_logging(verbose)
        logging.getLogger("bot.worker").info("told xoxb-0123456789")
        logging.getLogger("bot.worker").debug("detail")
        logging.getLogger("some.library").info("noise")
    finally:
        logging.basicConfig(handlers=[], force=True)
        logging.getLogger("bot").setLevel(logging.NOTSET)
    heard = capsys.readouterr().err
    said = heard.splitlines()
    assert [line.split()[-2 if "told" in line else -1] for line in said] == lines
    assert all(line[10] == "T" and line[23] == "Z" for line in said)
    assert "xoxb" not in heard
    assert said[0].endswith("told <LOCKSMITH_SLACK__BOT_TOKEN>")
