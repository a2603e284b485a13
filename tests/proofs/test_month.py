"""A month of unattended work in a minute: people, outages, a freeze, and another configuration.

Everything is the real thing but time, AWS and Slack. At the end an independent reader goes through
the books: `tests/proofs/books.py`.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.iam.models import AccessKeyLastUsed
from sqlalchemy import text

from bot import registry
from bot.aws.simulated.builder import AccountBuilder
from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.server import SimulatedAccount, start
from bot.engine.grace_clock import COUNT
from bot.engine.ticking import Ticker
from bot.falling_due import KEEP_TIME, TAKE_OVER, WATCH
from bot.model import FindingStatus, ProposalState
from bot.store import dues, findings, freezes, messages, proposals
from tests.engine.service_data import share
from tests.proofs.books import Most, discrepancies
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import Message, SlackDouble, User
from tests.slack.double.faults import ANY, Fault

BEGINS = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)  # a Monday
DAYS = 30
HOME, AWAY = "123456789012", "210987654321"
USERS = {HOME: 3, AWAY: 3}  # of each owner in each account: one idle key each
PASSWORDS = 1  # of each owner at home, idle as well
WORD = "our-word"
HOUR, STEP = timedelta(hours=1), timedelta(minutes=10)  # longer steps would look like outages
_EVERY_MINUTE = frozenset({COUNT, KEEP_TIME, TAKE_OVER, WATCH})
_TEN = 3  # hours after the beginning of a day here
CONTROLS = ("unused-access-key", "unused-console-password")
RULE = {
    "name": "idle-credentials",
    "match": {"controls": list(CONTROLS)},
    "mode": "auto",
    "grace": "2 working days",
    "unused_days": 45,
}
LIMITS = {
    "per_hour": 2,
    "per_day": 4,
    "share_percent": 100,
    "canary_wait_hours": 12,
    "principal_pause_hours": 24,
    "unusual_times": 50,
}
MOST = Most(per_hour=2, per_day=4, pause=timedelta(hours=24), canary=timedelta(hours=12))
OWNERS = ("ann", "ben", "cat", "dan", "eve")


@dataclass
class Month:
    """Time, people, and what a test wants to know at the end."""

    at: Office
    clouds: dict[str, SimulatedAccount]
    people: dict[str, User]
    ticker: Ticker
    happened: Counter[str] = field(default_factory=Counter)
    slack_is_down: bool = False
    used: str = ""

    @property
    def now(self) -> datetime:
        return self.clouds[HOME].account.now

    def play(self, days: int) -> None:
        """The clock moves, what falls due is done, and people look at their messages at ten."""
        for hour in range(days * 24):
            day, of_day = divmod(hour, 24)
            self.events(day, of_day)
            if of_day == _TEN and not self.slack_is_down:
                self.settle()
                self.answers(day)
                self.settle()
            for step in range(HOUR // STEP):
                if step and not self._something_is_due():
                    self.at.desk.grace_clock.count()
                else:
                    done = self.ticker.tick()
                    if {each.kind for each in done} - _EVERY_MINUTE:
                        self.settle()
                for cloud in self.clouds.values():
                    cloud.account.advance(seconds=STEP.total_seconds())

    def _something_is_due(self) -> bool:
        """Whether anything is, but for what every minute asks; that is looked at once an hour."""
        with self.at.store.read() as tx:
            return not {each.kind for each in dues.due_now(tx)} <= _EVERY_MINUTE

    def settle(self) -> None:
        """Wait until nothing changes any more."""
        assert self.at.desk.rounds.wait(timedelta(seconds=30))
        before: Any = None
        for _ in range(200):
            self.at.desk.changed()
            time.sleep(0.02)  # looking more often takes the time of those who work
            now = self._standing()
            if now == before and (self.slack_is_down or not now[1]):
                return
            before = now

    def _standing(self) -> tuple[Any, int]:
        with self.at.store.read() as tx:
            states = tx.connection.execute(
                text("SELECT state, count(*) FROM proposal GROUP BY state ORDER BY state")
            ).all()
            waiting = [each for each in messages.untold(tx) if not each.error]
        return states, len(waiting)

    def events(self, day: int, hour: int) -> None:
        """What comes from outside."""
        happens: dict[tuple[int, int], Callable[[], None]] = {
            (5, 0): self.dan_leaves,
            (8, 0): lambda: self.slack(down=True),
            (9, 6): lambda: self.slack(down=False),
            (12, 0): lambda: self.freeze(begins=True),
            (14, 0): lambda: self.freeze(begins=False),
            (16, 0): self.aws_fails,
            (3, 0): self.use_again,
            (7, 0): self.other_rule,
        }
        if (day, hour) in happens:
            happens[day, hour]()
            self.happened[f"{day}:{hour}"] += 1
        if self.slack_is_down:
            self.at.slack.faults.clear()
            self.at.slack.faults.add(ANY, Fault(status=503), times=500)

    def dan_leaves(self) -> None:
        self.people["dan"].deleted = True

    def slack(self, *, down: bool) -> None:
        self.slack_is_down = down
        self.at.slack.faults.clear()

    def freeze(self, *, begins: bool) -> None:
        """Someone stops every write, and two days later another one lets them go on."""
        if begins:
            self.at.service.pause("an incident", OPERATOR)
            return
        with self.at.store.write() as tx:
            freezes.unfreeze(tx, OPERATOR)

    def aws_fails(self) -> None:
        """One account can't be read for a while, which holds up no other."""
        self.clouds[AWAY].fault("iam:GenerateCredentialReport", "error:ServiceFailure", times=40)

    def use_again(self) -> None:
        """A key that a rule is about to switch off is used."""
        for key in self.clouds[HOME].account.iam.access_keys.values():
            if (key.user_name or "").startswith("eve-") and key.status == "Active":
                key.last_used = AccessKeyLastUsed(moto_time(self.now), "s3", "eu-west-1")
                self.used = key.access_key_id
                return

    def other_rule(self) -> None:
        """Someone changes the configuration in the middle of graces, and serve starts anew."""
        remediation = {"rules": [{**RULE, "grace": "3 working days"}]}
        self.at.settings = {**self.at.settings, "remediation": remediation}
        self.at.restart()
        self.ticker = self.at.desk.ticker()

    def answers(self, day: int) -> None:
        """Ann says yes at once, Ben keeps his, Cat says no; Dan and Eve never answer."""
        self._each_card("ann", lambda card: self._click("ann", card, "approve"), most=2)
        if day % 2 == 0:
            self._each_card("ben", self._keep, most=1)
        if day % 3 == 0:
            self._each_card("cat", self._deny, most=1)

    def _each_card(self, who: str, do: Callable[[Message], None], *, most: int) -> None:
        person = self.people[who]
        offered = [
            each
            for each in self.at.slack.dm(person)
            if {"approve", "deny"} & {button.action_id for button in each.buttons()}
        ]
        for card in offered[:most]:
            do(card)

    def _click(self, who: str, card: Message, action: str) -> None:
        self.at.slack.click(self.people[who], card.channel, card.ts, action)
        self.happened[f"{who} {action}"] += 1

    def _keep(self, card: Message) -> None:
        self._click("ben", card, "exempt")
        until = (self.now + timedelta(days=60)).date().isoformat()
        self._fill("ben", {"reason": "the quarterly job needs it", "until": until})

    def _deny(self, card: Message) -> None:
        self._click("cat", card, "deny")
        self._fill("cat", {"reason": "still in use on Fridays"})

    def _fill(self, who: str, values: dict[str, str]) -> None:
        person = self.people[who]

        def is_open() -> bool:
            return any(each.parts.get("submit") for each in self.at.slack.modals(person))

        wait_for(is_open, f"a modal of {who}")
        self.at.slack.submit(person, values)
        wait_for(lambda: not is_open(), f"that the modal of {who} is answered")

    def discrepancies(self) -> list[str]:
        """What doesn't add up in the books."""
        writes = [
            each for cloud in self.clouds.values() for each in cloud.calls.writes if each.applied
        ]
        with self.at.store.engine.connect() as connection:
            return list(discrepancies(connection, writes, MOST))


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, SimulatedAccount]]:
    """Five owners with idle keys and passwords in two accounts; both clocks stand until moved."""
    with (
        start(users=0, now=BEGINS, account_id=HOME) as home,
        start(users=0, now=BEGINS, account_id=AWAY) as away,
    ):
        for name, value in home.environment().items():
            monkeypatch.setenv(name, value)
        _entrance(away.account)
        for cloud in (home, away):
            _people(cloud.account, USERS[cloud.account_id])
        for owner in OWNERS:
            for number in range(PASSWORDS):
                home.account.password(f"{owner}-{number}", last_used=home.account.ago(days=70))
        yield {HOME: home, AWAY: away}


def _entrance(account: AccountBuilder) -> None:
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": WORD}},
    }
    account.role("locksmith", trust={"Version": "2012-10-17", "Statement": [trust]})


def _people(account: AccountBuilder, users: int) -> None:
    for name in ("adm1", "adm2"):
        account.user(name)
        account.password(name, last_used=account.ago(days=1))
        account.mfa(name)
        account.attach("AdministratorAccess", user=name)
    for owner in OWNERS:
        for number in range(users):
            name, tags = f"{owner}-{number}", {"owner": f"{owner}@example.com"}
            account.user(name, tags=tags, created=account.ago(days=400))
            account.key(name, created=account.ago(days=80), last_used=account.ago(days=70))


@pytest.fixture
def month(
    clouds: dict[str, SimulatedAccount], monkeypatch: pytest.MonkeyPatch, sqlite_template: Path
) -> Iterator[Month]:
    share(monkeypatch)

    def pass_time(seconds: float) -> None:
        for cloud in clouds.values():
            cloud.account.advance(seconds=max(1, seconds))

    times: dict[str, Callable[..., Any]] = {
        "clock": lambda: clouds[HOME].account.now,
        "sleep": pass_time,
    }
    away = {"role": f"arn:aws:iam::{AWAY}:role/locksmith", "external_id": WORD}
    settings: dict[str, Any] = {
        "accounts": [{"id": HOME, "name": "home"}, {"id": AWAY, "name": "away", **away}],
        "remediation": {"rules": [RULE]},
        "limits": LIMITS,
        "scan": {"every_hours": 12},
        "watch": {"every_hours": 24},
        "controls": {id_: {"enabled": id_ in CONTROLS} for id_ in registry.discover()},
    }
    with (
        SlackDouble(clock=lambda: clouds[HOME].account.now) as slack,
        office(clouds[HOME], slack, sqlite_template, times=times, **settings) as at,
    ):
        people = {"ann": at.ann, **{name: slack.add_user(name) for name in OWNERS[1:]}}
        for account_id, cloud in clouds.items():
            cloud.calls.clear()
            at.service.scan(OPERATOR, lambda _said: None, account_id)
            at.service.go_live(account_id, OPERATOR)
            at.desk.ask(account_id)
        yield Month(at, clouds, people, at.desk.ticker())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_month(month: Month, record_property: Callable[[str, object], None]) -> None:
    month.play(DAYS)

    assert month.discrepancies() == []
    with month.at.store.read() as tx:
        ended = Counter(each.state for each in proposals.list_proposals(tx))
        open_ones = findings.list_findings(tx, status=FindingStatus.OPEN)
        exempt = findings.list_findings(tx, status=FindingStatus.EXEMPT)
        rows = tx.connection.execute(
            text(
                "SELECT account_id FROM decision JOIN proposal ON proposal.id = proposal_id"
                " WHERE actor_kind = 'rule'"
            )
        )
        by_rule = Counter(row.account_id for row in rows)
    record_property("happened", f"{month.happened}, {ended}, {by_rule} by rules")
    assert min(by_rule[HOME], by_rule[AWAY]) > 5
    assert exempt
    assert ended[ProposalState.DONE] > 20
    assert not any(
        each.finding.resource.key and each.finding.resource.key.user.startswith("ann-")
        for each in open_ones
    )
    used = month.clouds[HOME].account.iam.access_keys[month.used]
    assert used.status == "Active", "a key that came back in use was switched off"
