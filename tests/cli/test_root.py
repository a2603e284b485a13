"""What holds for every command: options on both sides, help that teaches, one error handler."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from bot.cli.command_line import root
from bot.errors import ExitCode, LocksmithError
from bot.version import __version__
from tests.cli.conftest import Shell

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120 - no Path needed


def commands(
    command: click.Command = root, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


ALL = list(commands())
LEAVES = [(path, command) for path, command in ALL if not isinstance(command, click.Group)]


@pytest.mark.parametrize("path", [path for path, _ in ALL], ids=" ".join)
def test_help_is_there_and_fits(shell: Shell, path: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        outcome = shell(*path, flag)
        assert outcome.code == ExitCode.FINE
        assert outcome.out.startswith("Usage: ")
        assert max(map(len, outcome.out.splitlines())) <= 100
    assert shell.doors.opened == []


@pytest.mark.parametrize("path", [path for path, _ in LEAVES], ids=" ".join)
def test_help_teaches_with_an_example_and_exit_codes(shell: Shell, path: tuple[str, ...]) -> None:
    text = shell(*path, "--help").out

    assert "Examples:\n  locksmith " in text
    assert "Exit codes:\n  0 " in text
    assert "130  interrupted" in text
    assert "Global options:" in text


@pytest.mark.parametrize("path", [path for path, _ in LEAVES], ids=" ".join)
def test_examples_parse(path: tuple[str, ...]) -> None:
    _, command = next(each for each in LEAVES if each[0] == path)

    for example in command.examples:  # type: ignore[attr-defined]
        words = example.split(" > ")[0].replace('"', "'")
        assert words.startswith("locksmith ")
        assert path[0] in words


def test_the_version_is_told(shell: Shell) -> None:
    assert shell("--version").out == f"locksmith {__version__}\n"


@pytest.mark.parametrize(
    "args",
    [
        ["--profile", "p", "--region", "r", "--db", "sqlite://", "findings", "list"],
        ["findings", "--profile", "p", "--region", "r", "--db", "sqlite://", "list"],
        ["findings", "list", "--profile", "p", "--region", "r", "--db", "sqlite://"],
        ["findings", "--profile", "p", "--region", "r", "--db", "sqlite://"],
        ["--profile", "x", "--region", "r", "findings", "--profile", "p", "--db", "sqlite://"],
    ],
)
def test_global_options_stand_anywhere_and_the_last_counts(shell: Shell, args: list[str]) -> None:
    assert shell(*args).code == ExitCode.FINE

    (options,) = shell.doors.opened
    assert (options.profile, options.region, options.db) == ("p", "r", "sqlite://")
    config = shell.doors.apps[0].config
    assert (config.aws.profile, config.aws.region) == ("p", "r")
    assert config.database_url == "sqlite://"


def test_verbosity_adds_up(shell: Shell) -> None:
    shell("-v", "findings", "-v")

    assert shell.doors.opened[0].verbose == 2


def test_a_password_on_the_command_line_is_refused_and_not_repeated(shell: Shell) -> None:
    outcome = shell("--db", "postgresql://u:hunter2@h/d", "findings")

    assert outcome.code == ExitCode.USAGE
    assert "LOCKSMITH_DATABASE__URL" in outcome.err
    assert "hunter2" not in outcome.err
    assert shell.doors.opened == []


@pytest.mark.parametrize(
    "args",
    [
        ["scna"],
        ["scan", "--nope"],
        ["plan"],
        ["approve"],
        ["--output", "xml", "scan"],
        ["findings", "shwo"],
        ["config", "nope"],
    ],
)
def test_what_is_mistyped_is_a_usage_error(shell: Shell, args: list[str]) -> None:
    outcome = shell(*args)

    assert outcome.code == ExitCode.USAGE
    first, second = outcome.err.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("hint: `locksmith")
    assert second.endswith(" --help` shows how it is used.")
    assert outcome.out == ""
    assert shell.service.asked == []


def test_alone_it_shows_its_help(shell: Shell) -> None:
    outcome = shell()

    assert outcome.code == ExitCode.USAGE
    assert "The loop:" in outcome.err


def test_an_unexpected_error_gives_a_reference_and_no_traceback(shell: Shell) -> None:
    shell.service.errors["findings"] = RuntimeError("secret detail")

    first, second = shell("findings"), shell("findings")

    assert first.code == ExitCode.TROUBLE
    assert "something unexpected went wrong: RuntimeError (reference " in first.err
    assert "Traceback" not in first.err
    assert "secret detail" not in first.err
    assert first.err == second.err


def test_verbose_shows_the_traceback_without_secrets(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIK7MDENG")
    shell.service.errors["findings"] = RuntimeError(
        "at postgresql://me:hunter2@db/x with wJalrXUtnFEMIK7MDENG \x1b[2J"
    )

    outcome = shell("-v", "findings")

    assert "Traceback" in outcome.err
    assert "postgresql://me:***@db/x" in outcome.err
    for secret in ("hunter2", "wJalrXUtnFEMIK7MDENG", "\x1b"):
        assert secret not in outcome.err


def test_errors_never_show_secrets_or_steer_the_terminal(shell: Shell) -> None:
    shell.service.errors["findings"] = LocksmithError(
        "can't open postgresql://me:hunter2@db/x\n\x1b[2Jnext", hint="ask \u202ebob"
    )

    outcome = shell("findings")

    assert "hunter2" not in outcome.err
    assert "\\x1b[2Jnext" in outcome.err
    assert "hint: ask \\u202ebob" in outcome.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted"),
        (EOFError(), ExitCode.INTERRUPTED, "interrupted"),
        (OSError(errno.ENOSPC, "No space left"), ExitCode.TROUBLE, "error: No space left"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/y"),
            ExitCode.TROUBLE,
            "error /y: Per",
        ),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
    ],
)
def test_every_end_has_its_code_and_closes_the_application(
    shell: Shell, error: BaseException, code: int, said: str
) -> None:
    shell.service.errors["findings"] = error

    outcome = shell("findings")

    assert outcome.code == code
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert shell.doors.apps[0].closed


@pytest.mark.parametrize("command", [["audit", "export"], ["audit"], ["--output", "json", "audit"]])
def test_a_closed_pipe_ends_quietly_and_not_with_findings(command: list[str]) -> None:
    program = (
        "from bot.cli.command_line import carry_out\n"
        "from bot.cli.context import Doors\n"
        "from tests.cli.fake_service import EVENT, FakeDoors, FakeService\n"
        "class Talkative(FakeService):\n"
        "    def audit_events(self, **_): return [EVENT] * 9000\n"
        "    def audit_export(self): return iter([EVENT] * 9000)\n"
        "doors = FakeDoors(Talkative())\n"
        f"carry_out(Doors(doors.open, doors.demo), {command!r})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read().decode()

    assert said == ""
    assert process.returncode == 141


def test_an_encoding_that_lacks_characters_is_no_reason_to_fail() -> None:
    program = (
        "from bot.cli.command_line import carry_out\n"
        "from bot.cli.context import Doors\n"
        "from tests.cli.fake_service import FakeDoors\n"
        "doors = FakeDoors()\n"
        "carry_out(Doors(doors.open, doors.demo), ['exempt', 'f-7k2m9q4d', '--reason', 'Zoë', "
        "'--until', '3d'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )

    assert done.returncode == 0
    assert b"Zo\\xeb" in done.stdout


def test_colours_are_for_terminals(shell: Shell) -> None:
    assert "\x1b" not in shell("findings").out
    assert "\x1b" not in shell("--no-color", "scan").out
