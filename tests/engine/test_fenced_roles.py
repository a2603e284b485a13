"""A role is fenced, not missed, and then asked about for good: a question of its own."""

from bot.aws.simulated import mock_account
from bot.model import Plan, ProposalState, Risk
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import house

CONTROLS = ("unused-role", "fenced-unused-role")


def test_first_the_fence_and_after_the_grace_the_role(
    sqlite_store: Store, clock: StandingClock
) -> None:
    """Since when the fence stands, Locksmith knows from what it did."""
    with mock_account(now=NOON) as account:
        account.role("forgotten", created=account.ago(days=390), last_used=account.ago(days=300))
        with house(account, sqlite_store, clock, only=CONTROLS) as home:
            view = home.only("unused-role")
            home.live()
            assert home.fix(view).state is ProposalState.DONE
            home.pass_time(days=90)
            assert not [each for each in home.scan().findings if each.proposal]
            home.pass_time(days=1)
            asked = home.only("fenced-unused-role")
            assert asked.proposal is not None
            assert isinstance(asked.proposal.plan, Plan)
            assert asked.proposal.plan.risk is Risk.IRREVERSIBLE
            assert home.fix(asked).state is ProposalState.DONE
        assert "forgotten" not in {role.name for role in account.iam.roles.values()}
