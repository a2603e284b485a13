"""Proposals, executions, the audit log and controls for people."""

from dataclasses import replace
from typing import Any

import pytest

from bot.model import Outcome, ProposalState, Verdict
from bot.reports.audit_text import audit_table, verdict_lines
from bot.reports.control_text import control_lines, controls_table
from bot.reports.execution_text import execution_lines, executions_table
from bot.reports.proposal_text import proposal_lines
from bot.reports.rehearsal_text import rehearsal_lines
from bot.store.audit import AuditVerdict
from tests.reports.printing import printed
from tests.reports.samples import (
    CONTROL,
    EVENT,
    NOW,
    KeySettings,
    days_ago,
    decision,
    execution,
    proposal_view,
    rehearsal,
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "`locksmith approve p-3x8w5c1z`"),
        ({"state": ProposalState.APPROVED}, "`locksmith apply p-3x8w5c1z`"),
        ({"state": ProposalState.UNKNOWN}, "`locksmith scan`"),
        ({"state": ProposalState.NEEDS_HUMAN}, "`locksmith settle p-3x8w5c1z --reason …`"),
        ({"state": ProposalState.STALE, "why": "used \x1bsince"}, "used \\x1bsince"),
        ({"undoes": "x-1"}, "takes back x-1"),
        ({"snoozed_until": days_ago(-2)}, "asked again in 2 days (2026-11-26 12:00:00 UTC)"),
        ({"asked_before": 2}, "asked 2 times before without a yes"),
    ],
)
def test_a_proposal_says_where_it_stands_and_what_comes_next(
    changes: dict[str, Any], said: str
) -> None:
    assert said in printed(proposal_lines(proposal_view(**changes), NOW))


def test_a_proposal_shows_who_decided_and_why() -> None:
    view = replace(proposal_view(), decisions=(decision(Verdict.DENY, "it is in use"),))

    text = printed(proposal_lines(view, NOW))

    assert "deny by local:alice@laptop, 1 day ago (2026-11-23 12:00:00 UTC): it is in use" in text


def test_executions_are_listed_or_kindly_absent() -> None:
    assert "Nothing was carried out yet" in printed(executions_table([], NOW))

    row = printed(executions_table([execution()], NOW)).splitlines()[1]
    for word in ("x-9p4v2b6n", "p-3x8w5c1z", "done", "1/1", "local:alice@laptop", "1 day ago"):
        assert word in row
    assert "undone" in printed(executions_table([execution(undone_by="x-2")], NOW))


def _with_outcome(outcome: Outcome, state: ProposalState) -> Any:
    step = replace(execution().steps[0], outcome=outcome, error="AccessDenied: no")
    return execution(steps=(step,), state=state)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (execution(), "`locksmith undo x-9p4v2b6n` takes it back"),
        (execution(), "request req-1"),
        (execution(undone_by="x-2"), "undone by x-2"),
        (_with_outcome(Outcome.NOT_APPLIED, ProposalState.FAILED), "AccessDenied: no"),
        (_with_outcome(Outcome.NOT_APPLIED, ProposalState.FAILED), "certainly not applied"),
        (_with_outcome(Outcome.HOLDS, ProposalState.NEEDS_HUMAN), "takes back the steps that hold"),
        (_with_outcome(Outcome.UNKNOWN, ProposalState.NEEDS_HUMAN), "`locksmith settle p-3x8w5c1z"),
        (_with_outcome(Outcome.UNKNOWN, ProposalState.UNKNOWN), "`locksmith scan` looks what"),
        (_with_outcome(Outcome.UNKNOWN, ProposalState.UNKNOWN), "the answer was lost"),
        (execution(why="because"), "because"),
    ],
)
def test_an_execution_claims_no_more_than_was_seen(done: Any, said: str) -> None:
    assert said in printed(execution_lines(done, NOW))


def test_only_what_is_done_offers_its_undo() -> None:
    failed = _with_outcome(Outcome.NOT_APPLIED, ProposalState.FAILED)

    assert "undo" not in printed(execution_lines(failed, NOW))


def test_the_audit_log_is_listed_or_kindly_absent() -> None:
    assert "No events" in printed(audit_table([], NOW))

    text = printed(audit_table([EVENT], NOW))
    for word in ("7", "2026-11-22 12:00:00", "2 days ago", "proposal.approved", "p-3x8w5c1z"):
        assert word in text


def test_a_verdict_names_the_row_or_the_head_to_note_down() -> None:
    whole = printed(verdict_lines(AuditVerdict(ok=True, events=9, head_seq=9, head_hash="ab" * 32)))
    broken = printed(
        verdict_lines(
            AuditVerdict(
                ok=False, events=9, head_seq=9, head_hash="x", problem="row 3 is missing", at_seq=3
            )
        )
    )

    assert "The log is whole: 9 events" in whole
    assert "ab" * 32 in whole
    assert "not as it was written (row 3)" in broken
    assert "row 3 is missing" in broken
    assert "whole" not in broken


def test_controls_are_listed_and_shown() -> None:
    assert "No controls" in printed(controls_table([]))

    row = printed(controls_table([CONTROL])).splitlines()[1]
    for word in ("unused-access-key", "medium", "reversible", "An access key that", "yes"):
        assert word in row
    page = printed(control_lines(CONTROL))
    assert "CIS 5.0: 1.11; FSBP: IAM.8" in page
    assert "max_idle_days: 30" in page
    assert "Undo\n  Activate it." in page


def test_a_page_is_wrapped_once_and_references_stay_apart() -> None:
    text = "One sentence goes on\nover a line.\n\nAnother one."
    control = replace(CONTROL, documentation={"Detects": text, "References": "a\nb"})

    lines = [line.rstrip() for line in printed(control_lines(control)).splitlines()]
    start = lines.index("Detects")
    assert lines[start + 1 : start + 8] == [
        "  One sentence goes on over a line.",
        "",
        "  Another one.",
        "",
        "References",
        "  a",
        "  b",
    ]


def test_a_control_that_is_off_says_so() -> None:
    off = replace(CONTROL, settings=KeySettings(enabled=False))

    assert "(switched off)" in printed(control_lines(off))
    assert printed(controls_table([off])).splitlines()[1].endswith("no")


def test_a_dry_run_says_what_it_saw_and_whether_it_would_write() -> None:
    (step,) = rehearsal().steps
    stopped = rehearsal(
        steps=(
            replace(
                step,
                seen=(replace(step.seen[0], holds=False),),
                objections=("the key was used since",),
                waits=("the group is made first",),
            ),
        )
    )

    fine, not_so = printed(rehearsal_lines(rehearsal())), printed(rehearsal_lines(stopped))

    assert "would call iam.UpdateAccessKey" in fine
    assert "as expected: iam:ListAccessKeys" in fine
    assert "Nothing was written; `apply` would make these calls." in fine
    assert "stops here: the key was used since" in not_so
    assert "waits: the group is made first" in not_so
    assert "`apply` would write nothing" in not_so
    assert "refused: protected" in printed(rehearsal_lines(rehearsal(refusals=("protected",))))
