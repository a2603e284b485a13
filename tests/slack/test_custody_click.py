"""The button on root's custody records who clicked, before anything is looked at again."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.errors import RefusedError
from bot.model import Actor, Attested, FindingStatus
from bot.slack.acting import Acting
from tests.slack.questions import BY_HAND, question

ASKED = question(plan=BY_HAND)


@dataclass
class Use:
    """The use cases that the button needs, and in which order they were asked for."""

    control: str
    status: FindingStatus
    asked: list[str] = field(default_factory=list)

    def require_decider(self, _proposal_id: str, _actor: Actor) -> None:
        self.asked.append("decider")

    def require_shown(self, _proposal_id: str, _digest: str, _actor: Actor) -> None:
        self.asked.append("shown")

    def proposal(self, _proposal_id: str) -> Any:
        proposal = replace(ASKED.view.proposal, control=self.control, finding_id="f-7k2m9q4d")
        return replace(ASKED.view, proposal=proposal)

    def attest_root(self, account_id: str, actor: Actor) -> Attested:
        self.asked.append(f"{actor.name} on {account_id}")
        return Attested(account_id, 1, None)

    def review_question(self, proposal_id: str, actor: Actor) -> None:
        self.asked.append(f"{actor.name} reviewed {proposal_id}")

    def refresh(self, _finding_id: str, _actor: Actor, _progress: Any) -> Any:
        self.asked.append("look")
        finding = ASKED.view.finding
        assert finding is not None
        return replace(finding, record=replace(finding.record, status=self.status))


def click(use: Use) -> None:
    """Somebody clicks the button."""
    unused = cast("Any", None)
    acting = Acting(cast("Any", use), unused, unused, unused, lambda: None, timedelta(days=1))
    proposal = ASKED.view.proposal
    acting.look_again(
        {
            "actions": [{"value": f"{proposal.id} {proposal.digest}"}],
            "user": {"id": "U0123456789", "team_id": "T0123456789"},
            "team": {"id": "T0123456789"},
        }
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        pytest.param(FindingStatus.OPEN, "Another person must confirm it too", id="the first"),
        pytest.param(FindingStatus.RESOLVED, None, id="the second"),
    ],
)
def test_a_click_is_a_persons_word(status: FindingStatus, said: str | None) -> None:
    """Recorded once their right is known, and then looked at; the first is told what is missing."""
    use = Use("root-custody-unattested", status)
    if said is None:
        click(use)
    else:
        with pytest.raises(RefusedError, match=said):
            click(use)
    account = ASKED.view.proposal.account.id
    assert use.asked == ["decider", "shown", f"T0123456789/U0123456789 on {account}", "look"]


def test_other_things_are_only_looked_at() -> None:
    """Nobody's word makes a key go away."""
    use = Use("root-access-key", FindingStatus.OPEN)
    with pytest.raises(RefusedError, match="AWS still shows it"):
        click(use)
    assert use.asked == ["decider", "shown", "look"]


def test_a_review_is_recorded_and_nothing_is_looked_at() -> None:
    """What AWS shows of the policy is the same as before."""
    use = Use("policy-review-overdue", FindingStatus.OPEN)
    click(use)
    said = f"T0123456789/U0123456789 reviewed {ASKED.view.proposal.id}"
    assert use.asked == ["decider", "shown", said]
