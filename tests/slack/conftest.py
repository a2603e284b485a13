"""What the tests of Slack share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.aws.simulated.server import SimulatedAccount, start
from tests.slack.commanding import only_these
from tests.slack.desks import Office, office
from tests.slack.double import SlackDouble


@pytest.fixture
def slack_double() -> Iterator[SlackDouble]:
    """A running workspace with nobody in it but the bot; no rates enforced, real time."""
    with SlackDouble() as double:
        yield double


@pytest.fixture
def carols_cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    """carol's key is idle; ann owns carol by a tag; two administrators sign in."""
    with start(users=0, now=None) as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        account = served.account
        for name in ("adm1", "adm2"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        account.user("carol", tags={"owner": "ann@example.com"}, created=account.ago(days=400))
        account.key("carol", created=account.ago(days=80), last_used=account.ago(days=70))
        yield served


@pytest.fixture
def carols_office(
    carols_cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Office]:
    """A desk over carol's account, which has asked ann."""
    with office(carols_cloud, slack_double, sqlite_template, controls=only_these()) as made:
        carols_cloud.calls.clear()
        made.scan()
        yield made
