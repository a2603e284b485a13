"""Whoever does everything as AWS recommends it is left alone."""

from bot import registry
from bot.aws.simulated import mock_account
from bot.aws.simulated.seed_clean import CLEAN_CONTROLS, CLEAN_KNOWN, fill_clean
from bot.engine.scanning import ScanSettings
from bot.model import KnownAccounts
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import house


def test_nothing_is_found(sqlite_store: Store, clock: StandingClock) -> None:
    with mock_account(now=NOON) as account:
        fill_clean(account)
        known = ScanSettings(known_accounts=KnownAccounts(**CLEAN_KNOWN))
        with house(account, sqlite_store, clock, controls=CLEAN_CONTROLS, settings=known) as made:
            result = made.scan()

    assert [each.record.finding.summary for each in result.findings] == []
    assert (result.not_evaluated, [each for each in result.unavailable if each.given]) == ({}, [])


#: They make moto load EC2, which takes it seconds: once for all of them.
ON_PROGRAMS = (
    "access-key-used-from-instance",
    "credentials-in-function-environment",
    "credentials-in-user-data",
    "instance-profile-with-admin",
    "instance-without-profile",
    "launch-template-without-instance-profile",
)


def test_every_control_is_on_in_one_of_them() -> None:
    off = {name for name, each in registry.discover().items() if not each.settings().enabled}
    asked = {name for name, given in CLEAN_CONTROLS.items() if given.get("enabled")}
    assert asked | {*ON_PROGRAMS} == off


def test_nothing_is_found_of_programs(sqlite_store: Store, clock: StandingClock) -> None:
    """Instances and templates with a role that may do little, and no credentials lying about."""
    on = {name: {"enabled": True} for name in ON_PROGRAMS}
    with mock_account(now=NOON) as account:
        fill_clean(account)
        account.regions("us-east-1")
        account.instance_profile("orders-api", "orders-api")
        account.instance("orders-1", profile="orders-api", user_data="#!/bin/sh\nexec orders\n")
        account.launch_template("orders", profile="orders-api")
        account.function("invoices", {"TABLE": "invoices"})
        with house(account, sqlite_store, clock, controls=on, only=ON_PROGRAMS) as made:
            result = made.scan()

    assert [each.record.finding.summary for each in result.findings] == []
    assert (result.not_evaluated, [each for each in result.unavailable if each.given]) == ({}, [])
