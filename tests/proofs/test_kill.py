"""The executor killed with SIGKILL between every two instructions that matter, and then restarted.

Whatever the moment: nothing is lost, nothing is done twice, and nothing is claimed that isn't so.
`make crash` is the long form.
"""

import os
import random
from collections.abc import Callable

import pytest

from bot.model import Outcome, ProposalState
from tests.proofs.conftest import BILLING, READ_ONLY, Proof

LONG = os.environ.get("LOCKSMITH_TEST_ROUNDS") == "long"
#: Kills at random moments and kills during recovery; the labelled ones come on top.
RANDOM_KILLS = 400 if LONG else 6
LABELLED_ROUNDS = 10 if LONG else 1

#: Every place where an execution of two steps can be cut off, in order, and what is true then:
#: the calls that were made, and whether any intent was written down.
PLACES = [
    ("leased", 1, 0, False),
    ("claimed", 1, 0, False),
    ("between-steps", 1, 0, False),
    ("before-intent", 1, 0, False),
    ("after-intent", 1, 0, True),
    ("after-call", 1, 1, True),
    ("after-answer", 1, 1, True),
    ("after-settled", 1, 1, True),
    ("between-steps", 2, 1, True),
    ("before-intent", 2, 1, True),
    ("after-intent", 2, 1, True),
    ("after-call", 2, 2, True),
    ("after-answer", 2, 2, True),
    ("after-settled", 2, 2, True),
    ("before-done", 1, 2, True),
    ("after-done", 1, 2, True),
]


def restart(proof: Proof, proposal_id: str) -> ProposalState:
    """What the next process does: settle what is open, and apply what is still approved."""
    ended = proof.forks.alone(do="recover", proposal=proposal_id, db=proof.url)
    assert "settled" in ended, ended
    again = proof.forks.alone(do="recover", proposal=proposal_id, db=proof.url)
    assert again == {"settled": []}, "settling is idempotent"
    if proof.proposal(proposal_id).state is ProposalState.APPROVED:
        ended = proof.forks.alone(do="apply", proposal=proposal_id, db=proof.url)
        assert ended == {"state": "done"}
    return proof.proposal(proposal_id).state


def check_truth(proof: Proof, proposal_id: str, state: ProposalState) -> None:
    """What the database says is what the cloud shows, and every call has its intent."""
    applied = proof.applied()
    assert len(applied) == len(set(applied)), "a call was made twice"
    attached = proof.attached()
    assert (READ_ONLY in attached) == ("AttachUserPolicy" in applied)
    assert (BILLING not in attached) == ("DetachUserPolicy" in applied)
    assert (state is ProposalState.DONE) == (attached == {READ_ONLY})
    records = proof.executions(proposal_id)
    holds = {
        step.name for record in records for step in record.steps if step.outcome is Outcome.HOLDS
    }
    assert holds == {call.removesuffix("UserPolicy").lower() for call in applied}
    assert all(record.finished_at for record in records)
    assert proof.is_whole()


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
@pytest.mark.timeout(1800 if LONG else 240)
def test_killed_at_every_point(
    database: str, proof_on: Callable[[str], Proof], request: pytest.FixtureRequest
) -> None:
    """One kill at each place; the end follows from how far the calls had come."""
    proof = proof_on(request.getfixturevalue(f"{database}_url"))
    for label, nth, calls, intended in PLACES * LABELLED_ROUNDS:
        proposal_id = proof.propose(proof.two_step_plan())
        ended = proof.forks.alone(
            do="apply", proposal=proposal_id, db=proof.url, kill_at=label, nth=nth
        )
        assert ended == {"signal": 9}, f"{label} {nth}"
        assert len(proof.applied()) == calls, f"{label} {nth}"
        state = restart(proof, proposal_id)
        if not intended or calls == 2:
            assert state is ProposalState.DONE, f"{label} {nth}"
        elif calls == 1:
            assert state is ProposalState.NEEDS_HUMAN, f"{label} {nth}"
        else:
            assert state is ProposalState.FAILED, f"{label} {nth}"
        check_truth(proof, proposal_id, state)


@pytest.mark.timeout(1800 if LONG else 240)
def test_killed_at_random_and_while_recovering(
    proof_on: Callable[[str], Proof], sqlite_url: str
) -> None:
    """Kills at any moment at all, and again while the next process settles what was left."""
    proof = proof_on(sqlite_url)
    seed = random.SystemRandom().randrange(10**6)
    moments = random.Random(seed)
    for number in range(RANDOM_KILLS):
        proposal_id = proof.propose(proof.two_step_plan())
        at = moments.uniform(0.0, 0.6)
        proof.forks.alone(do="apply", proposal=proposal_id, db=proof.url, kill_after=at)
        also = moments.uniform(0.0, 0.3)
        proof.forks.alone(do="recover", proposal=proposal_id, db=proof.url, kill_after=also)
        state = restart(proof, proposal_id)
        assert not state.is_open or state is ProposalState.NEEDS_HUMAN, (seed, number, at)
        check_truth(proof, proposal_id, state)
