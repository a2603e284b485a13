"""Controls that are off at first, switched on: all fixed by the executor, and all taken back."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot import registry
from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.seed_overlooked import OFFICE, OPERATING, fill_overlooked
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
    "access-without-source-ip-or-org-condition": {"networks": [OFFICE], "policies": [OPERATING]},
    "bucket-policy-without-secure-transport": {},
    "bucket-without-access-logging": {"log_bucket": LOGS},
    "config-recorder-off": {"bucket": LOGS},
    "config-recorder-without-iam-types": {},
    "distribution-without-logging": {"log_bucket": LOGS},
    "instance-without-profile": {},
    "launch-template-without-instance-profile": {},
    "needed-action-denied": {},
    "public-bucket-policy-or-acl": {},
    "queue-or-topic-policy-without-secure-transport": {},
    "security-event-without-alarm": {},
    "stale-group-membership": {},
    "trail-bucket-public": {},
    "trail-bucket-without-access-logging": {"log_bucket": LOGS},
    "trail-not-encrypted": {"key": KEY},
    "trail-not-in-cloudwatch-logs": {},
    "trail-not-logging": {},
    "unused-access-analyzer-findings": {},
    "unused-action-permissions": {},
    "unused-service-permissions": {},
}
#: What people must do from the start, or once there are alarms.
BY_HAND = {
    "access-key-used-from-instance": {},
    "alarm-nobody-hears": {},
    "credentials-in-function-environment": {},
    "credentials-in-user-data": {},
    "instance-profile-with-admin": {},
}
#: On at first, and here because a company whose only trail stands still has no other one.
ELSEWHERE = frozenset({"trail-not-logging"})
#: Each round shows what another one's fix made: alarms need events in CloudWatch Logs first.
ROUNDS = 4


@pytest.fixture
def at(sqlite_store: Store, clock: StandingClock) -> Iterator[House]:
    with mock_account(now=NOON) as account:
        fill_unwatched(account)
        fill_overlooked(account)
        asked = {**CONTROLS, **BY_HAND}
        given = {name: {**_on(name), **settings} for name, settings in asked.items()}
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


def _on(name: str) -> Mapping[str, Any]:
    return {} if registry.discover()[name].settings().enabled else {"enabled": True}


def test_every_control_that_is_off_at_first_is_here() -> None:
    """And what the company of `test_whole_account.py` can't have beside its other stories."""
    controls = registry.discover()
    off = {name for name, each in controls.items() if not each.settings().enabled}
    assert off | ELSEWHERE == CONTROLS.keys() | BY_HAND.keys()


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
