"""The state machine: what people, time, the world, two processes and misfortune do, in any order.

Everything is done through the use cases, the asker, the ticker and the worker, as it comes in a
running installation.
"""

from contextlib import suppress
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis.stateful import rule

from bot.model import Address
from tests.proofs.histories.happenings import EVERYTHING
from tests.proofs.histories.history import NAMES, WHICH
from tests.proofs.histories.quick_account import ACCOUNT_ID
from tests.proofs.histories.quick_wire import Killed
from tests.proofs.histories.staff import ACTORS
from tests.proofs.histories.twins import Twins
from tests.proofs.histories.words import OTHER


class Machine(Twins):
    """Everything that can come about."""

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
            self._must(may and 0 < days < 366, f"{name} accepted {asked.finding_id}")
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

    @rule(what=st.sampled_from(EVERYTHING), which=WHICH)
    def something_happens(self, what: str, which: int) -> None:
        with suppress(Killed):
            self.happenings.happen(what, which=which)

    @rule(change=st.sampled_from(sorted(OTHER)), which=WHICH)
    def configure(self, change: str, which: int) -> None:
        asked = self._one_of(self.witness.ledger.open_questions(), which)
        self.happenings.configure(change, asked.user if asked else "job-a")
