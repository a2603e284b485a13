"""`contain`: what it says of each door, and the code it ends with."""

from datetime import timedelta

import pytest

from bot.engine.doors import Door, DoorState
from bot.errors import ExitCode, FrozenError, ProtectedError
from tests.cli.conftest import Shell
from tests.reports.samples import ALICE, NOW, containment

SHUT = Door("access key AKIA1", DoorState.CLOSED)
OPEN = Door("access key AKIA2", DoorState.OPEN)
LATER = Door("sessions of the role deploy", DoorState.OPEN, NOW + timedelta(hours=2))
UNKNOWN = Door("every SSH public key", DoorState.UNKNOWN)
MAYBE = Door("sessions of other roles", DoorState.UNKNOWN, NOW + timedelta(hours=12))


def test_every_door_is_shown_and_the_open_ones_first(shell: Shell) -> None:
    outcome = shell("contain", "carol")

    assert outcome.code == ExitCode.FINE
    assert shell.service.asked == [("contain", "carol", ALICE)]
    assert "carol in account 123456789012: 1 of 2 doors open" in outcome.out
    assert outcome.out.index("sessions of the role deploy until in 2 hours") < outcome.out.index(
        "closed"
    )
    assert "`locksmith undo x-9p4v2b6n` takes it back; two people" in outcome.out


def test_as_a_document(shell: Shell) -> None:
    document = shell("contain", "carol", "--output", "json").document()

    assert document["doors"][1]["state"] == "open"
    assert document["executions"] == ["x-9p4v2b6n"]


def test_who_is_contained_already_gets_a_kind_word(shell: Shell) -> None:
    shell.service.contained = containment(executions=(), since=NOW - timedelta(days=3))

    outcome = shell("contain", "carol")

    assert outcome.code == ExitCode.FINE
    assert "contained already since 3 days ago" in outcome.out
    assert "undo" not in outcome.out
    assert shell("contain", "carol", "--output", "json").document()["was_already"] is True


@pytest.mark.parametrize(
    ("doors", "problem", "code"),
    [
        ((SHUT,), "", ExitCode.FINE),
        ((SHUT, LATER, MAYBE), "", ExitCode.FINE),
        ((SHUT, UNKNOWN), "", ExitCode.UNREAD),
        ((OPEN, UNKNOWN), "", ExitCode.TROUBLE),
        ((SHUT,), "AccessDenied", ExitCode.TROUBLE),
    ],
)
def test_it_is_fine_where_nothing_stays_open(
    shell: Shell, doors: tuple[Door, ...], problem: str, code: ExitCode
) -> None:
    shell.service.contained = containment(doors=doors, problem=problem)

    outcome = shell("contain", "carol")

    assert outcome.code == code
    assert ("every door is closed" in outcome.out) is (doors == (SHUT,))
    assert problem in outcome.out


@pytest.mark.parametrize(
    "error", [ProtectedError("break-glass"), FrozenError("writes are stopped")]
)
def test_a_refusal_is_told(shell: Shell, error: Exception) -> None:
    shell.service.errors["contain"] = error

    outcome = shell("contain", "carol")

    assert outcome.code == ExitCode.REFUSED
    assert str(error) in outcome.err


def test_names_from_aws_steer_no_terminal(shell: Shell) -> None:
    shell.service.contained = containment(
        doors=(Door("role \x1b[31m", DoorState.OPEN, note="\u202e"),), problem="\x07"
    )

    out = shell("contain", "carol").out

    assert "\\x1b[31m" in out
    assert not set(out) & {"\x1b", "\u202e", "\x07"}
