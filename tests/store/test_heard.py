"""What was acknowledged outlives whoever heard it, and is dealt with by one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.store import erasing, heard
from bot.store.database import Store
from bot.store.heard import Heard
from bot.store.leases import this_process
from tests.conftest import StandingClock
from tests.store.samples import ALICE

BODY = {"user": {"id": "U1"}}
HERE = this_process()
ELSEWHERE = "another-host/12/34"


@pytest.fixture
def gone() -> str:
    """The name of a process of this host that has ended."""
    child = subprocess.Popen(
        [sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE, text=True
    )
    start = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    child.communicate("\n")
    return f"{HERE.partition('/')[0]}/{child.pid}/{start}"


def noted(store: Store, holder: str, name: str = "approve") -> int:
    with store.write() as tx:
        return heard.note(tx, "button", name, BODY, holder)


def taken(store: Store, holder: str = HERE, *at_work: int) -> list[Heard]:
    with store.write() as tx:
        return heard.take_over(tx, holder, at_work)


def test_what_a_process_left_that_is_gone_is_taken_over_in_order_and_once(
    store: Store, gone: str
) -> None:
    first, second = noted(store, gone), noted(store, gone, "undo")
    assert taken(store) == [
        Heard(first, "button", "approve", BODY),
        Heard(second, "button", "undo", BODY),
    ]
    assert taken(store, HERE, first, second) == [], "it is ours now, and we are at work"
    assert len(taken(store, HERE, first)) == 1, "what we gave up comes again"
    assert taken(store, ELSEWHERE) == [], "and nobody else's"


def test_what_was_dealt_with_is_forgotten(store: Store, gone: str) -> None:
    number = noted(store, gone)
    with store.write() as tx:
        heard.dealt_with(tx, number, ELSEWHERE)
    assert len(taken(store)) == 1, "it is not theirs to forget"
    with store.write() as tx:
        heard.dealt_with(tx, number, HERE)
    assert taken(store) == []


def test_what_is_being_dealt_with_is_left_alone(store: Store, clock: StandingClock) -> None:
    """By a process that lives, however long it takes."""
    noted(store, HERE)
    clock.pass_time(hours=1)
    assert taken(store, f"{HERE.partition('/')[0]}/1/1") == []


def test_nobody_knows_of_another_host_so_it_has_its_time(
    store: Store, clock: StandingClock
) -> None:
    noted(store, ELSEWHERE)
    assert taken(store) == []
    clock.pass_time(seconds=heard.PATIENCE.total_seconds())
    assert len(taken(store)) == 1


def test_after_a_restore_nothing_of_it_counts(store: Store, gone: str) -> None:
    noted(store, gone)
    with store.write() as tx:
        heard.forget_all(tx)
    assert taken(store) == []


def test_a_person_who_is_erased_decides_nothing_more(store: Store, gone: str) -> None:
    noted(store, gone)
    with store.write() as tx:
        erasing.erase(tx, ["U1"], ALICE)
    (left,) = taken(store)
    assert left.body != BODY
