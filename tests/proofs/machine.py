"""The state machine: what people, time, the world, two processes and misfortune do, in any order.

Everything is done through the use cases, the asker, the ticker and the worker, as it comes in a
running installation. `witness.py` and `at_the_end.py` say what must never be.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.engine.recovery import recover
from bot.errors import LocksmithError
from bot.model import Address
from bot.worker import Worker
from tests.proofs import happenings
from tests.proofs.at_the_end import judge
from tests.proofs.beginnings import PROBLEMS, Beginning
from tests.proofs.firm import ACTORS, WIDE, Firm, Process
from tests.proofs.happenings import ANY_TIME, BETWEEN_LOOKS, Happenings
from tests.proofs.ledger import Question
from tests.proofs.quick_account import ACCOUNT_ID
from tests.proofs.quick_wire import Fault, Killed
from tests.proofs.witness import Witness

OPERATOR = ACTORS["operator"]
#: Those who may well be right, more often than the others.
NAMES = st.sampled_from(["sec", "sec", "second", "operator", "ann", *ACTORS])
WHICH = st.integers(0, 5)
PROCESSES = st.sampled_from(["one", "one", "two"])
#: What comes in between, and where; nothing, most of the time.
MOMENTS = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(ANY_TIME), st.sampled_from(happenings.ALWAYS)),
    st.tuples(st.sampled_from(BETWEEN_LOOKS), st.sampled_from(happenings.IN_BETWEEN)),
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
        lag=st.sampled_from([0, 0, 7, 60]),
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
            assert self.witness.complaints == []

    # What Locksmith does by itself.

    @rule(process=PROCESSES)
    def scan(self, process: str) -> None:
        self._do(process, lambda at: at.service.scan(OPERATOR, quiet))

    @rule()
    def ask(self) -> None:
        self._do("one", lambda at: at.asker.ask(ACCOUNT_ID))
        self.firm.deliver()
        self.witness.delivered()

    @rule(span=TIMES, awake=st.booleans())
    def time_goes_by(self, span: timedelta, awake: bool) -> None:
        self._pass(span, awake=awake)

    @rule(process=PROCESSES, moment=MOMENTS, fault=FAULTS)
    def work(self, process: str, moment: tuple[str, str] | None, fault: Fault | None) -> None:
        """The worker carries out whatever is approved."""
        self._with(moment, fault)
        worker = lambda at: Worker(at.service, lambda: (ACCOUNT_ID,), self.firm.clock).run_once()  # noqa: E731
        self._do(process, worker)

    @rule(which=WHICH, process=PROCESSES, moment=MOMENTS, fault=FAULTS)
    def apply(
        self, which: int, process: str, moment: tuple[str, str] | None, fault: Fault | None
    ) -> None:
        asked = self._one_of(self.witness.ledger.open_questions("approved", "pending"), which)
        if asked is not None:
            self._apply(asked, process, moment, fault)

    @rule(process=PROCESSES)
    def recover(self, process: str) -> None:
        self._do(process, self._recover)

    # Whole ways, so that histories come far.

    @rule(which=WHICH, process=PROCESSES, moment=MOMENTS, fault=FAULTS)
    def fix(
        self, which: int, process: str, moment: tuple[str, str] | None, fault: Fault | None
    ) -> None:
        """A question is approved by those who may, and carried out."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self._agree(asked)
            self._apply(asked, process, moment, fault)

    @rule(which=WHICH, process=PROCESSES, moment=MOMENTS, fault=FAULTS, edit=WHICH)
    def take_back(
        self,
        which: int,
        process: str,
        moment: tuple[str, str] | None,
        fault: Fault | None,
        edit: int,
    ) -> None:
        """Something that was done is taken back, perhaps after someone changed it."""
        asked = self._undo(which, "operator")
        if asked is not None:
            if edit < len(happenings.EDITS):
                self.happenings.happen(happenings.EDITS[edit], user=asked.user)
            self._agree(asked)
            self._apply(asked, process, moment, fault)

    @precondition(lambda self: self.firm.words.remediation.rules)
    @rule(process=PROCESSES, moment=MOMENTS, fault=FAULTS)
    def nobody_objects(
        self, process: str, moment: tuple[str, str] | None, fault: Fault | None
    ) -> None:
        """The grace of a rule goes by, and its question is carried out."""
        self._rules_approve()
        self.work(process, moment, fault)

    def _rules_approve(self) -> None:
        self.scan("one")
        self.ask()
        for days in (0, 2, 0):
            self._pass(timedelta(days=days, minutes=3), awake=True)

    @rule(which=WHICH, process=PROCESSES, moment=MOMENTS)
    def fix_in_between(self, which: int, process: str, moment: tuple[str, str] | None) -> None:
        """The same, more often, with nothing wrong about AWS."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self._agree(asked)
            self._apply(asked, process, moment, None)

    @rule(which=WHICH, fault=FAULTS)
    def fix_in_trouble(self, which: int, fault: Fault | None) -> None:
        """The same, with nothing in between."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self._agree(asked)
            self._apply(asked, "one", None, fault)

    @rule(which=WHICH, fault=FAULTS)
    def fix_and_take_back(self, which: int, fault: Fault | None) -> None:
        """A question is carried out, and taken back at once."""
        self.fix_in_trouble(which, None)
        self.take_back(0, "one", None, fault, len(happenings.EDITS))

    @rule(which=WHICH, span=TIMES, awake=st.booleans())
    def fix_late(self, which: int, span: timedelta, awake: bool) -> None:
        """A question is approved, and carried out some time later."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self._agree(asked)
            self._pass(span, awake=awake)
            self._apply(asked, "one", None, None)

    @rule(which=WHICH, what=st.sampled_from(happenings.EVERYTHING), kind=WHICH)
    def fix_after_all(self, which: int, what: str, kind: int) -> None:
        """A question is approved, something changes, and it is carried out."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self._agree(asked)
            self.happenings.happen(what, which=kind, user=asked.user)
            self._apply(asked, "one", None, None)

    @rule(which=WHICH, change=st.sampled_from(sorted(happenings.WORDS)), name=NAMES)
    def fix_under_other_words(self, which: int, change: str, name: str) -> None:
        """The configuration changes, someone approves, and it changes back or on."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self.happenings.configure(change, asked.user)
            self._approve(asked, name)
            if name != "carol":
                self._agree(asked)
            self._apply(asked, "one", None, None)

    @rule(which=WHICH, days=st.sampled_from([20, 100]), name=NAMES)
    def accept_and_fix(self, which: int, days: int, name: str) -> None:
        """Someone accepts a violation, and someone else fixes it all the same."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self.accept(which, name, "second", days)
            self._agree(asked)
            self._apply(asked, "one", None, None)

    @precondition(lambda self: self.firm.words.remediation.rules)
    @rule(change=st.sampled_from([None, None, *sorted(happenings.WORDS)]))
    def nobody_objects_twice(self, change: str | None) -> None:
        """What a rule did is taken back, or the configuration changes, and the rule goes on."""
        self.nobody_objects("one", None, None)
        if change is None:
            self.take_back(0, "one", None, None, len(happenings.EDITS))
        else:
            self._rules_approve()
            self.configure(change, 0)
            self.work("one", None, None)
        self.nobody_objects("one", None, None)

    # What people do.

    @rule(which=WHICH, name=NAMES, current=st.sampled_from([True, True, True, False]))
    def approve(self, which: int, name: str, current: bool) -> None:
        asked = self._one_of(self.witness.ledger.open_questions(), which)
        if asked is not None:
            self._approve(asked, name, current=current)

    @rule(which=WHICH, name=NAMES)
    def deny(self, which: int, name: str) -> None:
        asked = self._one_of(self.witness.ledger.open_questions(), which)
        if asked is not None:
            self.happenings.deny(asked, name)

    @rule(which=WHICH, name=NAMES, days=st.sampled_from([-1, 3, 30, 200]))
    def snooze(self, which: int, name: str, days: int) -> None:
        asked = self._one_of(self._undecided(), which)
        if asked is None:
            return
        until = self.firm.clock.now + timedelta(days=days)
        may = self.witness.rights.may_approve(name, asked) or self.witness.rights.may_keep(
            name, asked
        )
        if self._do("one", lambda at: at.service.snooze(asked.id, until, "later", ACTORS[name])):
            self._must(may and days > 0, f"{name} put {asked.id} off")

    @rule(which=WHICH, name=NAMES, second=NAMES, days=st.sampled_from([-1, 20, 100, 800]))
    def accept(self, which: int, name: str, second: str, days: int) -> None:
        """Someone accepts a violation for a while; a bad one takes a second person."""
        asked = self._one_of(self.witness.ledger.open_questions(), which)
        if asked is None:
            return
        until = self.firm.clock.now + timedelta(days=days)
        rights, finding = self.witness.rights, asked.finding_id
        may = rights.may_keep(name, asked)
        wish = lambda at: at.service.exempt_question(asked.id, "needed", until, ACTORS[name])  # noqa: E731
        if self._do("one", wish):
            self._must(may and 0 < days < 366, f"{name} accepted {asked.finding_id}")  # noqa: PLR2004
        answered = self._do(
            "one", lambda at: at.service.answer_exemption(asked.id, ACTORS[second], granted=True)
        )
        if answered:
            self._must(rights.is_security(second), f"{second} confirmed {finding}")
        row = self.witness.ledger.row("SELECT * FROM finding WHERE id = ?", finding)
        if row["status"] == "exempt":
            self.witness.exempt.setdefault(finding, until)

    @rule(which=WHICH, name=NAMES, to=st.sampled_from(["ann", "ben", "carol", "guest"]))
    def hand_over(self, which: int, name: str, to: str) -> None:
        asked = self._one_of(self._undecided(), which)
        if asked is None:
            return
        address = Address.parse(ACTORS[to].name.rpartition("/")[2])
        rights = self.witness.rights
        may, by_security = rights.may_hand_over(name, asked), rights.is_security(name)
        if self._do("one", lambda at: at.service.hand_over(asked.id, address, ACTORS[name])):
            self._must(may, f"{name} handed {asked.user} over")
            rights.handed[asked.user_id] = (to, by_security)

    @rule(which=WHICH, name=NAMES)
    def ask_to_undo(self, which: int, name: str) -> None:
        self._undo(which, name)

    @rule(name=NAMES, other=NAMES)
    def stop_and_go_on(self, name: str, other: str) -> None:
        """Someone lets writes go on, or stops them where nothing is stopped."""
        self.happenings.pause_or_resume(name)
        self.happenings.pause_or_resume(other)

    @rule(which=WHICH, name=NAMES)
    def settle(self, which: int, name: str) -> None:
        asked = self._one_of(self.witness.ledger.open_questions("needs human"), which)
        if asked is not None and self._do(
            "one", lambda at: at.service.settle(asked.id, "looked at it", ACTORS[name])
        ):
            self._must(self.witness.rights.is_security(name), f"{name} settled {asked.id}")

    @rule(name=NAMES)
    def go_live(self, name: str) -> None:
        if self._do("one", lambda at: at.service.go_live(ACCOUNT_ID, ACTORS[name])):
            self._must(self.witness.rights.is_security(name), f"{name} went live")

    # What the world does.

    @rule(what=st.sampled_from(happenings.EVERYTHING), which=WHICH)
    def something_happens(self, what: str, which: int) -> None:
        with suppress(Killed):
            self.happenings.happen(what, which=which)

    @rule(change=st.sampled_from(sorted(happenings.WORDS)), which=WHICH)
    def configure(self, change: str, which: int) -> None:
        asked = self._one_of(self.witness.ledger.open_questions(), which)
        self.happenings.configure(change, asked.user if asked else "job-a")

    # Twins: the same moment, once more carefully.

    @rule(which=WHICH)
    def rehearse(self, which: int) -> None:
        """A rehearsal writes nothing and changes no question (I18)."""
        asked = self._one_of(self.witness.ledger.open_questions(), which)
        if asked is None:
            return
        before = self._standing(), deepcopy(self.firm.account.state), len(self.firm.wire.writes)
        with suppress(LocksmithError), self.firm.at_work() as at:
            seen = at.service.rehearse(asked.id, OPERATOR)
            did = [(each.call.operation, dict(each.call.params)) for each in seen.steps]
            calls = [each["do"] for each in asked.steps]
            asked_for = [(each["operation"], each["params"]) for each in calls]
            whole = asked.id in self.witness.tampered or did == asked_for[: len(did)]
            self._must(whole, f"the rehearsal of {asked.id} was of something else")
        after = self._standing(), deepcopy(self.firm.account.state), len(self.firm.wire.writes)
        self._must(before == after, f"rehearsing {asked.id} changed something")

    @rule(which=WHICH, care=st.sampled_from(["protect", "lower limits", "freeze", "staff leaves"]))
    def be_more_careful(self, which: int, care: str) -> None:
        """More care never lets anything through that was refused without it (I17)."""
        asked = self._one_of(self.witness.ledger.open_questions("approved"), which)
        if asked is None or self.witness.ledger.is_frozen():
            return
        careful = self._carried_out_in_a_twin(asked, care)
        as_it_is = self._carried_out_in_a_twin(asked, None)
        self._must(careful <= as_it_is, f"{care} let through {careful} instead of {as_it_is}")
        if care in ("protect", "freeze"):
            self._must(not careful, f"{care} didn't stop {careful}")

    @rule()
    def look_again(self) -> None:
        """Looking and working once more, with nobody deciding, writes nothing more (I16)."""
        self._come_to_rest()
        for _ in range(2):
            self.work("one", None, None)
        before = len(self.firm.wire.writes)
        self.scan("one")
        self.work("one", None, None)
        self._must(len(self.firm.wire.writes) == before, "looking again wrote something")

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

    def _with(self, moment: tuple[str, str] | None, fault: Fault | None) -> None:
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
        except (Killed, happenings.Interrupted):
            return False
        finally:
            self.moments.clear()
            self.firm.wire.fault = None
        return True

    def _apply(
        self, asked: Question, process: str, moment: tuple[str, str] | None, fault: Fault | None
    ) -> None:
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

    def _carried_out_in_a_twin(self, asked: Question, care: str | None) -> set[str]:
        """The writes of carrying it out in a copy of everything, which is then forgotten."""
        firm = self.firm
        kept = firm.path.with_name("kept.db")
        shutil.copy(firm.path, kept)
        account, words, directory = firm.account, firm.words, firm.directory
        state, now, log = deepcopy(account.state), firm.clock.now, list(firm.wire.log)
        members = dict(directory.members)
        watched = firm.wire.witness, firm.yield_point
        firm.wire.witness, firm.yield_point = lambda _: None, lambda _a, _b: None
        try:
            if care is not None:
                self.happenings.be_careful(care, asked)
            self._do("one", lambda at: at.service.apply(asked.id, OPERATOR, quiet))
            new = [each for each in firm.wire.writes if each.number >= len(log)]
            return {f"{each.operation} {sorted(each.params.items())}" for each in new}
        finally:
            firm.wire.witness, firm.yield_point = watched
            firm.take(kept)
            firm.configure(words)
            account.state, firm.clock.now, firm.wire.log[:] = state, now, log
            account.settle()
            directory.members = members

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

    def _undecided(self) -> list[Question]:
        return self.witness.ledger.open_questions("proposed", "pending")

    def _standing(self) -> list[Mapping[str, Any]]:
        rows = self.witness.ledger.rows("SELECT id, state, digest, plan FROM proposal ORDER BY id")
        return [dict(row) for row in rows]

    @staticmethod
    def _one_of(questions: list[Question], which: int) -> Question | None:
        return questions[which % len(questions)] if questions else None

    def _must(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.witness.complain(otherwise)

