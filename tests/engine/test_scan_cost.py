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
#: Members of an organization cost calls of their own, each the same few.
NO_MEMBERS = {"member-root-credentials-present": {"enabled": False}}


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
        with house(account, sqlite_store, clock, settings=settings, controls=NO_MEMBERS) as home:
            return dict(home.scan().calls)

    unnamed, first, _all, named = (calls(each) for each in (none, some, every, some))

    assert sum(unnamed.values()) <= FEW
    assert not set(NAMING) & set(unnamed)
    assert 0 < sum(first[name] for name in NAMING) <= 100
    assert sum(first.values()) <= FEW + 100
    assert sum(named.values()) <= FEW
    assert not set(NAMING) & set(named)


@pytest.mark.parametrize("mfa", [True, False])
def test_sign_ins_are_read_only_for_whom_they_matter(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock, mfa: bool
) -> None:
    """Once, by Region, where somebody signs in without MFA; then they count."""
    account.user("carol", created=account.ago(days=300))
    account.password("carol", last_used=account.ago(days=1))
    account.signed_in("carol", "192.0.2.7", at=account.ago(days=40))
    account.signed_in("carol", "203.0.113.5", at=account.ago(days=1))
    if mfa:
        account.mfa("carol")
    control = "console-user-without-mfa"
    with house(account, sqlite_store, clock, only=(control,)) as home:
        result = home.scan()
    assert result.calls.get("cloudtrail:LookupEvents", 0) == (0 if mfa else 4)
    networks = [view.record.finding.evidence["new_network"] for view in result.findings]
    assert networks == ([] if mfa else ["203.0.0.0/16"])


@pytest.mark.parametrize(("asked", "calls"), [(False, 0), (True, 2)])
def test_devices_are_listed_for_the_privileged_only_and_when_asked(
    account: AccountBuilder, sqlite_store: Store, clock: StandingClock, asked: bool, calls: int
) -> None:
    """Then a passkey beside an app is known."""
    for name in ("ann", "ben", "cat"):
        account.user(name, created=account.ago(days=300))
        account.password(name, last_used=account.ago(days=1))
        account.mfa(name)
    account.mfa("ben", kind="fido")
    for name in ("ann", "ben"):
        account.attach("AdministratorAccess", user=name)
    control = "privileged-user-with-weak-mfa"
    settings = {control: {"phishing_resistant": asked}}
    with house(account, sqlite_store, clock, only=(control,), controls=settings) as home:
        result = home.scan()
    assert result.calls.get("iam:ListMFADevices", 0) == calls
    names = [view.record.finding.resource.name for view in result.findings]
    assert names == (["ann"] if asked else [])
