"""The freeze: no write after it, wherever a plan stands, and nothing lost."""

import pytest

from bot.engine.announcing import TELL_FREEZE
from bot.engine.approvals import Approvals
from bot.engine.core import Aws
from bot.engine.people import People
from bot.engine.protecting import Guard
from bot.engine.scanning import Scanner, ScanSettings
from bot.engine.service import Service
from bot.errors import FrozenError, RefusedError
from bot.model import Actor, Outcome, ProposalState
from bot.store import dues, freezes
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.engine.bench import ALICE, Bench, do_at
from tests.engine.plans import BILLING, deactivate_key, plan, two_steps

BOB = Actor("local", "bob@desk")


def freeze(bench: Bench) -> None:
    with bench.store.write() as tx:
        freezes.freeze(tx, "an incident", ALICE)


def unfreeze(bench: Bench) -> None:
    with bench.store.write() as tx:
        freezes.unfreeze(tx, BOB)


def test_nothing_is_claimed_while_frozen(bench: Bench, carols_key: str) -> None:
    """What was approved stays approved, and is carried out once writes may happen again."""
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    freeze(bench)

    with pytest.raises(FrozenError, match="an incident"):
        bench.executor().apply(proposal_id, ALICE)

    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    assert bench.sent() == []
    unfreeze(bench)
    assert bench.executor().apply(proposal_id, ALICE).state is ProposalState.DONE


@pytest.mark.parametrize("label", ["leased", "claimed", "between-steps", "before-intent"])
def test_a_freeze_before_the_first_intent_gives_the_claim_back(
    bench: Bench, carols_key: str, label: str
) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(yield_point=do_at(label, lambda: freeze(bench)))

    with pytest.raises(FrozenError):
        executor.apply(proposal_id, ALICE)

    assert bench.proposal(proposal_id).state is ProposalState.APPROVED
    assert bench.sent() == []


def test_a_freeze_after_the_intent_sends_nothing_and_says_so(bench: Bench, carols_key: str) -> None:
    proposal_id = bench.approved(plan(deactivate_key("carol", carols_key)))
    executor = bench.executor(yield_point=do_at("after-intent", lambda: freeze(bench)))

    record = executor.apply(proposal_id, ALICE)

    assert record.state is ProposalState.FAILED
    assert record.steps[0].outcome is Outcome.NOT_APPLIED
    assert "never sent: writes are stopped" in record.why
    assert bench.sent() == []


def test_a_freeze_half_way_stops_before_the_next_step(bench: Bench) -> None:
    """What holds is said, and a person takes it from there."""
    bench.account.attach(BILLING, user="carol")
    frozen = do_at("after-settled", lambda: freeze(bench))
    proposal_id = bench.approved(two_steps())

    record = bench.executor(yield_point=frozen).apply(proposal_id, ALICE)

    assert record.state is ProposalState.NEEDS_HUMAN
    assert [step.outcome for step in record.steps] == [Outcome.HOLDS]
    assert len(bench.sent()) == 1
    assert "writes are stopped" in record.why


@pytest.fixture
def service(sqlite_store: Store, clock: StandingClock) -> Service:
    """The use cases, with no way into AWS: a freeze needs none."""

    def enter() -> Aws:
        raise AssertionError("a freeze asks AWS nothing")

    scanner = Scanner(sqlite_store, (), ScanSettings(), Guard.on, clock)
    linked = People({str(ALICE): "alice", str(BOB): "bob"})
    return Service(sqlite_store, enter, scanner, Approvals(linked), clock)


class TestUseCases:
    def test_who_paused_does_not_resume(self, service: Service) -> None:
        service.pause("an incident", ALICE)

        with pytest.raises(RefusedError, match="another person"):
            service.resume(ALICE)
        assert service.freeze() is not None

    def test_a_second_pause_says_who_was_first(self, service: Service) -> None:
        service.pause("an incident", ALICE)

        with pytest.raises(RefusedError, match="alice@desk"):
            service.pause("me too", BOB)

    def test_nothing_to_resume(self, service: Service) -> None:
        with pytest.raises(RefusedError, match="nothing is stopped"):
            service.resume(ALICE)

    def test_another_person_resumes(self, service: Service) -> None:
        service.pause("an incident", ALICE)

        assert service.resume(BOB).ended_by == BOB
        assert service.freeze() is None

    def test_both_are_told_by_whoever_serves_slack(
        self, service: Service, sqlite_store: Store
    ) -> None:
        def falls_due() -> bool:
            with sqlite_store.write() as tx:
                due = dues.get_due(tx, TELL_FREEZE, "all")
                return due is not None and dues.take(tx, due)

        service.pause("an incident", ALICE)
        assert falls_due()
        service.resume(BOB)
        assert falls_due()

    def test_a_refused_resume_is_in_the_log(self, service: Service) -> None:
        service.pause("an incident", ALICE)
        with pytest.raises(RefusedError):
            service.resume(ALICE)

        events = [event.event for event in service.audit_events()]
        assert events == ["freeze.begun", "decision.refused"]
