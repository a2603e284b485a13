"""`plan`, `approve`, `deny`, `snooze` and `settle`: nothing but a yes is a yes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.engine.planner import Remediation
from bot.errors import ExitCode, LostRaceError, NotLiveError
from bot.model import FindingStatus, ProposalState
from tests.cli.conftest import Shell
from tests.reports.samples import (
    BY_HAND,
    FINAL_PLAN,
    KEY_ID,
    NOW,
    PLAN,
    proposal,
    record,
    view,
)

FINDING, PROPOSAL = "f-7k2m9q4d", "p-3x8w5c1z"


def test_a_plan_is_looked_at_live_before_it_is_shown(shell: Shell) -> None:
    outcome = shell("plan", FINDING)

    assert outcome.code == ExitCode.FINE
    assert ("refresh", FINDING) in shell.service.asked
    text = " ".join(outcome.out.split())
    assert f'iam.UpdateAccessKey(UserName="ann", AccessKeyId="{KEY_ID}"' in text
    assert PLAN.digest() in outcome.out
    assert "p-3x8w5c1z is proposed" in outcome.out


def test_a_proposal_still_to_be_decided_is_looked_at_live_too(shell: Shell) -> None:
    shell("plan", PROPOSAL)
    assert "refresh" in shell.service.names()

    shell.service.asked.clear()
    shell.service.proposals[PROPOSAL] = proposal(state=ProposalState.DONE)
    assert PLAN.digest() in shell("plan", "x-9p4v2b6n").out
    assert "refresh" not in shell.service.names()


@pytest.mark.parametrize("any_id", [FINDING, PROPOSAL, "x-9p4v2b6n"])
def test_programs_get_the_plan_as_a_document(shell: Shell, any_id: str) -> None:
    document = shell("plan", any_id, "--output", "json").document()

    assert document["digest"] == PLAN.digest()
    assert document["plan"]["steps"][0]["do"]["operation"] == "UpdateAccessKey"
    assert document["proposal"]["id"] == PROPOSAL


def test_a_violation_that_is_gone_has_no_plan(shell: Shell) -> None:
    shell.service.views[FINDING] = view(
        record=record(status=FindingStatus.RESOLVED), remediation=None, proposal=None
    )

    assert "AWS no longer shows this" in shell("plan", FINDING).out
    assert shell("plan", FINDING, "--output", "json").document()["plan"] is None


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "Y\n", " Yes \n"])
def test_a_yes_approves_exactly_the_digest_that_was_shown(shell: Shell, answer: str) -> None:
    outcome = shell("approve", FINDING, answers=answer)

    assert outcome.code == ExitCode.FINE
    assert PLAN.digest() in outcome.out
    assert "Approve p-3x8w5c1z? [y/N]" in outcome.err
    assert ("approve", PROPOSAL, PLAN.digest()) in shell.service.asked
    assert "`locksmith apply p-3x8w5c1z`" in outcome.out


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "yep\n", "ok\n", "1\n"])
def test_anything_else_is_a_no(shell: Shell, answer: str) -> None:
    outcome = shell("approve", FINDING, answers=answer)

    assert outcome.code == ExitCode.REFUSED
    assert "the answer was not a yes" in outcome.err
    assert "approve" not in shell.service.names()


def test_without_a_terminal_silence_is_never_a_yes(shell: Shell) -> None:
    outcome = shell("approve", FINDING)

    assert outcome.code == ExitCode.USAGE
    assert "error: nobody is here to ask, and silence is never a yes\nhint: Look" in outcome.err
    assert "--digest" in outcome.err
    assert shell.service.asked == []


def test_a_digest_is_a_yes_without_being_asked(shell: Shell) -> None:
    outcome = shell("approve", FINDING, "--digest", PLAN.digest(), "--output", "json")

    assert outcome.code == ExitCode.FINE
    assert outcome.document()["proposals"][0]["proposal"]["state"] == "approved"
    assert ("approve", PROPOSAL, PLAN.digest()) in shell.service.asked


@pytest.mark.parametrize("digest", ["sha256:0", "", PLAN.digest()[:20], PLAN.digest().upper()])
def test_another_digest_is_no_yes(shell: Shell, digest: str) -> None:
    outcome = shell("approve", PROPOSAL, "--digest", digest)

    assert outcome.code == ExitCode.REFUSED
    assert f"the digest {PLAN.digest()}, and {digest or 'an empty one'} was given" in outcome.err
    assert shell.service.proposals[PROPOSAL].state is ProposalState.PROPOSED


def test_each_id_needs_its_own_digest(shell: Shell) -> None:
    outcome = shell("approve", PROPOSAL, FINDING, "--digest", PLAN.digest())

    assert outcome.code == ExitCode.USAGE
    assert shell.service.asked == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (f"ann/{KEY_ID}\n", ExitCode.FINE),
        ("y\n", ExitCode.REFUSED),
        ("yes\n", ExitCode.REFUSED),
        (f"ANN/{KEY_ID}\n", ExitCode.REFUSED),
        ("\n", ExitCode.REFUSED),
        ("", ExitCode.REFUSED),
    ],
)
def test_what_can_not_be_undone_wants_the_name_typed(
    shell: Shell, answer: str, code: ExitCode
) -> None:
    asked = proposal(plan=FINAL_PLAN)
    shell.service.proposals[PROPOSAL] = asked
    shell.service.views[FINDING] = view(
        remediation=Remediation("plan", FINAL_PLAN, FINAL_PLAN.digest()), proposal=asked
    )

    outcome = shell("approve", FINDING, answers=answer)

    assert outcome.code == code
    assert f"This can't be undone. Type ann/{KEY_ID} to approve" in outcome.err
    assert ("approve" in shell.service.names()) is (code is ExitCode.FINE)


def test_with_json_what_people_see_goes_to_stderr(shell: Shell) -> None:
    outcome = shell("--output", "json", "approve", FINDING, answers="y\n")

    assert outcome.document()["schema"] == "locksmith.proposals/1"
    assert PLAN.digest() in outcome.err


def test_several_are_decided_one_by_one_and_the_worst_counts(shell: Shell) -> None:
    shell.service.proposals["p-other000"] = proposal(id="p-other000", finding_id=None)

    outcome = shell("approve", PROPOSAL, "p-other000", "p-nothere0", answers="n\ny\n")

    assert outcome.code == ExitCode.REFUSED
    assert shell.service.proposals[PROPOSAL].state is ProposalState.PROPOSED
    assert shell.service.proposals["p-other000"].state is ProposalState.APPROVED
    assert "there is no proposal p-nothere0" in outcome.err


def test_an_id_given_twice_is_decided_once(shell: Shell) -> None:
    shell("approve", PROPOSAL, PROPOSAL, answers="y\ny\n")

    assert shell.service.names().count("approve") == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": ProposalState.DENIED, "why": "in use"}, "is denied already (in use)"),
        ({"state": ProposalState.APPROVED}, "is approved already"),
        ({"state": ProposalState.STALE}, "is stale already"),
        ({"state": ProposalState.DONE}, "is done already"),
        ({"plan": BY_HAND, "digest": ""}, "is made by hand"),
    ],
)
def test_what_can_not_be_approved_is_refused_before_asking(
    shell: Shell, changes: dict[str, object], said: str
) -> None:
    shell.service.proposals[PROPOSAL] = proposal(**changes)

    outcome = shell("approve", PROPOSAL, answers="y\n")

    assert outcome.code == ExitCode.REFUSED
    assert said in outcome.err
    assert "[y/N]" not in outcome.err


def test_a_key_without_a_name_can_not_be_approved(shell: Shell) -> None:
    shell.service.views[FINDING] = view(
        remediation=Remediation("plan", PLAN, None, "key_id"), proposal=None
    )
    shell.service.proposals = {}

    outcome = shell("approve", FINDING, answers="y\n")

    assert outcome.code == ExitCode.REFUSED
    assert "can't be decided yet: the key is not named yet" in outcome.err


def test_a_finding_without_a_question_says_why(shell: Shell) -> None:
    shell.service.proposals = {}
    shell.service.views[FINDING] = view(proposal=None)

    outcome = shell("approve", FINDING, answers="y\n")

    assert outcome.code == ExitCode.USAGE
    assert "has no open proposal" in outcome.err


@pytest.mark.parametrize("error", [NotLiveError("notify mode"), LostRaceError("bob was first")])
def test_a_refusal_of_the_service_is_told(shell: Shell, error: Exception) -> None:
    shell.service.errors["approve"] = error

    outcome = shell("approve", PROPOSAL, "--digest", PLAN.digest())

    assert outcome.code == ExitCode.REFUSED
    assert f"error: {error}" in outcome.err


def test_a_denial_keeps_its_reason(shell: Shell) -> None:
    outcome = shell("deny", FINDING, "--reason", "in use", "--output", "json")

    assert outcome.code == ExitCode.FINE
    assert outcome.document()["proposals"][0]["proposal"]["why"] == "in use"
    assert ("deny", PROPOSAL, "in use") in shell.service.asked


def test_a_denial_says_when_it_is_asked_again(shell: Shell) -> None:
    shell.doors.environ["LOCKSMITH_PROPOSALS__COOL_OFF_DAYS"] = "10"
    shell.service.proposals[PROPOSAL] = proposal(changed_at=NOW)

    outcome = shell("deny", PROPOSAL, "--reason", "in use")

    assert "Scans ask this again from 2026-12-04 on (proposals.cool_off_days: 10)" in outcome.out


def test_a_denial_needs_a_reason(shell: Shell) -> None:
    assert shell("deny", FINDING).code == ExitCode.USAGE
    assert shell("deny", FINDING, "--reason", " ").code == ExitCode.USAGE
    assert shell.service.asked == []


def test_a_snooze_has_an_end_and_may_have_a_reason(shell: Shell) -> None:
    outcome = shell("snooze", PROPOSAL, "--until", "2026-12-01")

    when = datetime(2026, 12, 1, tzinfo=UTC)
    assert ("snooze", PROPOSAL, when, "") in shell.service.asked
    assert "asked again in 6 days (2026-12-01 00:00:00 UTC)" in outcome.out
    assert shell("snooze", PROPOSAL, "--until", "2020-01-01").code == ExitCode.USAGE


def test_settling_closes_with_a_reason(shell: Shell) -> None:
    shell.service.proposals[PROPOSAL] = replace(proposal(), state=ProposalState.NEEDS_HUMAN)

    outcome = shell("settle", PROPOSAL, "--reason", "seen to", "--output", "json")

    assert outcome.document()["proposals"][0]["proposal"]["state"] == "cancelled"
    assert shell("settle", PROPOSAL).code == ExitCode.USAGE
