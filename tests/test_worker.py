"""The worker over several accounts: one in trouble delays no other."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from bot.errors import AwsError, NotEnteredError
from bot.model import ProposalState
from bot.worker import Worker
from tests.conftest import StandingClock

A, B = "111111111111", "222222222222"


@dataclass
class Applying:
    """Use cases of which every account has two approved proposals, and some can't be entered.

    `left` are the accounts in which a process ended in the middle of a change.
    """

    shut: set[str]
    tried: list[str] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=lambda: [f"{A}-1", f"{A}-2", f"{B}-1", f"{B}-2"])

    left: list[str] = field(default_factory=list)

    def settle_left(self, account_id: str, _actor: Any, _progress: Any) -> Any:
        if account_id not in self.left:
            return ()
        self.tried.append(f"{account_id}-left")
        if account_id in self.shut:
            raise AwsError("AWS can't be reached")
        self.left.remove(account_id)
        return (SimpleNamespace(id="x-0", state=ProposalState.DONE),)

    def approved(self, account_id: str) -> list[Any]:
        return [SimpleNamespace(id=each) for each in self.waiting if each.startswith(account_id)]

    def note_outage(self, account_id: str) -> None:
        self.out.append(account_id)

    def freeze(self) -> None:
        """Nothing is frozen."""

    def apply(self, proposal_id: str, _actor: Any, _progress: Any) -> Any:
        self.tried.append(proposal_id)
        account_id = proposal_id.partition("-")[0]
        if account_id in self.shut:
            raise NotEnteredError(f"account {account_id} can't be entered")
        self.waiting.remove(proposal_id)
        return SimpleNamespace(id="x-1", state=ProposalState.DONE)


def worker(service: Any, clock: StandingClock) -> Worker:
    return Worker(service, lambda: (A, B), clock)


def test_every_account_gets_its_turn(clock: StandingClock) -> None:
    service = Applying(set())
    assert worker(service, clock).run_once() == 4
    assert service.waiting == []


def test_an_account_in_trouble_is_tried_once_and_delays_no_other(clock: StandingClock) -> None:
    service = Applying({A})
    at_work = worker(service, clock)

    assert at_work.run_once() == 2
    assert service.tried == [f"{A}-1", f"{B}-1", f"{B}-2"], "its second one is not tried in vain"

    service.tried.clear()
    service.waiting.append(f"{B}-3")
    clock.pass_time(minutes=2)
    assert at_work.run_once() == 1
    assert service.tried == [f"{B}-3", f"{A}-1"], "what is in trouble comes last"

    service.shut.clear()
    service.tried.clear()
    clock.pass_time(seconds=timedelta(minutes=2).total_seconds() - 1)
    assert at_work.run_once() == 0, "it waits longer each time"
    clock.pass_time(seconds=2)
    assert at_work.run_once() == 2


def test_a_long_outage_is_noted_and_a_short_one_is_not(clock: StandingClock) -> None:
    service = Applying({A})
    at_work = worker(service, clock)
    for _ in range(8):
        at_work.run_once()
        clock.pass_time(minutes=1)
    assert service.out == []
    service.shut.clear()
    clock.pass_time(minutes=8)
    at_work.run_once()

    service.shut.add(A)
    service.waiting.append(f"{A}-3")
    for _ in range(16):
        at_work.run_once()
        clock.pass_time(minutes=1)
    assert service.out == [A]


def test_it_ends_where_it_is_told_to(clock: StandingClock) -> None:
    stop = threading.Event()
    stop.set()
    service = Applying(set())
    assert worker(service, clock).run_once(stop) == 0
    assert service.tried == []


def test_what_a_process_left_half_way_is_settled_before_anything_else(clock: StandingClock) -> None:
    """Nobody has to approve or scan anything for that."""
    service = Applying(set(), waiting=[f"{A}-1"], left=[A])
    assert worker(service, clock).run_once() == 2
    assert service.tried == [f"{A}-left", f"{A}-1"]


def test_what_can_not_be_settled_yet_is_looked_at_later_and_holds_up_nothing(
    clock: StandingClock,
) -> None:
    service = Applying({A}, waiting=[f"{B}-1"], left=[A])
    at_work = worker(service, clock)
    assert at_work.run_once() == 1
    assert at_work.run_once() == 0
    assert service.tried == [f"{A}-left", f"{B}-1"]

    service.shut.clear()
    clock.pass_time(minutes=1)
    assert at_work.run_once() == 1
