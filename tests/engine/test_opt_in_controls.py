"""Controls that are off at first, switched on: all fixed by the executor, and all taken back."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot import registry
from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.seed_unwatched import KEY_ID, LOGS, fill_unwatched
from bot.engine.views import FindingView
from bot.errors import RefusedError
from bot.model import Manual, Plan, ProposalState
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import ALICE, House, house
from tests.remediations.oracle import Facts, all_facts, changed, computing

KEY = f"arn:aws:kms:us-east-1:123456789012:key/{KEY_ID}"
CONTROLS: Mapping[str, Mapping[str, Any]] = {
    "access-analyzer-missing": {},
    "bucket-without-access-logging": {"log_bucket": LOGS},
    "config-recorder-off": {"bucket": LOGS},
    "config-recorder-without-iam-types": {},
    "distribution-without-logging": {"log_bucket": LOGS},
    "instance-without-profile": {},
    "launch-template-without-instance-profile": {},
    "security-event-without-alarm": {},
    "trail-bucket-public": {},
    "trail-bucket-without-access-logging": {"log_bucket": LOGS},
    "trail-not-encrypted": {"key": KEY},
    "trail-not-in-cloudwatch-logs": {},
}
#: What people must do from the start, or once there are alarms.
BY_HAND = {
    "alarm-nobody-hears": {},
    "credentials-in-function-environment": {},
    "credentials-in-user-data": {},
    "instance-profile-with-admin": {},
}
#: Each round shows what another one's fix made: alarms need events in CloudWatch Logs first.
ROUNDS = 4


@pytest.fixture
def at(sqlite_store: Store, clock: StandingClock) -> Iterator[House]:
    with mock_account(now=NOON) as account:
        fill_unwatched(account)
        asked = {**CONTROLS, **BY_HAND}
        given = {name: {"enabled": True, **settings} for name, settings in asked.items()}
        with house(account, sqlite_store, clock, controls=given, only=tuple(asked)) as made:
            made.scan()
            made.live()
            yield made


def everything(account: AccountBuilder) -> Facts:
    """All that any of these plans may change."""
    return {**all_facts(account), **computing(account)}


def _todo(at: House) -> list[FindingView]:
    return [
        each
        for each in at.scan().findings
        if each.proposal is not None
        and each.proposal.state is ProposalState.PROPOSED
        and isinstance(each.proposal.plan, Plan)
    ]


def test_every_control_of_these_topics_that_is_off_at_first_is_here() -> None:
    """Where a key was used from has a story of its own in its test."""
    off = {
        name
        for name, each in registry.discover().items()
        if each.topic in ("ec2_roles", "monitoring") and not each.settings().enabled
    }
    assert off - {"access-key-used-from-instance"} == CONTROLS.keys() | BY_HAND.keys()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_are_fixed_and_taken_back(at: House) -> None:
    """Only what people must do is left, and afterwards all is as it was before."""
    before, done = everything(at.account), []
    for _ in range(ROUNDS):
        for each in _todo(at):
            try:
                execution = at.fix(each)
            except RefusedError:  # another plan has made the role meanwhile: the next round uses it
                continue
            assert execution.state is ProposalState.DONE, (execution.why, each.record.finding)
            done.append((each.record.finding.control, execution))

    left = at.scan()
    assert not left.unavailable
    fixed = {control for control, _ in done}
    assert fixed == CONTROLS.keys()
    manual = [each for each in left.findings if each.asks_elsewhere is None]
    assert {each.record.finding.control for each in manual} == BY_HAND.keys()
    assert all(each.proposal and isinstance(each.proposal.plan, Manual) for each in manual)

    for _, execution in reversed(done):
        undo = at.service.undo(execution.id, ALICE).proposal
        assert isinstance(undo.plan, Plan), undo.plan
        at.service.approve(undo.id, undo.digest, ALICE)
        assert at.apply(undo.id).state is ProposalState.DONE
    assert changed(before, everything(at.account)) == frozenset()
