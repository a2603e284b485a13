"""Findings for people."""

from dataclasses import replace

import pytest

from bot.engine.planner import Remediation
from bot.engine.views import FindingView
from bot.model import FindingStatus, KeyReference, ProposalState
from bot.reports.finding_text import finding_lines, findings_table, resource_name
from tests.reports.printing import printed
from tests.reports.samples import (
    BY_HAND,
    FINAL_PLAN,
    FINDING,
    KEY_ID,
    NOW,
    PLAN,
    days_ago,
    proposal,
    record,
    view,
)


def test_an_empty_table_says_so_kindly() -> None:
    assert printed(findings_table([], NOW)) == (
        "No findings: nothing here breaks an enabled control.\n"
    )


def test_a_row_says_what_where_how_bad_and_how_it_would_be_fixed() -> None:
    row = printed(findings_table([view()], NOW)).splitlines()[1]

    for word in ("f-7k2m9q4d", "medium", "unused-access-key", KEY_ID, "reversible", "proposed"):
        assert word in row


def test_ages_are_shown_where_there_is_room() -> None:
    """Names matter more: an age never cuts a name."""
    assert "3 days ago" in printed(findings_table([view()], NOW, width=120), width=120)
    assert "3 days ago" not in printed(findings_table([view()], NOW, width=100))


@pytest.mark.parametrize(
    ("seen", "fix", "state"),
    [
        (view(), "reversible", "proposed"),
        (view(remediation=None), "reversible", "proposed"),
        (view(remediation=None, proposal=None), "not planned", "open"),
        (
            view(remediation=Remediation("plan", FINAL_PLAN, FINAL_PLAN.digest())),
            "irreversible",
            "proposed",
        ),
        (view(remediation=Remediation("manual", BY_HAND, BY_HAND.digest())), "by hand", "proposed"),
        (view(remediation=Remediation("plan", PLAN, None, "key_id")), "key not named", "proposed"),
        (view(asks_elsewhere="old-access-key"), "elsewhere", "proposed"),
        (view(proposal=proposal(state=ProposalState.NEEDS_HUMAN)), "reversible", "needs human"),
        (view(record=record(status=FindingStatus.EXEMPT)), "reversible", "exempt"),
    ],
)
def test_the_fix_and_the_state_are_two_words(seen: FindingView, fix: str, state: str) -> None:
    row = printed(findings_table([seen], NOW, width=140), width=140).splitlines()[1]

    assert fix in row
    assert state in row


def test_what_the_limit_leaves_out_is_said() -> None:
    text = printed(findings_table([view()] * 7, NOW, limit=5))

    assert text.count(KEY_ID) == 5
    assert "… and 2 more findings: `locksmith findings list`." in text


def test_long_and_hostile_names_fit() -> None:
    nasty = replace(FINDING, resource=replace(FINDING.resource, name="\x1b[2J" * 40, key=None))

    text = printed(findings_table([view(record=record(finding=nasty))], NOW))

    assert "\x1b" not in text
    assert "1 text was cut" in text


def test_a_key_is_called_by_its_id_or_its_slot() -> None:
    unnamed = replace(FINDING.resource, key=KeyReference("ann", "AIDAANN", 2, days_ago(9)))

    assert resource_name(FINDING.resource) == f"ann: {KEY_ID}"
    assert resource_name(unnamed) == "ann: key 2"


def test_one_finding_shows_its_evidence_with_times_in_words() -> None:
    text = printed(finding_lines(view(), NOW))

    assert "ann's access key was not used for 200 days." in text
    assert "last used  200 days ago (2026-05-08 12:00:00 UTC)" in text
    assert "mfa        no" in text
    assert "p-3x8w5c1z is proposed, 3 days ago (2026-11-21 12:00:00 UTC)" in text
    assert "`locksmith plan f-7k2m9q4d`" in text


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (
            record(status=FindingStatus.EXEMPT, exempt_until=days_ago(-7), exempt_reason="vendor"),
            "exempt until in 7 days (2026-12-01 12:00:00 UTC): vendor",
        ),
        (record(status=FindingStatus.RESOLVED, resolved_at=days_ago(1)), "resolved 1 day ago"),
        (record(reopened=1), "came back once"),
        (record(reopened=2), "came back 2 times"),
        (
            record(held=True),
            "held: its fix was undone; `locksmith plan f-7k2m9q4d` asks again",
        ),
    ],
)
def test_the_status_tells_its_story(seen: object, said: str) -> None:
    assert said in printed(finding_lines(view(record=seen), NOW))


def test_a_question_asked_elsewhere_and_a_missing_name_are_said() -> None:
    seen = view(
        asks_elsewhere="old-access-key",
        remediation=Remediation("plan", PLAN, None, "key_id"),
        proposal=None,
    )
    text = printed(finding_lines(seen, NOW))

    assert "old-access-key asks about the same thing" in text
    assert "(the key is not named yet)" in text
