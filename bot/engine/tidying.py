"""Housekeeping: what was kept long enough goes; the log, and what an undo needs, stays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.engine.announcing import ANCHOR, FROZEN
from bot.engine.undoing import undo_plan
from bot.errors import RefusedError
from bot.model import Actor, Outcome, Plan
from bot.store import executions, freezes, proposals, retention
from bot.store.database import Store, Transaction

#: Who tidies up where nobody asked for it.
HOUSEKEEPING = Actor("locksmith", "housekeeping")

_OPEN = frozenset({Outcome.INTENDED, Outcome.ANSWERED, Outcome.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things stay after their end; None for ever.

    A proposal stays at least for the `cool_off`, in which a no to it holds.
    """

    findings: timedelta | None = None
    executions: timedelta | None = None
    messages: timedelta | None = None
    observations: timedelta | None = None
    cool_off: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much was removed."""

    messages: int = 0
    proposals: int = 0
    findings: int = 0
    observations: int = 0


@dataclass(frozen=True, slots=True)
class Tidying:
    """Removes what is old enough. Doing it again, or from two processes, is harmless."""

    store: Store
    retention: Retention

    def tidy(self, actor: Actor = HOUSEKEEPING) -> Tidied:
        """Remove it; the log says how much of what."""
        kept = self.retention
        return Tidied(
            messages=self._step("messages", kept.messages, actor, _drop_messages),
            proposals=self._proposals(actor),
            findings=self._step("findings", kept.findings, actor, _drop_findings),
            observations=self._step("observations", kept.observations, actor, _drop_observations),
        )

    def _step(
        self,
        what: str,
        age: timedelta | None,
        actor: Actor,
        drop: Callable[[Transaction, timedelta], int],
    ) -> int:
        if age is None:
            return 0
        with self.store.write() as tx:
            dropped = drop(tx, age)
            _log(tx, what, dropped, actor)
        return dropped

    def _proposals(self, actor: Actor) -> int:
        """Page by page, so that nobody waits long for the database."""
        if self.retention.executions is None:
            return 0
        age = max(self.retention.executions, self.retention.cool_off)
        dropped, after = 0, 0
        while True:
            with self.store.write() as tx:
                before = tx.now - age
                page = retention.ended_proposals(tx, before, after)
                ids = [id_ for _, id_ in page if not _can_be_undone(tx, id_)]
                gone = retention.drop_proposals(tx, ids, before)
                _log(tx, "proposals", gone, actor)
            if not page:
                return dropped
            dropped, after = dropped + gone, page[-1][0]


def _can_be_undone(tx: Transaction, proposal_id: str) -> bool:
    """Whether Locksmith itself could take back what this did, as far as it remembers."""
    execution = executions.execution_of(tx, proposal_id)
    plan = proposals.get_proposal(tx, proposal_id).plan
    if execution is None or not isinstance(plan, Plan):
        return False
    if any(step.outcome in _OPEN for step in execution.steps):
        return True  # once it is known what became of it, it may be
    try:
        return isinstance(undo_plan(execution, plan), Plan)
    except RefusedError:  # it left nothing that holds
        return False


def _drop_messages(tx: Transaction, age: timedelta) -> int:
    keeping = [ANCHOR] + ([FROZEN] if freezes.current_freeze(tx) else [])
    return retention.drop_messages(tx, tx.now - age, keeping=keeping)


def _drop_findings(tx: Transaction, age: timedelta) -> int:
    return retention.drop_findings(tx, tx.now - age)


def _drop_observations(tx: Transaction, age: timedelta) -> int:
    return retention.drop_observations(tx, tx.now - age)


def _log(tx: Transaction, what: str, dropped: int, actor: Actor) -> None:
    if dropped:
        tx.record("database.tidied", actor=actor, data={what: dropped})
