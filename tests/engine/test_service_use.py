"""Last-accessed reports are read of the few whom a control asks about, or nothing is judged."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws.simulated import mock_account
from bot.engine.scanning import ScanSettings
from bot.model import FindingStatus
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.house import House, house
from tests.remediations import aged

CONTROL = "unused-ssh-key"


@pytest.fixture
def build(
    sqlite_store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """An account where lee pulls daily and max doesn't; pat has no key."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_account(NOON) as account:
        account.group("git-users")
        account.inline("git", aged.GIT, group="git-users")
        for name in ("lee", "max", "pat"):
            account.user(name, created=account.ago(days=900), groups=["git-users"])
        for name in ("lee", "max"):
            account.ssh_key(name, created=account.ago(days=400))
        account.use_service("lee", "codecommit", at=account.ago(days=1))

        def made(budget: int = 1000) -> Any:
            settings = ScanSettings(last_access_budget=budget, pause=lambda _: None)
            return house(account, sqlite_store, clock, only=(CONTROL,), settings=settings)

        yield made


def names(home: House) -> list[str]:
    return [one.record.finding.resource.name for one in home.scan().findings]


def test_only_those_whose_keys_are_old_enough_are_asked_about(build: Any) -> None:
    """Two users have a key, so there are two reports; who uses CodeCommit keeps it."""
    with build() as home:
        assert names(home) == ["max"]
        assert home.connection.calls["iam:GenerateServiceLastAccessedDetails"] == 2


def test_what_cannot_be_read_is_said_and_nothing_is_judged(build: Any) -> None:
    """Neither a pass nor a violation; and what was found before stays open."""
    with build() as home:
        (view,) = home.scan().findings
    with build(budget=3) as home:
        result = home.scan()
        assert result.findings == [] or names(home) == ["max"]
        assert "last_access_budget is 3" in result.not_evaluated[CONTROL]
        record = home.service.finding(view.record.id).record
        assert record.status is FindingStatus.OPEN


def test_a_use_meanwhile_resolves_it(build: Any) -> None:
    with build() as home:
        (view,) = home.scan().findings
        home.live()
        home.account.use_service("max", "codecommit")
        assert names(home) == []
        record = home.service.finding(view.record.id).record
        assert record.status is FindingStatus.RESOLVED
