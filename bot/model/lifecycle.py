"""The states of findings and proposals, and the one table of moves between them."""

from collections.abc import Mapping
from enum import StrEnum


class FindingStatus(StrEnum):
    """Where a finding stands: open, gone on a complete read, or exempt until a day."""

    OPEN = "open"
    RESOLVED = "resolved"
    EXEMPT = "exempt"


class ProposalState(StrEnum):
    """Where a proposal stands. Nothing leads back into pending: a changed world is a new question.

    proposed     made by a scan or a command; nobody was asked yet
    pending      someone was asked
    approved     decided; executable by whoever holds the account's lease
    executing    claimed; steps are being carried out
    verifying    every call was made; the effect is being looked for
    done         the effect was observed
    blocked      protected, or stopped by a limit; nothing was written
    denied       someone said no; remembered for this digest
    snoozed      put off; its end makes a new proposal
    expired      nobody answered in time
    stale        the world or the plan changed; nothing was written
    cancelled    taken back, or settled by a person with a reason
    failed       certainly not applied
    unknown      a call's answer was lost; settled only by reading back
    needs human  some steps hold and others don't, or looking gave no answer
    """

    PROPOSED = "proposed"
    PENDING = "pending"
    APPROVED = "approved"
    EXECUTING = "executing"
    VERIFYING = "verifying"
    DONE = "done"
    BLOCKED = "blocked"
    DENIED = "denied"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    STALE = "stale"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NEEDS_HUMAN = "needs human"

    @property
    def is_open(self) -> bool:
        """Whether the question or its execution is still under way."""
        return bool(MOVES[self])


_S = ProposalState
_ENDS_WITHOUT_WRITING = frozenset(
    {_S.DENIED, _S.SNOOZED, _S.EXPIRED, _S.STALE, _S.CANCELLED, _S.BLOCKED}
)

#: Every move there is. From approved, a snooze is no longer possible; a denial is, until the
#: first intent is written. `executing` falls back to `approved` only when no intent was written.
#: proposed → done is for manual fixes that a later look found done.
MOVES: Mapping[ProposalState, frozenset[ProposalState]] = {
    _S.PROPOSED: _ENDS_WITHOUT_WRITING | {_S.PENDING, _S.APPROVED, _S.DONE},
    _S.PENDING: _ENDS_WITHOUT_WRITING | {_S.APPROVED, _S.DONE},
    _S.APPROVED: (_ENDS_WITHOUT_WRITING - {_S.SNOOZED}) | {_S.EXECUTING},
    _S.EXECUTING: frozenset(
        {
            _S.VERIFYING,
            _S.APPROVED,
            _S.STALE,
            _S.BLOCKED,
            _S.DENIED,
            _S.FAILED,
            _S.UNKNOWN,
            _S.NEEDS_HUMAN,
        }
    ),
    _S.VERIFYING: frozenset({_S.DONE, _S.UNKNOWN, _S.NEEDS_HUMAN}),
    _S.UNKNOWN: frozenset({_S.DONE, _S.FAILED, _S.NEEDS_HUMAN}),
    _S.NEEDS_HUMAN: frozenset({_S.CANCELLED}),
    _S.DONE: frozenset(),
    _S.BLOCKED: frozenset(),
    _S.DENIED: frozenset(),
    _S.SNOOZED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.STALE: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.FAILED: frozenset(),
}


class Origin(StrEnum):
    """Where a proposal comes from."""

    FINDING = "finding"
    COMMAND = "command"
    UNDO = "undo"


class Verdict(StrEnum):
    """What someone decided about a proposal."""

    APPROVE = "approve"
    DENY = "deny"
    SNOOZE = "snooze"


class Outcome(StrEnum):
    """What is known of one step of an execution.

    intended     written down before the call; the answer is not known
    answered     AWS answered with success; the effect is not yet observed
    holds        the effect was observed
    not applied  certainly not: AWS refused, or looking shows the state from before
    unknown      the answer was lost, and looking gave no clear picture
    """

    INTENDED = "intended"
    ANSWERED = "answered"
    HOLDS = "holds"
    NOT_APPLIED = "not applied"
    UNKNOWN = "unknown"
