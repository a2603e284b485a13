"""Policies of buckets, queues and topics, rewritten by the executor and taken back."""

from collections.abc import Iterator

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import Plan, ProposalState
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house
from tests.remediations.oracle import all_facts, changed
from tests.remediations.policy_conditions import (
    test_bucket_policy_without_secure_transport as buckets,
)
from tests.remediations.policy_conditions import (
    test_public_bucket_policy_or_acl as public,
)
from tests.remediations.policy_conditions import (
    test_queue_or_topic_policy_without_secure_transport as queues,
)

CONTROLS = (
    "bucket-policy-without-secure-transport",
    "public-bucket-policy-or-acl",
    "queue-or-topic-policy-without-secure-transport",
)


def fill(account: AccountBuilder) -> None:
    """Buckets with and without a policy, a queue and a topic, in one Region."""
    account.regions("us-east-1")
    buckets.seed(account)
    public.seed(account)
    queues.seed(account)
    account.client("sns", "us-east-1").create_topic(Name="events")


@pytest.fixture
def at(sqlite_store: Store, clock: StandingClock) -> Iterator[House]:
    with mock_account(now=NOON) as account:
        fill(account)
        given = {name: {"enabled": True} for name in CONTROLS}
        with house(account, sqlite_store, clock, controls=given, only=CONTROLS) as made:
            made.scan()
            made.live()
            yield made


def test_all_is_fixed_and_all_is_taken_back(at: House) -> None:
    before = all_facts(at.account)
    found = at.scan().findings
    assert {each.record.finding.control for each in found} == {*CONTROLS}

    done = [at.fix(each) for each in found if each.proposal is not None]

    assert {each.state for each in done} == {ProposalState.DONE}
    assert not at.scan().findings
    for execution in reversed(done):
        undo = at.service.undo(execution.id, ALICE).proposal
        assert isinstance(undo.plan, Plan), undo.plan
        at.service.approve(undo.id, undo.digest, ALICE)
        assert at.apply(undo.id).state is ProposalState.DONE
    assert changed(before, all_facts(at.account)) == frozenset()
