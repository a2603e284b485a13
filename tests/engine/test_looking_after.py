"""After a change: harm is told, and taken back by the rule that said so; quiet, at the end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.aws.connection import AwsConnection
from bot.aws.simulated.server import SimulatedAccount
from bot.engine.approvals import Approvals
from bot.engine.asking import ASK
from bot.engine.cards import AFTER, CARD, NOTICE
from bot.engine.guardrails import known_of
from bot.engine.limits import hold
from bot.engine.looking_after import LookingAfter, WatchRules
from bot.engine.remediation import RemediationRule, RemediationRules
from bot.engine.room import Candidate, Limits
from bot.engine.ticking import Ticker
from bot.errors import RefusedError, StaleError
from bot.model import (
    Account,
    Actor,
    ExecutionRecord,
    MessageRecord,
    Origin,
    OwnerClaim,
    OwnerSource,
    ProposalRecord,
    ProposalState,
    RemediationMode,
    Verdict,
    WatchRecord,
)
from bot.policy import CONTAINMENT_FENCE
from bot.store import audit, dues, executions, messages, proposals, watches
from bot.store.database import Store
from bot.store.deeds import deeds
from bot.store.messages import NewMessage
from tests.conftest import StandingClock
from tests.engine.house import House, house

CONTROL = "unused-access-key"
RULE = RemediationRule("keys", RemediationMode.AUTO, frozenset({CONTROL}), undoes_on_harm=True)
HOUR = timedelta(hours=1)


@dataclass
class Cared:
    """A house whose rule has switched carol's key off, told ann, and looks after it."""

    house: House
    key: str
    execution: ExecutionRecord
    rules: RemediationRules

    @property
    def store(self) -> Store:
        return self.house.store

    def enter(self, account: Account) -> AwsConnection:
        if account != self.house.connection.account:
            raise RefusedError("you are signed in to another account")
        return self.house.connection

    @property
    def watching(self) -> LookingAfter:
        rules = WatchRules(timedelta(days=7), 6 * HOUR)
        return LookingAfter(self.store, self.enter, self.rules, rules)

    def look(self) -> None:
        """Look now, whenever the next look falls due."""
        with self.store.write() as tx:
            dues.set_due(tx, AFTER, self.execution.id, tx.now)
            dues.drop_due(tx, ASK, self.execution.account.id)
        Ticker(self.store, {AFTER: self.watching.look}).tick()

    def watch(self) -> WatchRecord:
        with self.store.read() as tx:
            found = watches.get_watch(tx, self.execution.id)
        assert found is not None
        return found

    def next_look(self) -> Any:
        with self.store.read() as tx:
            return dues.get_due(tx, AFTER, self.execution.id)

    def notices(self) -> list[MessageRecord]:
        with self.store.read() as tx:
            return messages.messages_to(tx, "UANN", NOTICE)

    def undos(self) -> list[ProposalRecord]:
        with self.store.read() as tx:
            return [each for each in proposals.list_proposals(tx) if each.origin is Origin.UNDO]

    def use_key(self) -> None:
        """AWS shows by now that the key was used just before it was switched off."""
        self.house.account.use_key(self.key, at=self.execution.started_at - HOUR)

    def status(self) -> str:
        listed = self.house.account.client("iam").list_access_keys(UserName="carol")
        (key,) = listed["AccessKeyMetadata"]
        return str(key["Status"])


@pytest.fixture
def at(
    cloud: SimulatedAccount, store: Store, clock: StandingClock, carols_key: str
) -> Iterator[Cared]:
    rules = RemediationRules(rules=(RULE,))
    approvals, limits = Approvals(remediation=rules), Limits()
    with house(
        cloud.account, store, clock, only=(CONTROL,), approvals=approvals, limits=limits
    ) as made:
        view = made.only(CONTROL)
        made.live()
        assert view.proposal is not None
        approve(store, view.proposal, RULE.actor)
        yield Cared(made, carols_key, made.apply(view.proposal.id), rules)


def approve(store: Store, asked: ProposalRecord, actor: Actor) -> None:
    """The rule's yes, and ann's card."""
    claim = OwnerClaim(OwnerSource.TAGS, "UANN", "tag owner")
    with store.write() as tx:
        card = NewMessage(
            f"card:{asked.id}", CARD, "UANN", asked.id, {"owner_source": claim.source.value}
        )
        messages.tell(tx, card)
        proposals.decide(tx, asked.id, asked.digest, Verdict.APPROVE, actor, "nobody objected")
        proposals.move(
            tx,
            asked.id,
            expected=asked.state,
            to=ProposalState.APPROVED,
            why="by rule",
            actor=actor,
        )


def test_what_was_done_is_watched_from_then_on(at: Cared) -> None:
    assert at.watch().until is None
    assert at.next_look().at == at.watch().begun_at

    at.look()

    watch = at.watch()
    assert watch.until == watch.begun_at + timedelta(days=7)
    assert watch.looked == (f"the status and the last use of {at.key}",)
    assert (watch.harm, watch.unknown, watch.looks) == ((), (), 1)
    assert at.next_look().at == at.house.clock.now + 6 * HOUR
    assert at.notices() == []


def test_at_its_end_the_card_is_told_anew_and_nothing_falls_due(at: Cared) -> None:
    at.look()
    with at.store.read() as tx:
        (card,) = messages.messages_to(tx, "UANN", CARD)
    at.house.pass_time(days=7)
    at.look()

    watch = at.watch()
    assert watch.ended == "it is over"
    assert at.next_look() is None
    with at.store.read() as tx:
        (edited,) = messages.messages_to(tx, "UANN", CARD)
    assert edited.wanted > card.wanted
    assert at.undos() == []


def test_harm_is_told_with_a_way_back_and_the_rule_takes_it_back(at: Cared) -> None:
    at.use_key()
    at.look()

    (notice,) = at.notices()
    (undo,) = at.undos()
    assert "was used" in str(notice.data["seen"])
    assert notice.data["undo"] == undo.id
    assert (undo.state, undo.undoes) == (ProposalState.APPROVED, at.execution.id)
    with at.store.read() as tx:
        (said,) = proposals.decisions(tx, undo.id)
        events = [each.event for each in audit.events(tx, subject=undo.id)]
    assert said.actor.name == RULE.actor.name
    assert "harm:" in said.reason
    assert "rule.undid" in events

    done = at.house.apply(undo.id)

    assert done.state is ProposalState.DONE
    assert at.status() == "Active"
    with at.store.read() as tx:
        assert executions.get_execution(tx, at.execution.id).undone_by == done.id
        assert watches.get_watch(tx, done.id) is None


def test_harm_is_told_once(at: Cared) -> None:
    at.use_key()
    at.look()
    at.look()
    assert len(at.notices()) == 1
    assert len(at.undos()) == 1
    assert at.watch().ended == "harm was seen"


@pytest.mark.parametrize("rules", [(), (replace(RULE, undoes_on_harm=False),)])
def test_without_its_word_no_rule_takes_anything_back(
    at: Cared, rules: tuple[RemediationRule, ...]
) -> None:
    at.rules = RemediationRules(rules=rules)
    at.use_key()
    at.look()

    (notice,) = at.notices()
    assert notice.data["undo"] is None
    assert at.undos() == []
    assert at.watch().harm


def test_a_leaked_key_is_never_let_in_again_by_a_rule(at: Cared) -> None:
    at.house.account.attach("AWSCompromisedKeyQuarantineV3", user="carol")
    at.use_key()
    at.look()

    (notice,) = at.notices()
    assert "known as leaked" in str(notice.data["why"])
    assert at.undos() == []


def test_who_is_contained_is_never_let_in_again_by_a_rule(at: Cared) -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    at.house.account.inline(CONTAINMENT_FENCE, document, user="carol")
    at.use_key()
    at.look()

    (notice,) = at.notices()
    assert "contained because of an incident" in str(notice.data["why"])
    assert at.undos() == []


def test_a_key_that_somebody_switched_on_is_harm_with_nothing_to_undo(at: Cared) -> None:
    at.house.account.client("iam").update_access_key(
        UserName="carol", AccessKeyId=at.key, Status="Active"
    )
    at.look()

    (notice,) = at.notices()
    assert "switched" in str(notice.data["seen"])
    assert "taken back by hand" in str(notice.data["why"])
    assert at.undos() == []


def test_what_was_taken_back_is_watched_no_more(at: Cared) -> None:
    view = at.house.service.undo(at.execution.id, at.execution.actor)
    assert view.proposal.state is ProposalState.PROPOSED
    at.house.service.approve(view.proposal.id, view.proposal.digest, Actor("local", "alice@desk"))
    at.house.apply(view.proposal.id)
    at.look()
    assert at.watch().ended.startswith("it was taken back by x-")


def test_the_rest_follows_a_look_and_never_harm(at: Cared) -> None:
    at.house.pass_time(days=5)
    at.house.scan()
    candidate = Candidate(at.execution.account.id, CONTROL, "AIDABEN")
    with at.store.read() as tx:
        known = known_of(tx, at.execution.account.id, waiting=False)
    held = hold(Limits(), candidate, known)
    assert held is not None
    assert "not seen yet" in held.why

    at.look()
    with at.store.read() as tx:
        known = known_of(tx, at.execution.account.id, waiting=False)
    assert hold(Limits(), candidate, known) is None

    at.use_key()
    at.look()

    with at.store.read() as tx:
        known = known_of(tx, at.execution.account.id, waiting=False)
    held = hold(Limits(), candidate, known)
    assert held is not None
    assert "did harm" in held.why
    assert held.until is None
    assert known.deeds[0].harmed_at == at.house.clock.now
    confirmed = replace(known, confirmed=known.now)
    assert hold(Limits(), candidate, confirmed) is None


def test_an_undo_by_a_rule_is_no_deed_and_waits_for_no_limit(at: Cared) -> None:
    at.use_key()
    at.look()
    (undo,) = at.undos()
    at.house.apply(undo.id)
    with at.store.read() as tx:
        assert [each.proposal_id for each in deeds(tx)] == [at.execution.proposal_id]


class TestARulesYesToAnUndo:
    """It counts only for harm that was recorded of what this very rule approved."""

    def propose(self, at: Cared, actor: Actor = RULE.actor) -> ProposalRecord:
        made = at.house.service.undo(at.execution.id, Actor("local", "alice@desk")).proposal
        with at.store.write() as tx:
            proposals.decide(tx, made.id, made.digest, Verdict.APPROVE, actor, "so")
            return proposals.move(
                tx,
                made.id,
                expected=made.state,
                to=ProposalState.APPROVED,
                why="so",
                actor=actor,
            )

    def record_harm(self, at: Cared) -> None:
        with at.store.write() as tx:
            now = replace(at.watch(), harm=("it broke",), harmed_at=tx.now)
            watches.save_look(tx, now)

    def test_without_harm_on_record_nothing_is_written(self, at: Cared) -> None:
        undo = self.propose(at)
        with pytest.raises(StaleError, match="no harm is known"):
            at.house.apply(undo.id)
        assert at.status() == "Inactive"

    def test_with_harm_on_record_it_is(self, at: Cared) -> None:
        undo = self.propose(at)
        self.record_harm(at)
        assert at.house.apply(undo.id).state is ProposalState.DONE

    def test_the_yes_of_another_rule_does_not_count(self, at: Cared) -> None:
        other = replace(RULE, name="others")
        undo = self.propose(at, other.actor)
        self.record_harm(at)
        with pytest.raises(StaleError, match="did not approve what this takes back"):
            at.house.apply(undo.id)
        assert at.status() == "Inactive"


def test_what_cannot_be_read_is_said_and_never_quiet(at: Cared, cloud: SimulatedAccount) -> None:
    cloud.fault("iam:ListAccessKeys", "error:AccessDenied")
    at.house.pass_time(days=8)
    at.look()

    watch = at.watch()
    assert watch.looked == ()
    assert "AccessDenied" in watch.unknown[0]
    assert watch.covered_at is None
    assert at.undos() == []


def test_in_another_account_nothing_was_looked_at(at: Cared) -> None:
    strange = replace(at.execution.account, id="999999999999")
    at.house.connection.account = strange
    at.look()
    assert "signed in to another account" in at.watch().unknown[0]
    assert at.watch().looked == ()


def test_nothing_is_watched_twice(at: Cared) -> None:
    with at.store.write() as tx:
        before = watches.get_watch(tx, at.execution.id)
        watches.begin_watch(tx, at.execution.id)
        assert watches.get_watch(tx, at.execution.id) == before
        assert watches.running_watches(tx) == 1
