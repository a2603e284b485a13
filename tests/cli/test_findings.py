"""`findings` and `exempt`."""

from datetime import UTC, datetime

import pytest

from bot.errors import ExitCode
from bot.model import FindingStatus, Severity
from tests.cli.conftest import Shell
from tests.reports.samples import ACCOUNT, execution, proposal, record, view


@pytest.mark.parametrize("args", [["findings"], ["findings", "list"]])
def test_alone_it_lists_what_is_open(shell: Shell, args: list[str]) -> None:
    outcome = shell(*args)

    assert outcome.code == ExitCode.FINE
    assert "f-7k2m9q4d" in outcome.out
    assert shell.service.asked == [("findings", FindingStatus.OPEN, None, None, None)]


def test_filters_reach_the_service(shell: Shell) -> None:
    narrow = ("--control", "unused-access-key", "--severity", "medium")
    shell("findings", "--status", "all", *narrow, "--account", ACCOUNT.id)

    assert shell.service.asked == [
        ("findings", None, "unused-access-key", Severity.MEDIUM, ACCOUNT.id),
    ]


@pytest.mark.parametrize(
    "args",
    [
        ["--status", "exempt"],
        ["--severity", "low"],
        ["--control", "root-access-key"],
        ["--status", "exempt", "--account", ACCOUNT.id],
    ],
)
def test_filters_that_match_nothing_are_no_clean_account(shell: Shell, args: list[str]) -> None:
    outcome = shell("findings", "list", *args)

    assert outcome.code == ExitCode.FINE
    assert "None of the 1 finding matches." in outcome.out
    assert "locksmith scan" not in outcome.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--control", "unused-acess-key"], "did you mean `unused-access-key`?"),
        (["--control", "qqq"], "--control 'qqq': no such control. Allowed: "),
        (["--account", "999999999999"], "account 999999999999 was never scanned"),
    ],
)
def test_filters_that_name_nothing_are_told(shell: Shell, args: list[str], said: str) -> None:
    outcome = shell("findings", "list", *args)

    assert outcome.code == ExitCode.USAGE
    assert said in outcome.err
    assert outcome.out == ""


def test_a_held_finding_says_what_undid_its_fix(shell: Shell) -> None:
    shell.service.views["f-7k2m9q4d"] = view(record=record(held=True))
    shell.service.proposals["p-other000"] = proposal(id="p-other000", finding_id="f-other000")
    shell.service.done = {
        "x-others00": execution(id="x-others00", proposal_id="p-other000", undone_by="x-wrong000"),
        "x-9p4v2b6n": execution(undone_by="x-undo0000"),
    }

    said = " ".join(shell("findings", "show", "f-7k2m9q4d").out.split())

    assert "held: its fix was undone by x-undo0000; `locksmith plan f-7k2m9q4d` asks again" in said


def test_programs_get_documents(shell: Shell) -> None:
    listed = shell("--output", "json", "findings").document()
    shown = shell("findings", "show", "f-7k2m9q4d", "--output", "json").document()

    assert listed["findings"] == [shown["finding"]]
    assert shown["schema"] == "locksmith.finding/1"


def test_nothing_to_list_is_said_kindly(shell: Shell) -> None:
    shell.service.views = {}

    assert "No findings here. `locksmith scan` looks at the account." in shell("findings").out
    assert shell("findings", "--output", "json").document()["findings"] == []


def test_an_unknown_finding_is_told(shell: Shell) -> None:
    outcome = shell("findings", "show", "f-nothere0")

    assert outcome.code == ExitCode.USAGE
    assert "error: there is no finding f-nothere0" in outcome.err
    assert "hint: List them." in outcome.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("p-3x8w5c1z", "is a proposal's; needed is the id of a finding (f-…)"),
        ("unused-access-key", "is no id"),
        ("f-", "is a finding's"),
        ("f-a b", "is a finding's"),
        ("", "is no id"),
    ],
)
def test_an_id_of_another_kind_is_told(shell: Shell, given: str, said: str) -> None:
    outcome = shell("findings", "show", given)

    assert outcome.code == ExitCode.USAGE
    assert said in outcome.err
    assert shell.service.asked == []


@pytest.mark.parametrize(
    ("until", "when"),
    [
        ("2026-12-31", datetime(2026, 12, 31, tzinfo=UTC)),
        ("30d", datetime(2026, 12, 24, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 12, 8, 12, tzinfo=UTC)),
        ("2W", datetime(2026, 12, 8, 12, tzinfo=UTC)),
    ],
)
def test_an_exemption_ends_on_a_day(shell: Shell, until: str, when: datetime) -> None:
    outcome = shell("exempt", "f-7k2m9q4d", "--reason", " vendor ", "--until", until)

    assert outcome.code == ExitCode.FINE
    assert shell.service.asked == [("exempt", "f-7k2m9q4d", "vendor", when)]
    assert "exempt until" in outcome.out
    assert "second person" not in outcome.err


def test_an_exemption_that_takes_a_second_person_is_not_told_as_done(shell: Shell) -> None:
    shell.service.exempts_alone = False

    outcome = shell("exempt", "f-7k2m9q4d", "--reason", "vendor", "--until", "30d")

    assert "A second person must confirm it in Slack." in outcome.err
    assert "exempt until" not in outcome.out


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-11-24", "must lie ahead"),
        ("0d", "must lie ahead"),
        ("tomorrow", "is no day: write 2026-12-31, 30d or 2w"),
        ("2026-02-30", "is no day"),
        ("99999d", "is no day"),
        ("2026-12-20T00:00:00Z", "'2026-12-20T00:00:00Z' is no day"),
        ("-3d", "is no day"),
        ("٣d", "is no day"),
    ],
)
def test_a_day_that_is_none_or_past_is_told(shell: Shell, until: str, said: str) -> None:
    outcome = shell("exempt", "f-7k2m9q4d", "--reason", "x", "--until", until)

    assert outcome.code == ExitCode.USAGE
    assert said in outcome.err
    assert shell.service.asked == []


@pytest.mark.parametrize(
    "args", [["--until", "3d"], ["--reason", "x"], ["--until", "3d", "--reason", "  "]]
)
def test_an_exemption_needs_a_reason_and_an_end(shell: Shell, args: list[str]) -> None:
    assert shell("exempt", "f-7k2m9q4d", *args).code == ExitCode.USAGE
    assert shell.service.asked == []
