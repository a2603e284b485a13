"""`apply`, `undo` and `executions`: exit codes claim no more than was observed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import AwsError, ExitCode, ProtectedError, RefusedError, StaleError
from bot.model import ProposalState, WatchRecord
from tests.cli.conftest import Shell
from tests.reports.samples import NOW, execution, proposal, rehearsal

FINDING, PROPOSAL, EXECUTION = "f-7k2m9q4d", "p-3x8w5c1z", "x-9p4v2b6n"


@pytest.mark.parametrize("any_id", [FINDING, PROPOSAL])
def test_a_finding_means_its_open_proposal(shell: Shell, any_id: str) -> None:
    outcome = shell("apply", any_id)

    assert outcome.code == ExitCode.FINE
    assert ("apply", PROPOSAL) in shell.service.asked
    assert "x-9p4v2b6n of p-3x8w5c1z is done" in outcome.out


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ProposalState.DONE, ExitCode.FINE),
        (ProposalState.FAILED, ExitCode.TROUBLE),
        (ProposalState.UNKNOWN, ExitCode.TROUBLE),
        (ProposalState.NEEDS_HUMAN, ExitCode.TROUBLE),
        (ProposalState.VERIFYING, ExitCode.TROUBLE),
        (ProposalState.STALE, ExitCode.REFUSED),
        (ProposalState.BLOCKED, ExitCode.REFUSED),
        (ProposalState.DENIED, ExitCode.REFUSED),
        (ProposalState.APPROVED, ExitCode.REFUSED),
    ],
)
def test_only_an_observed_effect_is_fine(
    shell: Shell, state: ProposalState, code: ExitCode
) -> None:
    shell.service.applied = execution(state=state)

    assert shell("apply", PROPOSAL).code == code
    document = shell("apply", PROPOSAL, "--output", "json").document()
    assert document["executions"][0]["state"] == state.value


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError("it was denied"), ExitCode.REFUSED),
        (StaleError("used 12 minutes ago"), ExitCode.REFUSED),
        (ProtectedError("break-glass"), ExitCode.REFUSED),
        (AwsError("unreachable"), ExitCode.TROUBLE),
    ],
)
def test_what_is_refused_or_fails_says_why(shell: Shell, error: Exception, code: int) -> None:
    shell.service.errors["apply"] = error

    outcome = shell("apply", PROPOSAL)

    assert outcome.code == code
    assert f"error: {error}" in outcome.err


def test_one_failure_does_not_stop_the_others_and_the_worst_counts(shell: Shell) -> None:
    shell.service.proposals["p-other000"] = proposal(id="p-other000")

    outcome = shell("--output", "json", "apply", "p-nothere0", "p-other000")

    assert outcome.code == ExitCode.USAGE
    assert [each["proposal_id"] for each in outcome.document()["executions"]] == ["p-other000"]


def test_a_dry_run_writes_nothing(shell: Shell) -> None:
    outcome = shell("apply", PROPOSAL, "--dry-run")

    assert outcome.code == ExitCode.FINE
    assert "Nothing was written" in outcome.out
    assert "apply" not in shell.service.names()
    document = shell("apply", PROPOSAL, "--dry-run", "--output", "json").document()
    assert document["rehearsals"][0]["would_write"] is True


def test_a_dry_run_that_would_stop_is_refused(shell: Shell) -> None:
    shell.service.rehearsed = rehearsal(refusals=("it is protected",))

    outcome = shell("apply", PROPOSAL, "--dry-run")

    assert outcome.code == ExitCode.REFUSED
    assert "it is protected" in outcome.out


def test_an_undo_is_shown_asked_approved_and_carried_out(shell: Shell) -> None:
    outcome = shell("undo", EXECUTION, answers="y\n")

    assert outcome.code == ExitCode.FINE
    assert "takes back x-9p4v2b6n" in outcome.out
    names = shell.service.names()
    assert names.index("undo") < names.index("approve") < names.index("apply")
    assert "is done" in outcome.out


def test_a_no_closes_the_question_that_undo_made(shell: Shell) -> None:
    outcome = shell("undo", EXECUTION, answers="n\n")

    assert outcome.code == ExitCode.REFUSED
    assert shell.service.proposals["p-undo0000"].state is ProposalState.DENIED
    assert "apply" not in shell.service.names()


def test_an_undo_without_a_terminal_needs_a_word(shell: Shell) -> None:
    outcome = shell("undo", EXECUTION)

    assert outcome.code == ExitCode.USAGE
    assert "silence is never a yes" in outcome.err
    assert shell.service.asked == []


def test_an_undo_may_be_told_yes_or_only_proposed(shell: Shell) -> None:
    done = shell("undo", EXECUTION, "--yes", "--output", "json").document()
    proposed = shell("undo", EXECUTION, "--propose", "--output", "json").document()

    assert done["executions"][0]["state"] == "done"
    assert proposed["proposals"][0]["proposal"]["undoes"] == EXECUTION
    assert proposed["proposals"][0]["proposal"]["state"] == "proposed"
    assert shell("undo", EXECUTION, "--yes", "--propose").code == ExitCode.USAGE


def test_an_undo_that_needs_more_people_is_not_carried_out(shell: Shell) -> None:
    shell.service.people_needed = 2

    outcome = shell("undo", EXECUTION, "--yes")

    assert outcome.code == ExitCode.REFUSED
    assert "apply" not in shell.service.names()


def test_an_undo_that_fails_is_not_fine(shell: Shell) -> None:
    shell.service.applied = execution(state=ProposalState.UNKNOWN)
    assert shell("undo", EXECUTION, "--yes").code == ExitCode.TROUBLE

    shell.service.errors["undo"] = RefusedError("undone already")
    assert shell("undo", EXECUTION, "--yes").code == ExitCode.REFUSED


def test_executions_are_listed_and_shown(shell: Shell) -> None:
    assert EXECUTION in shell("executions").out
    assert "request req-1" in shell("executions", "show", EXECUTION).out

    listed = shell("executions", "list", "--output", "json").document()
    shown = shell("executions", "show", EXECUTION, "--output", "json").document()
    assert listed["executions"] == [shown["execution"]]
    assert shell("executions", "show", "x-nothere0").code == ExitCode.USAGE
    assert shell("executions", "show", PROPOSAL).code == ExitCode.USAGE


def test_the_watch_after_an_execution_is_shown(shell: Shell) -> None:
    began = NOW - timedelta(days=1)
    waits = WatchRecord(EXECUTION, began)
    shell.service.watches[EXECUTION] = waits
    assert "`locksmith serve` does the looking" in shell("executions", "show", EXECUTION).out

    runs = replace(
        waits, until=NOW, looked_at=NOW, looks=3, looked=("its last use",), unknown=("its denials",)
    )
    shell.service.watches[EXECUTION] = runs
    shown = shell("executions", "show", EXECUTION).out
    assert "3 looks so far" in shown
    assert "no harm seen in its last use" in shown
    assert "not known: its denials" in shown

    shell.service.watches[EXECUTION] = replace(runs, harm=("it broke",), harmed_at=NOW)
    harmed = shell("executions", "show", EXECUTION)
    assert "harm: it broke" in harmed.out
    assert "no harm seen" not in harmed.out
    document = shell("executions", "show", EXECUTION, "--output", "json").document()
    assert document["watch"]["harm"] == ["it broke"]


def test_nothing_carried_out_is_said_kindly(shell: Shell) -> None:
    shell.service.done = {}

    assert "Nothing was carried out yet" in shell("executions").out


def test_an_interrupted_apply_says_so(shell: Shell) -> None:
    stop = KeyboardInterrupt()
    stop.add_note("x-1: a change was sent, its outcome isn't known yet")
    shell.service.errors["apply"] = stop

    outcome = shell("apply", PROPOSAL)

    assert outcome.code == ExitCode.INTERRUPTED
    told = ["x-1: a change was sent, its outcome isn't known yet", "interrupted"]
    assert outcome.err.splitlines()[-2:] == told
    assert shell.doors.apps[0].closed


def test_steps_that_hold_are_told_where_the_rest_failed(shell: Shell) -> None:
    shell.service.applied = replace(execution(), state=ProposalState.NEEDS_HUMAN)

    assert "takes back the steps that hold" in shell("apply", PROPOSAL).out


def test_pause_stops_and_says_so(shell: Shell) -> None:
    outcome = shell("pause", "--reason", "incident 4711")

    assert outcome.code == ExitCode.FINE
    assert "Writes are stopped, by local:alice@laptop" in outcome.out
    assert "incident 4711" in outcome.out
    assert shell("pause", "--output", "json").document()["in_force"] is True


def test_resume_says_what_ended(shell: Shell) -> None:
    outcome = shell("resume")

    assert outcome.code == ExitCode.FINE
    assert "Writes may happen again" in outcome.out
    assert shell("resume", "--output", "json").document()["in_force"] is False
