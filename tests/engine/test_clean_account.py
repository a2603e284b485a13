"""Whoever does everything as AWS recommends it is left alone."""

from bot.aws.simulated import mock_account
from bot.aws.simulated.seed_clean import CLEAN_CONTROLS, fill_clean
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import house


def test_nothing_is_found(sqlite_store: Store, clock: StandingClock) -> None:
    with mock_account(now=NOON) as account:
        fill_clean(account)
        with house(account, sqlite_store, clock, controls=CLEAN_CONTROLS) as made:
            result = made.scan()

    assert [each.record.finding.summary for each in result.findings] == []
    assert (result.not_evaluated, [each for each in result.unavailable if each.given]) == ({}, [])
