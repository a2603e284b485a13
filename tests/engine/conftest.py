"""A served account with two administrators besides Locksmith, and a bench on each database."""

from collections.abc import Iterator

import pytest

from bot.aws.connection import own_arns
from bot.aws.sessions import connect
from bot.aws.simulated.server import SimulatedAccount, start
from bot.model import Protection
from bot.store.database import Store
from tests.conftest import NOON, StandingClock
from tests.engine.bench import Bench
from tests.engine.service_data import share


@pytest.fixture(scope="session", autouse=True)
def shared_service_data() -> Iterator[None]:
    """Makes a hundred sessions cheap."""
    with pytest.MonkeyPatch.context() as patch:
        share(patch)
        yield


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    """An account with the administrators ann and ben, and with carol, who has a key."""
    with start(users=0, now=NOON) as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        account = served.account
        for name in ("ann", "ben"):
            account.user(name)
            account.password(name)
            account.attach("AdministratorAccess", user=name)
        account.user("carol", created=account.ago(days=400))
        account.key("carol", created=account.ago(days=400), last_used=account.ago(days=100))
        yield served


@pytest.fixture
def bench(cloud: SimulatedAccount, store: Store, clock: StandingClock) -> Iterator[Bench]:
    """The bench."""
    with connect(read_attempts=1) as connection:
        cloud.calls.clear()
        protection = Protection(own=own_arns(connection))
        yield Bench(cloud, connection, store, clock, protection)


@pytest.fixture
def carols_key(cloud: SimulatedAccount) -> str:
    """The id of carol's key."""
    (key,) = (one for one in cloud.account.iam.access_keys.values() if one.user_name == "carol")
    return str(key.access_key_id)
