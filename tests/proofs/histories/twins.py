"""The same moment twice: once as it is, and once with more care, without writing, or once more."""

import shutil
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import rule

from bot.errors import LocksmithError
from tests.proofs.histories.history import OPERATOR, WHICH, quiet
from tests.proofs.histories.ledger import Question
from tests.proofs.histories.ways import Ways


class Twins(Ways):
    """What must come out alike, or no worse."""

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

    def _standing(self) -> list[Mapping[str, Any]]:
        rows = self.witness.ledger.rows("SELECT id, state, digest, plan FROM proposal ORDER BY id")
        return [dict(row) for row in rows]
