"""One history: how it begins and ends, and how anything is done in it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from bot.engine.recovery import recover
from bot.errors import LocksmithError
from tests.proofs.histories.at_the_end import judge
from tests.proofs.histories.beginnings import PROBLEMS, Beginning
from tests.proofs.histories.firm import Firm, Process
from tests.proofs.histories.happenings import (
    ALWAYS,
    ANY_TIME,
    BETWEEN_LOOKS,
    IN_BETWEEN,
    Happenings,
    Interrupted,
)
from tests.proofs.histories.ledger import Question
from tests.proofs.histories.quick_wire import Fault, Killed
from tests.proofs.histories.staff import ACTORS
from tests.proofs.histories.witness import Witness
from tests.proofs.histories.words import WIDE

OPERATOR = ACTORS["operator"]
#: Something that comes in between, and where.
Moment = tuple[str, str] | None
#: Those who may well be right, more often than the others.
NAMES = st.sampled_from(["sec", "sec", "second", "operator", "ann", *ACTORS])
WHICH = st.integers(0, 5)
PROCESSES = st.sampled_from(["one", "one", "two"])
MOMENTS = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(ANY_TIME), st.sampled_from(ALWAYS)),
    st.tuples(st.sampled_from(BETWEEN_LOOKS), st.sampled_from(IN_BETWEEN)),
)
FAULTS = st.one_of(st.none(), st.none(), st.sampled_from(list(Fault)))
BEGINNINGS = st.builds(
    Beginning,
    st.sampled_from([(each,) for each in PROBLEMS] + [("carol", "job-a"), ("job-b", "job-c")]),
    st.sampled_from([None, None, 2]),
    st.sampled_from([True] * 9 + [False]),
    st.booleans(),
)
TIMES = st.sampled_from(
    [timedelta(minutes=4), timedelta(minutes=50), timedelta(hours=5)]
    + [timedelta(days=days) for days in (1, 2, 3, 8, 30)]
)


def quiet(_said: str) -> None:
    """Progress that nobody watches."""


class Mistakes(logging.Handler):
    """Mistakes of ours that a process survives are logged, and must not be either."""

    def __init__(self, witness: Witness) -> None:
        super().__init__(logging.ERROR)
        self.witness = witness

    def emit(self, record: logging.LogRecord) -> None:
        """Complain of what was logged."""
        self.witness.complain(f"{record.getMessage()}: {record.exc_info}")


class History(RuleBasedStateMachine):
    """One history of one firm."""

    def __init__(self) -> None:
        super().__init__()
        self.firm: Firm
        self.witness: Witness
        self.happenings: Happenings
        self.moments: list[tuple[str, str]] = []

    @initialize(
        beginning=BEGINNINGS,
        strict=st.sampled_from([False, False, True]),
        tight=st.sampled_from([False, False, True]),
        lag=st.sampled_from([0, 0, 7, 25]),
    )
    def begin(self, beginning: Beginning, strict: bool, tight: bool, lag: int) -> None:
        self.firm = beginning.open()
        self.firm.account.lag = timedelta(seconds=lag)
        limits = replace(WIDE, per_hour=1, per_day=1) if tight else WIDE
        self.firm.configure(replace(self.firm.words, strict=strict, limits=limits))
        self.witness = Witness(self.firm)
        self.happenings = Happenings(self.firm, self.witness)
        self.mistakes = Mistakes(self.witness)
        logging.getLogger("bot").addHandler(self.mistakes)
        self.firm.wire.witness = self.witness.at_write
        self.firm.yield_point = self._in_between
        self.witness.delivered()

    def teardown(self) -> None:
        if not hasattr(self, "witness"):
            return
        try:
            self._come_to_rest()
            self.witness.look()
            for complaint in judge(self.witness):
                self.witness.complain(complaint)
            self.nothing_that_must_not_be()
        finally:
            logging.getLogger("bot").removeHandler(self.mistakes)
            self.witness.close()

    @invariant()
    def nothing_that_must_not_be(self) -> None:
        if hasattr(self, "witness"):
            self.witness.look()
            assert not self.witness.complaints, "; ".join(self.witness.complaints)

    # How all that is done.

    def _in_between(self, process: str, label: str) -> None:
        if label == "claimed":
            self.witness.claimed(process)
        if self.moments and self.moments[0][0] == label:
            _, what = self.moments.pop(0)
            note(f"{process} at {label}: {what}")
            self.happenings.happen(what, process=process)
            if label == "claimed":
                self.witness.claimed(process)

    def _with(self, moment: Moment, fault: Fault | None) -> None:
        self.moments[:] = [moment] if moment else []
        self.firm.wire.fault = fault

    def _do(self, process: str, what: Callable[[Process], Any]) -> bool:
        """Let a process do something; whether it did so, without a refusal or its end."""
        try:
            with self.firm.at_work(process) as at:
                what(at)
        except LocksmithError as error:
            note(f"{type(error).__name__}: {error}")
            return False
        except (Killed, Interrupted):
            return False
        finally:
            self.moments.clear()
            self.firm.wire.fault = None
        return True

    def _apply(self, asked: Question, process: str, moment: Moment, fault: Fault | None) -> None:
        self._with(moment, fault)
        self._do(process, lambda at: at.service.apply(asked.id, OPERATOR, quiet))

    def _approve(self, asked: Question, name: str, *, current: bool = True) -> None:
        """Someone approves what is shown to them; or what was shown to them before."""
        actor = ACTORS[name]
        row = self.witness.ledger.row("SELECT * FROM proposal WHERE id = ?", asked.id)
        digest = row["digest"] if current else "sha256:" + "0" * 64
        entitled = self.witness.rights.may_approve(name, asked)

        def say_yes(at: Process) -> None:
            typed = at.service.to_type(at.service.proposal(asked.id).proposal)
            at.service.approve(asked.id, digest, actor, typed=typed)

        if self._do("one", say_yes):
            self.witness.approved(asked, name, row["plan"], entitled=entitled)
            self._must(current, f"{name} approved an old plan of {asked.id}")

    def _agree(self, asked: Question) -> None:
        for name in ("sec", "second") if asked.is_final else ("sec",):
            self._approve(asked, name)

    def _undo(self, which: int, name: str) -> Question | None:
        rows = self.witness.ledger.rows(
            "SELECT execution.id, proposal_id FROM execution JOIN step_event "
            "ON execution_id = execution.id WHERE outcome = 'holds' "
            "GROUP BY execution.id ORDER BY execution.number DESC"
        )
        if not rows:
            return None
        row = rows[which % len(rows)]
        original = self.witness.ledger.questions[row["proposal_id"]]
        rights = self.witness.rights
        may = rights.may_approve(name, original) or rights.may_keep(name, original)
        made: list[str] = []
        if not self._do(
            "one", lambda at: made.append(at.service.undo(row["id"], ACTORS[name]).proposal.id)
        ):
            return None
        self.witness.ledger.meet_new_questions()
        self._must(may, f"{name} asked to take back {row['id']}")
        return self.witness.ledger.questions[made[0]]

    def _come_to_rest(self) -> None:
        """All trouble is over, every lease ran out, and what was left open is settled."""
        self.firm.wire.refused.clear()
        self.firm.account.settle()
        self.moments.clear()
        for _ in range(2):
            self._pass(timedelta(minutes=6), awake=True)
            self._do("one", self._recover)

    def _recover(self, at: Process) -> None:
        recover(at.executor, at.executor.ports.connection.account, OPERATOR)

    def _pass(self, span: timedelta, *, awake: bool) -> None:
        self.witness.passes(span, awake=awake)
        self.firm.pass_time(span, awake=awake)
        self.witness.look()

    def _undecided(self) -> list[Question]:
        return self.witness.ledger.open_questions("proposed", "pending")

    @staticmethod
    def _one_of(questions: list[Question], which: int) -> Question | None:
        return questions[which % len(questions)] if questions else None

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.witness.complain(otherwise)
