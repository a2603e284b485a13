"""Reports of policies are read down to actions, in one session, whole or not at all."""

from collections.abc import Iterator

import pytest

from bot.aws.policy_use import read_policy_uses
from bot.aws.reading import ReadFailedError
from bot.aws.sessions import connect
from bot.aws.simulated import AccountBuilder, mock_account
from bot.model import PolicyUses
from tests.conftest import NOON
from tests.remediations.acting import snapshot_of

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["sqs:*", "s3:Get*"], "Resource": "*"}],
}


@pytest.fixture
def account() -> Iterator[AccountBuilder]:
    """One policy, of a role and of a group with a member."""
    with mock_account(NOON) as builder:
        builder.user("ann")
        builder.role("app")
        arn = builder.policy("queues", DOCUMENT)
        builder.attach(arn, role="app")
        builder.group("team", members=["ann"], attached=[arn])
        yield builder


def _read(account: AccountBuilder, budget: int = 100) -> PolicyUses:
    with connect(read_attempts=1) as connection:
        return read_policy_uses(
            connection,
            snapshot_of(account).customer_policies,
            budget=budget,
            now=account.now,
            pause=lambda _: None,
        )


def test_the_last_of_all_who_have_it_counts(account: AccountBuilder) -> None:
    """Tracked actions with their last attempt, or none; an untracked one is not named."""
    early, late = account.ago(days=9), account.ago(days=2)
    account.use_action("app", "sqs:ListQueues", at=early)
    account.use_action("ann", "sqs:ListQueues", at=late)
    account.use_action("ann", "sqs:SendMessage", at=late)
    (use,) = _read(account).by_policy.values()
    assert use.made == account.now
    assert (use.services["s3"].last, use.services["s3"].actions) == (None, {})
    assert use.services["sqs"].last == late
    assert use.services["sqs"].actions["ListQueues"] == late
    assert use.services["sqs"].actions["PurgeQueue"] is None
    assert "SendMessage" not in use.services["sqs"].actions


def test_who_got_what_lately(account: AccountBuilder) -> None:
    """The last attachment of a policy, and the last one who joined a group."""
    arn = snapshot_of(account).customer_policies[0].arn
    for days in (30, 8):
        account.attached_at(arn, role="app", at=account.ago(days=days))
    account.attached_at(arn, group="team", at=account.ago(days=20))
    account.added("ann", "team", at=account.ago(days=5))
    assert _read(account).attached == {arn: account.ago(days=8), "team": account.ago(days=5)}


def test_inline_policies_are_told_of_by_their_holders(account: AccountBuilder) -> None:
    """A user's, a role's, and a group's with the last of its members; and when each was put."""
    for kind, name in (("user", "ann"), ("group", "team"), ("role", "app")):
        account.inline("own", DOCUMENT, **{kind: name})
    late = account.ago(days=2)
    account.use_action("ann", "sqs:ListQueues", at=late)
    for days in (30, 8):
        account.attached_at("own", group="team", at=account.ago(days=days))

    snapshot = snapshot_of(account)
    holders = [*snapshot.users, *snapshot.groups, *snapshot.roles]
    with connect(read_attempts=1) as connection:
        seen = read_policy_uses(
            connection, [], holders, budget=13, now=account.now, pause=lambda _: None
        )

    last = {each.name: seen.by_holder[each.id].services["sqs"].last for each in holders}
    assert last == {"ann": late, "team": late, "app": None}
    actions = seen.by_holder[snapshot.groups[0].id].services["sqs"].actions
    assert (actions["ListQueues"], actions["PurgeQueue"]) == (late, None)
    assert seen.put == {("Group", "team", "own"): account.ago(days=8)}


def test_too_small_a_budget_asks_nothing(account: AccountBuilder) -> None:
    with pytest.raises(ReadFailedError, match="1 policies that somebody holds take 6 calls"):
        _read(account, 5)
    assert not account.iam.access_jobs
    account.iam.access_polls = 100
    with pytest.raises(ReadFailedError, match="longer than inventory"):
        _read(account, 20)


def test_inline_policies_count_against_the_budget(account: AccountBuilder) -> None:
    """Two calls for each holder, and the event history of three more calls."""
    snapshot = snapshot_of(account)
    with (
        connect(read_attempts=1) as connection,
        pytest.raises(ReadFailedError, match="1 holders of inline ones take 11 calls"),
    ):
        read_policy_uses(
            connection,
            snapshot.customer_policies,
            snapshot.roles,
            budget=10,
            now=account.now,
            pause=lambda _: None,
        )
    assert not account.iam.access_jobs


def test_a_policy_that_is_gone_is_left_out(account: AccountBuilder) -> None:
    policies = snapshot_of(account).customer_policies
    account.iam.managed_policies.clear()
    with connect(read_attempts=1) as connection:
        seen = read_policy_uses(
            connection, policies, budget=50, now=account.now, pause=lambda _: None
        )
    assert seen.by_policy == {}
