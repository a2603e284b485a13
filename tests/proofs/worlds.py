"""A small world in which a rule does harm unless a rail holds it: for the proofs of the rails.

Keys look idle and are in use all the same: AWS shows it too late. Everything is put together as
`locksmith serve` does it, over the simulated cloud and the strict Slack double; only nobody waits:
the test moves the clock, and lets what falls due, what is to be told and what was approved be done
in turn.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import registry
from bot.aws.simulated.server import SimulatedAccount, start
from bot.config import Config
from bot.engine.executor import VerifySettings
from bot.engine.ticking import Ticker
from bot.main import Application
from bot.serving import Desk
from bot.slack.pacing import Pace
from bot.store import proposals
from bot.store.graces import get_grace
from tests.conftest import copied
from tests.slack.desks import SECRET, Office
from tests.slack.double import Message, SlackDouble

BEGINS = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)  # a Monday, before anyone works
STEP = timedelta(minutes=5)  # longer ones would look like outages
ACCOUNT = "123456789012"
CONTROL = "unused-access-key"
RULE = {
    "name": "keys",
    "match": {"controls": [CONTROL]},
    "mode": "auto",
    "grace": "0d",
    "unused_days": 45,
}
#: So wide that only what a case narrows can hold anything up.
WIDE: Mapping[str, Any] = {
    "per_scan": 1_000,
    "per_hour": 1_000,
    "per_day": 1_000,
    "share_percent": 100,
    "per_hour_in_all": 1_000,
    "per_day_in_all": 1_000,
    "principal_pause_hours": 0,
    "canary": 1_000,
    "canary_wait_hours": 0,
    "breaker_failures": 1_000,
    "breaker_undone": 1_000,
    "breaker_hours": 0.001,
    "unusual_times": 1_000,
    "ramp_hours": 0,
}
#: What takes something from someone.
_HARMFUL = frozenset(
    {"UpdateAccessKey", "DetachUserPolicy", "UpdateAccountPasswordPolicy", "DeleteGroup"}
)
_VERIFICATION = VerifySettings(reads=2, interval=0.001, patience=0.001)


def _pace() -> Pace:
    """Slack's rates are kept elsewhere: here a minute goes by at each look at the clock."""
    minutes = itertools.count(step=60)
    return Pace(timedelta(), timedelta(), monotonic=lambda: float(next(minutes)))


@dataclass
class Still(Office):
    """An office in which nothing happens by itself."""

    def open(self) -> None:
        """Put everything together as `locksmith serve` does, without threads that work alone."""
        self.app = Application(Config.model_validate(self.settings), _VERIFICATION, **self.times)
        self._closing.callback(self.app.close)
        chat = self.app.chat
        assert chat is not None
        chat.clients = replace(chat.clients, emulated=False)
        self.desk = Desk(replace(self.app.parts(), pace=_pace()))
        self._closing.callback(self._end)
        self._connect()


@dataclass
class World:
    """What a story is told with. `when_written` is done once, while a change is being verified."""

    at: Still
    cloud: SimulatedAccount
    tmp: Path
    when_written: Callable[[], None] | None = None
    ticker: Ticker = field(init=False)

    def sleep(self, _seconds: float) -> None:
        """The executor waits between two looks at what it did."""
        todo, self.when_written = self.when_written, None
        if todo is not None:
            todo()
        self.cloud.account.advance(seconds=1)

    def idle(self, *users: str, keys: int = 1) -> None:
        """Users of ann's whose keys look idle."""
        account = self.cloud.account
        for name in users:
            account.user(name, tags={"owner": "ann@example.com"}, created=account.ago(days=400))
            for _ in range(keys):
                account.key(name, created=account.ago(days=80), last_used=account.ago(days=70))
        account.forget_report()

    def scan(self) -> None:
        """Look at the whole account, and ask."""
        self.at.scan()

    def play(self, *, minutes: int) -> None:
        """Time goes by."""
        for _ in range(timedelta(minutes=minutes) // STEP):
            self.turn()
            self.cloud.account.advance(seconds=STEP.total_seconds())
        self.turn()

    def turn(self) -> None:
        """Whatever can be done now is done."""
        self.ticker.tick()
        self.at.desk.sender.run_once()
        self.at.desk.worker.run_once()
        self.at.desk.sender.run_once()

    def harm(self) -> list[str]:
        """What took something from someone, by what the cloud saw."""
        return [
            each.operation
            for each in self.cloud.calls.writes
            if each.applied and each.operation in _HARMFUL and each.params.get("Status") != "Active"
        ]

    def shows_use(self, user: str | None = None) -> None:
        """AWS shows by now that the keys that are off, or this user's, were in use until then."""
        account = self.cloud.account
        for key in account.iam.access_keys.values():
            if key.status == "Inactive" and user in (None, key.user_name):
                account.use_key(str(key.access_key_id), at=account.ago(hours=1))

    def offers(self, action: str) -> list[Message]:
        """Ann's messages with this button."""
        return [
            each
            for each in self.at.slack.dm(self.at.ann)
            if action in {button.action_id for button in each.buttons()}
        ]

    def held(self) -> list[str]:
        """Why rules wait, as the security channel was told in Slack."""
        shown = self.at.slack.messages(self.at.channel)
        return [each.words() for each in shown if "Rules wait" in each.words()]

    def stopped(self) -> set[str]:
        """Why questions became ordinary ones."""
        with self.at.store.read() as tx:
            found = [get_grace(tx, each.id) for each in proposals.list_proposals(tx)]
        return {each.stopped for each in found if each is not None and each.stopped}


@contextmanager
def world(
    template: Path,
    tmp: Path,
    monkeypatch: pytest.MonkeyPatch,
    limits: Mapping[str, Any],
    **settings: Any,
) -> Iterator[World]:
    """A world on a copy of the database `template`; `limits` narrow what is wide, `settings` are
    further sections.
    """
    with start(users=0, now=BEGINS) as cloud, SlackDouble(clock=lambda: cloud.account.now) as slack:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        _administrators(cloud)
        slack.signing_secret = SECRET
        ann, sec = slack.add_user("ann"), slack.add_user("sec")
        channel = slack.add_channel("iam-security", [sec], is_private=True)
        group = slack.add_user_group("iam-security", [sec])
        rules = settings.setdefault("remediation", {"rules": [RULE]})["rules"]
        controls = {name for rule in rules for name in rule["match"]["controls"]}
        times: dict[str, Callable[..., Any]] = {"clock": lambda: cloud.account.now}
        with copied(template) as url:
            chosen = {
                "database": {"url": url},
                "scan": {"every_hours": None},
                "accounts": [{"id": ACCOUNT, "groups": ["production"]}],
                "controls": {id_: {"enabled": id_ in controls} for id_ in registry.discover()},
                "limits": {**WIDE, "stop_file": str(tmp / "STOP"), **limits},
                "slack": {
                    "mode": "http",
                    "bot_token": slack.bot_token,
                    "signing_secret": SECRET,
                    "base_url": slack.base_url,
                    "security_channel": channel.id,
                    "security": [group.id],
                    "email_domains": ["example.com"],
                },
                **settings,
            }
            at = Still(slack, cloud, chosen, "http", ann, sec, channel, group, times)
            made = World(at, cloud, tmp)
            times["sleep"] = made.sleep
            at.open()
            try:
                made.ticker = at.desk.ticker()
                yield made
            finally:
                at.close()


def _administrators(cloud: SimulatedAccount) -> None:
    account = cloud.account
    for name in ("adm1", "adm2"):
        account.user(name)
        account.password(name, last_used=account.ago(days=1))
        account.mfa(name)
        account.attach("AdministratorAccess", user=name)
