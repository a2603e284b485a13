"""Two processes decide and apply the same proposal at once: one wins, the other is told.

`make race` is the long form.
"""

import os
from collections.abc import Callable

import pytest

from bot.model import ProposalState
from tests.proofs.conftest import READ_ONLY, Proof

LONG = os.environ.get("LOCKSMITH_TEST_ROUNDS") == "long"
TRIES = 200 if LONG else 20
SAID = ("is being changed by", "is being carried out", "was carried out", "is done already")


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
@pytest.mark.timeout(1800 if LONG else 240)
def test_race_of_two_on_one_proposal(
    database: str, proof_on: Callable[[str], Proof], request: pytest.FixtureRequest
) -> None:
    proof = proof_on(request.getfixturevalue(f"{database}_url"))
    for number in range(TRIES):
        proposal_id = proof.propose(proof.two_step_plan(), approve=False)
        task = {"do": "decide and apply", "proposal": proposal_id, "db": proof.url}
        ended = proof.forks.together({**task, "actor": "alice"}, {**task, "actor": "bob"})
        won = [one for one in ended if one.get("state") == "done"]
        lost = [one for one in ended if "refused" in one]
        assert (len(won), len(lost)) == (1, 1), (number, ended)
        assert lost[0]["kind"] == "LostRaceError"
        assert any(words in lost[0]["refused"] for words in SAID), lost
        assert proof.applied() == ["AttachUserPolicy", "DetachUserPolicy"]
        assert proof.attached() == {READ_ONLY}
        assert proof.proposal(proposal_id).state is ProposalState.DONE
        assert len(proof.executions(proposal_id)) == 1
    assert proof.is_whole()
