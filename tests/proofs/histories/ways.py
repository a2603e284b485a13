"""Whole ways from a question to its end, so that histories come far.

Plainly random steps seldom get past the first approval; these take the way that people take, and
leave open what comes in between.
"""

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from bot.worker import Worker
from tests.proofs.histories.happenings import EDITS, EVERYTHING, STAFF
from tests.proofs.histories.history import (
    FAULTS,
    MOMENTS,
    NAMES,
    OPERATOR,
    PROCESSES,
    TIMES,
    WHICH,
    History,
    Moment,
    quiet,
)
from tests.proofs.histories.quick_account import ACCOUNT_ID
from tests.proofs.histories.quick_wire import Fault
from tests.proofs.histories.words import OTHER


class Ways(History):
    """What Locksmith does by itself, and whole ways."""

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
    def work(self, process: str, moment: Moment, fault: Fault | None) -> None:
        """The worker carries out whatever is approved."""
        self._with(moment, fault)
        worker = lambda at: Worker(at.service, lambda: (ACCOUNT_ID,), self.firm.clock).run_once()  # noqa: E731
        self._do(process, worker)

    @rule(which=WHICH, process=PROCESSES, moment=MOMENTS, fault=FAULTS)
    def apply(self, which: int, process: str, moment: Moment, fault: Fault | None) -> None:
        asked = self._one_of(self.witness.ledger.open_questions("approved", "pending"), which)
        if asked is not None:
            self._apply(asked, process, moment, fault)

    @rule(process=PROCESSES)
    def recover(self, process: str) -> None:
        self._do(process, self._recover)

    # Whole ways, so that histories come far.

    @rule(which=WHICH, process=PROCESSES, moment=MOMENTS, fault=FAULTS)
    def fix(self, which: int, process: str, moment: Moment, fault: Fault | None) -> None:
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
        moment: Moment,
        fault: Fault | None,
        edit: int,
    ) -> None:
        """Something that was done is taken back, perhaps after someone changed it."""
        asked = self._undo(which, "operator")
        if asked is not None:
            if edit < len(EDITS):
                self.happenings.happen(EDITS[edit], about=asked)
            self._agree(asked)
            self._apply(asked, process, moment, fault)

    @precondition(lambda self: self.firm.words.remediation.rules)
    @rule(process=PROCESSES, moment=MOMENTS, fault=FAULTS)
    def nobody_objects(self, process: str, moment: Moment, fault: Fault | None) -> None:
        """The grace of a rule goes by, and its question is carried out."""
        self._rules_approve()
        self.work(process, moment, fault)

    def _rules_approve(self) -> None:
        self.scan("one")
        self.ask()
        for days in (0, 2, 0):
            self._pass(timedelta(days=days, minutes=3), awake=True)

    @rule(which=WHICH, process=PROCESSES, moment=MOMENTS)
    def fix_in_between(self, which: int, process: str, moment: Moment) -> None:
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
        self.take_back(0, "one", None, fault, len(EDITS))

    @rule(which=WHICH, span=TIMES, awake=st.booleans())
    def fix_late(self, which: int, span: timedelta, awake: bool) -> None:
        """A question is approved, and carried out some time later."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self._agree(asked)
            self._pass(span, awake=awake)
            self._apply(asked, "one", None, None)

    @rule(which=WHICH, what=st.sampled_from(EVERYTHING), kind=WHICH)
    def fix_after_all(self, which: int, what: str, kind: int) -> None:
        """A question is approved, something changes, and it is carried out."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self._agree(asked)
            self.happenings.happen(what, which=kind, about=asked)
            self._apply(asked, "one", None, None)

    @rule(which=WHICH, kind=st.integers(0, 6))
    def fix_what_was_tampered_with(self, which: int, kind: int) -> None:
        """A question is approved, its row is changed behind everyone's back, and carried out."""
        self.fix_after_all(which, "tampered", kind)

    @rule(
        which=WHICH,
        where=st.sampled_from(["before-intent", "after-intent"]),
        what=st.sampled_from(["overtaken", "overtaken", "paused", "stop file", "denied"]),
    )
    def fix_with_something_just_before(self, which: int, where: str, what: str) -> None:
        """A question is carried out, and something comes in between right before the call."""
        self.fix_in_between(which, "one", (where, what))

    @rule(which=WHICH, kind=st.integers(3, 4))
    def take_back_what_was_tampered_with(self, which: int, kind: int) -> None:
        """Something is done, its row is changed behind everyone's back, and it is taken back."""
        self.fix_in_trouble(which, None)
        done = self.witness.ledger.open_questions("done")
        if done:
            self.happenings.happen("tampered", which=kind, about=done[-1])
            self.take_back(0, "one", None, None, len(EDITS))

    @rule(which=WHICH, fault=st.sampled_from([Fault.LOST_AFTER, Fault.BROKEN_AFTER]))
    def fix_and_lose_the_answer(self, which: int, fault: Fault) -> None:
        """A question is carried out, and nobody hears that it was."""
        self.fix_in_trouble(which, fault)

    @rule(which=WHICH, what=st.sampled_from(STAFF))
    def fix_though_staff_changed(self, which: int, what: str) -> None:
        """A question is approved, and whoever did so leaves before it is carried out."""
        self.fix_after_all(which, what, 0)

    @rule(which=WHICH, name=st.sampled_from(["ann", "carol", "ben"]))
    def fix_though_the_owner_changed(self, which: int, name: str) -> None:
        """Someone else owns it by now, and an owner, of before or of today, says yes."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self.happenings.happen("owner changes", about=asked)
            self._approve(asked, name)
            self._apply(asked, "one", None, None)

    @rule(which=WHICH, strictly=st.booleans())
    def approve_oneself(self, which: int, strictly: bool) -> None:
        """Carol approves what may be about herself, where others must."""
        asked = self._one_of(self._undecided(), which)
        if asked is not None:
            self.happenings.configure("strict" if strictly else "others must approve", asked.user)
            self._approve(asked, "carol")
            self._apply(asked, "one", None, None)

    @rule(which=WHICH, change=st.sampled_from(sorted(OTHER)), name=NAMES)
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
    @rule(change=st.sampled_from([*[None] * 6, *sorted(OTHER)]))
    def nobody_objects_twice(self, change: str | None) -> None:
        """What a rule did is taken back, or the configuration changes, and the rule goes on."""
        self.nobody_objects("one", None, None)
        if change is None:
            self.take_back(0, "one", None, None, len(EDITS))
        else:
            self._rules_approve()
            self.configure(change, 0)
            self.work("one", None, None)
        self.nobody_objects("one", None, None)
