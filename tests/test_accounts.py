"""The whole of it over several accounts: each by itself, and no account taken for another."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto.sts.models import STSBackend

from bot import registry
from bot.aws.simulated.server import SimulatedAccount, start
from bot.config import Config
from bot.engine.executor import VerifySettings
from bot.engine.views import ScanResult
from bot.engine.watching import turn_to_look
from bot.errors import (
    ConfigError,
    LocksmithError,
    LostRaceError,
    NotEnteredError,
    RefusedError,
    StaleError,
    UsageError,
)
from bot.main import Application
from bot.model import Actor, ProposalState
from bot.unattended import refuse_alike
from bot.worker import Worker
from tests.engine.service_data import share

HOME, AWAY, SHUT = "123456789012", "210987654321", "333333333333"
EXTERNAL_ID, CONTROL = "our-word", "unused-access-key"
OPERATOR = Actor("local", "operator@desk")


def role(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role/locksmith"


ACCOUNTS: list[dict[str, Any]] = [
    {"id": SHUT, "name": "shut", "role": role(SHUT), "external_id": "not-that-word"},
    {"id": HOME, "name": "home"},
    {"id": AWAY, "name": "away", "role": role(AWAY), "external_id": EXTERNAL_ID},
]


class Raw:
    """The body of an HTTP answer, as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        """Of these bytes."""
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        """All at once."""
        yield self._body


@dataclass
class Place:
    """Three accounts; the way into the first is shut. carol has an idle key in each."""

    clouds: dict[str, SimulatedAccount]
    url: str
    said: list[str] = field(default_factory=list)

    def app(self, accounts: list[dict[str, Any]] = ACCOUNTS) -> Application:
        """Another process on the same database."""
        off = {name: {"enabled": False} for name in registry.discover() if name != CONTROL}
        settings = {"database": {"url": self.url}, "accounts": accounts, "controls": off}
        return Application(Config.model_validate(settings), VerifySettings(2, 0.01, 5))

    def key_status(self, account_id: str) -> str:
        """Whether carol's key there is on, past our own code."""
        keys = self.clouds[account_id].account.iam.access_keys.values()
        (status,) = (each.status for each in keys if each.user_name == "carol")
        return str(status)


@pytest.fixture
def place(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The accounts, with credentials for the one in the middle."""
    share(monkeypatch)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    clouds = {each: start(users=0, account_id=each) for each in (HOME, AWAY, SHUT)}
    for cloud in clouds.values():
        account = cloud.account
        account.role("locksmith", trust={"Version": "2012-10-17", "Statement": [trust]})
        for name in ("ann", "ben"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        account.user("carol", created=account.ago(days=400))
        account.key("carol", created=account.ago(days=80), last_used=account.ago(days=70))
    for name, value in clouds[HOME].environment().items():
        monkeypatch.setenv(name, value)
    yield Place(clouds, sqlite_url)
    for cloud in clouds.values():
        cloud.stop()


def scan_all(app: Application) -> dict[str, ScanResult | LocksmithError]:
    """What came of each account."""
    found: dict[str, ScanResult | LocksmithError] = {}
    for account_id in app.service.accounts():
        try:
            found[account_id] = app.service.scan(OPERATOR, lambda _text: None, account_id)
        except LocksmithError as error:
            found[account_id] = error
    return found


def idle_key(app: Application, account_id: str) -> Any:
    (view,) = app.service.findings(control=CONTROL, account=account_id)
    assert view.proposal is not None
    return view.proposal


def test_every_account_is_scanned_and_changed_by_itself(place: Place) -> None:
    with closing(place.app()) as app:
        came = scan_all(app)
        assert isinstance(came[SHUT], NotEnteredError)
        assert "can't be assumed" in str(came[SHUT])
        for account_id in (HOME, AWAY):
            result = came[account_id]
            assert isinstance(result, ScanResult)
            assert result.account.id == account_id
            app.service.go_live(account_id, OPERATOR)
        away = idle_key(app, AWAY)
        app.service.approve(away.id, away.digest, OPERATOR)

        done = Worker(app.service, app.accounts.ids, lambda: datetime.now(UTC)).run_once()

        assert done == 1
        assert app.service.proposal(away.id).proposal.state is ProposalState.DONE
        assert place.key_status(AWAY) == "Inactive"
        assert place.key_status(HOME) == place.key_status(SHUT) == "Active"
        cases = {case.account_id: case.what for case in app.state().cases}
        assert cases == {SHUT: "failed"}, "what can't be looked at is no silence"


def test_an_account_is_named_by_its_name(place: Place) -> None:
    with closing(place.app()) as app:
        assert app.service.accounts("away") == (AWAY,)
        with pytest.raises(UsageError, match="none of those"):
            app.service.accounts("elsewhere")
        with pytest.raises(UsageError, match="say which one"):
            app.service.scan(OPERATOR, lambda _text: None)


def test_credentials_of_another_account_are_refused(place: Place) -> None:
    """A configuration that names one account and leads to another reads and writes nothing."""
    with closing(place.app()) as app:
        scan_all(app)
        app.service.go_live(AWAY, OPERATOR)
        away = idle_key(app, AWAY)
        app.service.approve(away.id, away.digest, OPERATOR)
    for cloud in place.clouds.values():
        cloud.calls.clear()

    with closing(place.app([{"id": AWAY, "name": "away"}])) as confused:
        with pytest.raises(NotEnteredError, match=f"leads to {HOME}"):
            confused.service.scan(OPERATOR, lambda _text: None, AWAY)
        with pytest.raises(NotEnteredError, match=f"leads to {HOME}"):
            confused.service.apply(away.id, OPERATOR, lambda _text: None)
        assert place.clouds[HOME].calls.writes == []
        assert confused.service.proposal(away.id).proposal.state is ProposalState.APPROVED

    with (
        closing(place.app([{"id": HOME}])) as without,
        pytest.raises(RefusedError, match="is not among `accounts`"),
    ):
        without.service.apply(away.id, OPERATOR, lambda _text: None)
    assert place.key_status(AWAY) == "Active"


def test_a_role_that_leads_elsewhere_reads_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS, or what stands before it, gives credentials of another account than asked for."""
    give = STSBackend.assume_role

    def swapped(self: STSBackend, **given: Any) -> Any:
        return give(self, **{**given, "role_arn": role(SHUT)})

    monkeypatch.setattr(STSBackend, "assume_role", swapped)
    with closing(place.app()) as app:
        with pytest.raises(NotEnteredError, match=f"leads to {SHUT}"):
            app.service.scan(OPERATOR, lambda _text: None, AWAY)
        asked = {name for cloud in place.clouds.values() for name in cloud.calls.counts}
        assert asked == {"sts:AssumeRole", "sts:GetCallerIdentity"}


def test_credentials_that_are_others_by_now_read_nothing(place: Place) -> None:
    """AWS is asked again before each look, also where the way in is known already."""
    body = (
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{AWAY}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    with closing(place.app()) as app:
        app.service.scan(OPERATOR, lambda _text: None, HOME)
        events = app.accounts.enter(HOME).connection.reader("sts").meta.events
        answered = AWSResponse("https://aws.test", 200, {}, Raw(body.encode()))
        events.register_first("before-send.sts.GetCallerIdentity", lambda **_: answered)
        place.clouds[HOME].calls.clear()

        with pytest.raises(StaleError, match=f"the credentials are for {AWAY}"):
            app.service.scan(OPERATOR, lambda _text: None, HOME)

        assert not place.clouds[HOME].calls.counts
        cases = {case.account_id: case.what for case in app.state().cases}
        assert cases == {HOME: "failed"}


def test_an_account_that_someone_looks_at_is_left_alone(place: Place) -> None:
    with closing(place.app()) as app:
        with (
            turn_to_look(app.store, HOME, lambda _text: None),
            pytest.raises(LostRaceError, match="is being looked at"),
        ):
            app.service.scan(OPERATOR, lambda _text: None, HOME)
        assert app.state().cases == [], "that is no trouble"
        app.service.scan(OPERATOR, lambda _text: None, HOME)


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ([{"id": HOME}, {"id": HOME, "name": "again"}], f"another account is called {HOME}"),
        ([{"id": HOME, "name": "a"}, {"id": AWAY, "name": "a"}], "another account is called a"),
        ([{"id": HOME, "name": AWAY}, {"id": AWAY}], f"another account is called {AWAY}"),
    ],
)
def test_two_that_are_called_alike_are_a_mistake(accounts: list[Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        refuse_alike(Config.model_validate({"accounts": accounts}))


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ({"id": HOME, "role": role(AWAY)}, f"role is one of account {AWAY}"),
        ({"id": HOME, "external_id": "a-word"}, "means something with a role only"),
    ],
)
def test_a_role_elsewhere_is_a_mistake(account: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Config.model_validate({"accounts": [account]})
