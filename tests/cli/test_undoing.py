"""`undo --since`: listed first, and exactly that taken back, each by itself; the rest is told."""

from datetime import timedelta

import pytest

from bot.engine.taking_back import Reversal, digest_of
from bot.errors import ExitCode, RefusedError
from bot.model import ProposalState
from tests.cli.conftest import Shell
from tests.reports.samples import FINAL_PLAN, NOW, PLAN, execution, proposal

LATER = Reversal(execution(id="x-later000"), proposal(), PLAN)
EARLIER = Reversal(execution(id="x-earlier0"), proposal(), PLAN)
GONE = Reversal(execution(id="x-gone0000"), proposal(), None, "x-gone0000 left nothing that holds")
UNDONE = Reversal(
    execution(id="x-undone00", undone_by="x-9"), proposal(), None, "x-undone00 was undone already"
)
DIGEST = digest_of([LATER, EARLIER])


@pytest.fixture
def many(shell: Shell) -> Shell:
    shell.service.reversed = [LATER, EARLIER]
    return shell


def undone(shell: Shell) -> list[str]:
    return [call[1] for call in shell.service.asked if call[0] == "undo"]


def test_all_of_a_span_is_listed_asked_and_taken_back_newest_first(many: Shell) -> None:
    outcome = many("undo", "--since", "2h", "--rule", "keys", "--account", "1", answers="y\n")

    assert outcome.code == ExitCode.FINE
    assert ("reversals", NOW - timedelta(hours=2), "keys", "1") in many.service.asked
    assert undone(many) == ["x-later000", "x-earlier0"]
    assert many.service.names().count("apply") == 2
    assert 'iam.UpdateAccessKey(UserName="ann"' in outcome.out


def test_a_no_proposes_nothing(many: Shell) -> None:
    outcome = many("undo", "--since", "2h", answers="n\n")
    assert outcome.code == ExitCode.REFUSED
    assert undone(many) == []


def test_a_dry_run_lists_with_the_digest_and_does_nothing(many: Shell) -> None:
    outcome = many("undo", "--since", "2h", "--dry-run", "--output", "json")
    document = outcome.document()

    assert outcome.code == ExitCode.FINE
    assert document["digest"] == DIGEST
    assert [each["execution_id"] for each in document["reversals"]] == ["x-later000", "x-earlier0"]
    assert document["reversals"][0]["calls"][0]["operation"] == "UpdateAccessKey"
    assert undone(many) == []


def test_yes_takes_the_digest_of_exactly_that_list(many: Shell) -> None:
    without = many("undo", "--since", "2h", "--yes")
    assert without.code == ExitCode.USAGE
    assert DIGEST in without.err
    other = many("undo", "--since", "2h", "--yes", "--digest", "sha256:other")
    assert other.code == ExitCode.REFUSED
    assert undone(many) == []

    done = many("undo", "--since", "2h", "--yes", "--digest", DIGEST, "--output", "json")
    assert done.code == ExitCode.FINE
    assert len(done.document()["executions"]) == 2


def test_what_cannot_be_undone_is_listed_and_the_code_says_so(many: Shell) -> None:
    many.service.reversed = [LATER, GONE]
    outcome = many("undo", "--since", "2h", answers="y\n")

    assert outcome.code == ExitCode.REFUSED
    assert undone(many) == ["x-later000"]
    assert "x-gone0000: x-gone0000 left nothing that holds" in outcome.out


def test_what_was_undone_already_is_no_failure(many: Shell) -> None:
    many.service.reversed = [LATER, UNDONE]
    outcome = many("undo", "--since", "2h", answers="y\n")
    assert outcome.code == ExitCode.FINE
    assert "was undone already" in outcome.out


def test_one_that_fails_holds_up_no_other(many: Shell) -> None:
    many.service.applied = execution(state=ProposalState.UNKNOWN)
    assert many("undo", "--since", "2h", answers="y\n").code == ExitCode.TROUBLE
    assert len(undone(many)) == 2

    many.service.errors["undo"] = RefusedError("another question is open")
    refused = many("undo", "--since", "2h", answers="y\n")
    assert refused.code == ExitCode.REFUSED
    assert refused.err.count("another question is open") == 2


def test_an_undo_that_is_not_what_was_listed_is_denied(many: Shell) -> None:
    many.service.reversed = [Reversal(execution(), proposal(), FINAL_PLAN)]
    digest = digest_of(many.service.reversed)
    outcome = many("undo", "--since", "2h", "--yes", "--digest", digest)

    assert outcome.code == ExitCode.REFUSED
    assert many.service.proposals["p-undo0000"].state is ProposalState.DENIED
    assert "apply" not in many.service.names()


def test_those_that_need_more_people_wait(many: Shell) -> None:
    many.service.people_needed = 2
    outcome = many("undo", "--since", "2h", answers="y\n")
    assert outcome.code == ExitCode.REFUSED
    assert "apply" not in many.service.names()
    assert "p-undo0000" in outcome.out


def test_they_may_be_only_proposed(many: Shell) -> None:
    proposed = many("undo", "--since", "2h", "--propose", "--output", "json").document()
    assert [each["proposal"]["id"] for each in proposed["proposals"]] == [
        "p-undo0000",
        "p-undo0001",
    ]
    assert "approve" not in many.service.names()


def test_nothing_in_that_time_is_said_kindly(shell: Shell) -> None:
    outcome = shell("undo", "--since", "2h", "--dry-run")
    assert outcome.code == ExitCode.FINE
    assert "Nothing was carried out in that time" in outcome.out


@pytest.mark.parametrize(
    "words",
    [
        ("--yes",),
        ("x-9p4v2b6n", "--since", "2h", "--yes"),
        ("x-9p4v2b6n", "--rule", "keys", "--yes"),
        ("x-9p4v2b6n", "--dry-run"),
        ("--since", "2h"),
        ("--since", "yesterday", "--dry-run"),
    ],
)
def test_what_makes_no_sense_does_nothing(many: Shell, words: tuple[str, ...]) -> None:
    assert many("undo", *words).code == ExitCode.USAGE
    assert undone(many) == []


@pytest.mark.parametrize(
    ("since", "moment"),
    [
        ("3d", NOW - timedelta(days=3)),
        ("1w", NOW - timedelta(weeks=1)),
        ("2026-11-20T08:00+00:00", None),
        ("2026-11-20", None),
    ],
)
def test_since_when(many: Shell, since: str, moment: object) -> None:
    many("undo", "--since", since, "--dry-run")
    (asked,) = (call for call in many.service.asked if call[0] == "reversals")
    assert asked[1].tzinfo is not None
    assert moment in (None, asked[1])
