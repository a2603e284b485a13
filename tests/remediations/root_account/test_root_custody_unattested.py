"""Two people's word counts a year; fewer is a finding where there is anything to keep."""

from datetime import datetime
from typing import Any

import pytest

from bot.aws.simulated import AccountBuilder
from bot.model import Manual, Part, RootCustody, Snapshot
from remediations.root_account import root_custody_unattested as control
from tests.remediations.people import ago, found, planned, seen

ALL = {"AccountPasswordPresent": 1, "AccountAccessKeysPresent": 0}


def seed(account: AccountBuilder) -> None:
    """One person confirmed it, and nobody else."""
    vars(account)["confirmed"] = (account.ago(days=5),)


def just_within(account: AccountBuilder) -> None:
    """The older of two confirmations is a year old to the second."""
    vars(account)["confirmed"] = (account.ago(days=5), account.ago(days=365))


def just_beyond(account: AccountBuilder) -> None:
    """It is a minute older."""
    vars(account)["confirmed"] = (account.ago(days=5), account.ago(days=365, minutes=1))


def _seen(
    *confirmed: datetime, asked: bool = True, summary: dict[str, int] | None = None
) -> Snapshot:
    parts: dict[Part, Any] = {
        Part.ROOT_CUSTODY: RootCustody(asked, confirmed),
        Part.ACCOUNT_SUMMARY: ALL if summary is None else summary,
    }
    return seen(parts=parts)


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [
        pytest.param(_seen(), "Nobody has", id="nobody"),
        pytest.param(_seen(ago(1)), "Only one person has", id="one"),
        pytest.param(_seen(ago(1), ago(400)), "Only one person has", id="one, and one long ago"),
        pytest.param(_seen(ago(400), ago(500)), "Nobody has", id="both long ago"),
        pytest.param(_seen(ago(1), ago(2)), None, id="two"),
        pytest.param(_seen(asked=False), None, id="not asked before go-live"),
        pytest.param(
            _seen(summary={"AccountPasswordPresent": 0, "AccountAccessKeysPresent": 0}),
            None,
            id="nothing to keep",
        ),
        pytest.param(
            _seen(summary={"AccountPasswordPresent": 0, "AccountAccessKeysPresent": 1}),
            "Nobody has",
            id="a key to keep",
        ),
        pytest.param(_seen(summary={}), "Nobody has", id="AWS tells nothing"),
    ],
)
def test_which_accounts_are_found(snapshot: Snapshot, said: str | None) -> None:
    """Only what is known to be absent needs nobody's word."""
    findings = found(control, snapshot)
    assert [finding.summary.split(" confirmed")[0] for finding in findings] == (
        [said] if said else []
    )


def test_evidence_is_the_answer() -> None:
    """How many people's word counts, and when the last was given; no names."""
    (finding,) = found(control, _seen(ago(1)))
    assert finding.evidence["people_whose_word_counts"] == 1
    assert finding.evidence["last_confirmed"] == "2026-11-23T12:00:00Z"


def test_the_question_stays_the_same_after_the_first_answer() -> None:
    """The second person answers what the first one did."""
    first: Any = planned(control, _seen())
    second: Any = planned(control, _seen(ago(1)))
    assert isinstance(first, Manual)
    assert first.digest() == second.digest()
    assert any("locksmith attest root --account 123456789012" in step for step in first.steps)
