"""What would take back a span of time: by rule, by account, newest first, never undos of undos."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.aws.simulated.server import SimulatedAccount
from bot.engine.approvals import Approvals
from bot.engine.remediation import RemediationRule, RemediationRules
from bot.engine.taking_back import Reversal, digest_of
from bot.engine.views import FindingView
from bot.errors import RefusedError
from bot.model import ExecutionRecord, Plan, ProposalState, RemediationMode, Verdict
from bot.store import proposals
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.engine.house import ALICE, House, house

CONTROL = "unused-access-key"
RULE = RemediationRule("keys", RemediationMode.AUTO, frozenset({CONTROL}))
DAY = timedelta(days=1)


@dataclass
class Done:
    """Two keys were switched off: carol's by a rule, and an hour later dave's by Alice."""

    house: House
    first: ExecutionRecord
    second: ExecutionRecord

    def found(self, since: timedelta = DAY, **which: str) -> list[Reversal]:
        return self.house.service.reversals(self.house.clock.now - since, **which)

    def ids(self, since: timedelta = DAY, **which: str) -> list[str]:
        return [each.execution.id for each in self.found(since, **which)]


@pytest.fixture
def done(cloud: SimulatedAccount, store: Store, clock: StandingClock) -> Iterator[Done]:
    account = cloud.account
    account.user("dave", created=account.ago(days=400))
    account.key("dave", created=account.ago(days=400), last_used=account.ago(days=100))
    rules = Approvals(remediation=RemediationRules(rules=(RULE,)))
    with house(account, store, clock, only=(CONTROL,), approvals=rules) as made:
        views = {owner(view): view for view in made.scan().findings}
        made.live()
        first = made.apply(by_rule(store, views["carol"]))
        made.pass_time(hours=1)
        yield Done(made, first, made.fix(views["dave"]))


def owner(view: FindingView) -> str:
    key = view.record.finding.resource.key
    return key.user if key else ""


def by_rule(store: Store, view: FindingView) -> str:
    asked = view.proposal
    assert asked is not None
    with store.write() as tx:
        proposals.decide(tx, asked.id, asked.digest, Verdict.APPROVE, RULE.actor, "so")
        proposals.move(
            tx,
            asked.id,
            expected=asked.state,
            to=ProposalState.APPROVED,
            why="so",
            actor=RULE.actor,
        )
    return asked.id


def test_newest_first_and_by_time(done: Done) -> None:
    assert done.ids() == [done.second.id, done.first.id]
    assert done.ids(timedelta(minutes=30)) == [done.second.id]


def test_by_rule_and_by_account(done: Done) -> None:
    assert done.ids(rule="keys") == [done.first.id]
    assert done.ids(rule="others") == []
    assert done.ids(account=done.first.account.id) == [done.second.id, done.first.id]
    assert done.ids(account="999999999999") == []


def test_what_was_undone_is_told_and_its_undo_left_out(done: Done) -> None:
    before = digest_of(done.found())
    plan, service = done.found()[0].plan, done.house.service
    undo = service.undo(done.second.id, ALICE).proposal
    assert isinstance(plan, Plan)
    assert undo.digest == plan.digest()
    service.approve(undo.id, undo.digest, ALICE)
    assert done.house.apply(undo.id).state is ProposalState.DONE

    newest, oldest = done.found()
    assert (newest.undone, newest.is_possible) == (True, False)
    assert "was undone already" in newest.why
    assert oldest.execution.id == done.first.id
    assert oldest.is_possible
    assert digest_of([newest, oldest]) == digest_of([oldest]) != before


def test_what_a_changed_row_says_was_done_is_not_taken_back(done: Done) -> None:
    """Neither a step that was never made, nor a call that nobody approved."""
    store, original = done.house.store, done.second.proposal_id
    for old, new in (("dave", "carol"), ('"name":"deactivate"', '"name":"other"')):
        with store.engine.begin() as connection:
            row = {"id": original}
            asked = text("SELECT plan FROM proposal WHERE id = :id")
            changed = connection.execute(asked, row).scalar_one().replace(old, new)
            put = text("UPDATE proposal SET plan = :plan WHERE id = :id")
            connection.execute(put, {**row, "plan": changed})
        with pytest.raises(RefusedError, match="not the one that was carried out"):
            done.house.service.undo(done.second.id, ALICE)
        assert [each.is_possible for each in done.found()] == [False, True]
