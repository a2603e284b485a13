"""The table of moves."""

from bot.model import MOVES, ProposalState

S = ProposalState


def reachable(start: ProposalState) -> set[ProposalState]:
    seen: set[ProposalState] = set()
    queue = [start]
    while queue:
        for target in MOVES[queue.pop()] - seen:
            seen.add(target)
            queue.append(target)
    return seen


def test_every_state_has_its_row() -> None:
    """A state without a row could never be left or never be checked."""
    assert set(MOVES) == set(S)


def test_nothing_leads_back_into_pending_or_proposed() -> None:
    """A changed world is a new plan and a new question."""
    assert [state for state in S if S.PENDING in MOVES[state]] == [S.PROPOSED]
    assert [state for state in S if S.PROPOSED in MOVES[state]] == []


def test_done_is_only_reached_by_looking() -> None:
    """From executing it leads through verifying; manual fixes are seen done by a scan."""
    assert {state for state in S if S.DONE in MOVES[state]} == {
        S.PROPOSED, S.PENDING, S.VERIFYING, S.UNKNOWN
    }  # fmt: skip


def test_only_an_approval_leads_to_executing() -> None:
    """Nothing is carried out that nobody approved."""
    assert [state for state in S if S.EXECUTING in MOVES[state]] == [S.APPROVED]


def test_everything_ends() -> None:
    """From every state an end can be reached, and needs human is left only by settling."""
    ends = {state for state in S if not MOVES[state]}

    assert all(reachable(state) & ends for state in set(S) - ends)
    assert MOVES[S.NEEDS_HUMAN] == {S.CANCELLED}
