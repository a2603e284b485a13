"""A scan costs the same few calls for a small account and a large one."""

from collections.abc import Iterator

import pytest

from bot.aws.simulated import AccountBuilder, mock_account
from bot.aws.simulated.seed import fill
from bot.engine.scanning import ScanSettings
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import house

NAMING = ("iam:ListAccessKeys", "iam:GetAccessKeyLastUsed")
FEW = 30


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountBuilder]:
    """An empty simulated account at noon."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as builder:
        yield builder


@pytest.mark.parametrize("users", [50, 1_200])
def test_the_number_of_users_costs_pages_alone(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock, users: int
) -> None:
    """Without naming at most 30 calls; naming stays within its budget; once named, few again."""
    fill(account, users=users)
    none, some, every = (ScanSettings(naming_budget=calls) for calls in (0, 100, 1_000_000))

    def calls(settings: ScanSettings) -> dict[str, int]:
        with house(account, sqlite_store, clock, settings=settings) as home:
            return dict(home.scan().calls)

    unnamed, first, _all, named = (calls(each) for each in (none, some, every, some))

    assert sum(unnamed.values()) <= FEW
    assert not set(NAMING) & set(unnamed)
    assert 0 < sum(first[name] for name in NAMING) <= 100
    assert sum(first.values()) <= FEW + 100
    assert sum(named.values()) <= FEW
    assert not set(NAMING) & set(named)
