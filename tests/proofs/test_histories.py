"""Random histories of a whole firm, and what holds in every one of them.

People of many standings decide, refuse, accept, hand over and take back; rules act; two processes
carry out, are killed, overtaken and start anew; AWS refuses, loses answers and lags; others change
the account, the database and the configuration. `tests/proofs/histories/` has the machine that
plays them on the real engine and store, and the witness that judges them by rules of its own.
`make histories` is the long form; `make mutants` takes guards away and shows that it notices.

Which invariant is judged where:

I1   only an approval that counts now, or a rule in force, and only what it was about: `witness`
     (`_about_approval`), who counts: `rights`
I2   no write after a no: `witness` (`_about_approval`)
I3   nobody protected is written to: `witness` (`_about_the_world`)
I4   the intent is written down before the call: `witness` (`_intent_of`)
I5   one write for one step: `witness` (`_intent_of`), and `test_kill.py` for real processes
I6   rules keep within their limits and graces: `witness` (`_by_rule`, `_rules_that_decided`)
I7   no write while writes are stopped, by people or by the file: `witness` (`_about_the_moment`)
I8   the log is whole, and tells how everything came to be as it is: `at_the_end`
I9   an undo takes back what was done, over nobody's later change, and is seen to: `witness`
I10  nothing stays under way: `at_the_end`
I11  at every write the account is as the plan says: `witness` (`_about_the_world`)
I12  done means seen, twice, after the last write: `witness` (`_what_was_done`)
I13  one open question about one thing: `witness` (`look`)
I14  writes and intents match both ways, and no outcome is a lie: `at_the_end`
I15  no write with an old lease: `witness` (`_about_the_moment`), and `test_race.py`
I16  looking and working once more writes nothing: `twins` (`look_again`)
I17  more care lets nothing through: `twins` (`be_more_careful`)
I18  a rehearsal writes nothing, and is of the same calls: `twins` (`rehearse`)

Judged elsewhere: the fence number itself in `tests/store/test_leases.py`, kills of real processes
in `test_kill.py`, two real processes in `test_race.py`, containment in
`tests/engine/test_containing.py`, that nobody is locked out in `tests/engine/test_lockout.py`, and
anchors of the log in `tests/engine/test_anchoring.py`.
"""

import os
from collections import Counter
from collections.abc import Callable

import pytest

from tests.proofs.histories.play import STEPS, play

LONG = os.environ.get("LOCKSMITH_TEST_ROUNDS") == "long"
#: Parts are played by as many processes as there are; each plays its share of 10,000. Hypothesis
#: leaves some rules out of some histories, so that small shares may lack something by chance.
PARTS, SHARE = 10, 1_000
SMALL, FEW_STEPS = 60, 6


@pytest.mark.timeout(600)  # seconds of work, and minutes where others take the processors
def test_histories() -> None:
    happened = play(SMALL, 1, steps=FEW_STEPS)

    assert happened["histories"] >= SMALL
    assert happened["done"], "histories in which nothing is done prove nothing"


@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="`make histories` plays them")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_histories(part: int, record_property: Callable[[str, object], None]) -> None:
    happened: Counter[str] = play(SHARE, 1_000 + part, steps=STEPS)

    record_property("happened", dict(happened))
    assert happened["histories"] >= SHARE
    assert happened["done"] > SHARE // 10
    assert happened["undone"] > SHARE // 100
    assert happened["a rule approved"]
