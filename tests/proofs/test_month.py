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
from bot.aws.simulated.clock import moto_time
from bot.aws.simulated.server import SimulatedAccount, start
from bot.engine.grace_clock import COUNT
from bot.engine.ticking import Ticker
from bot.falling_due import KEEP_TIME, WATCH
from bot.model import FindingStatus, ProposalState
from bot.store import findings, freezes, messages, proposals
from tests.proofs.books import Most, discrepancies
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import Message, SlackDouble, User
from tests.slack.double.faults import ANY, Fault

BEGINS = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)  # a Monday
DAYS = 30
KEYS = 8  # idle keys of each owner's users
HOUR, STEP = timedelta(hours=1), timedelta(minutes=10)  # longer steps would look like outages
_EVERY_MINUTE = frozenset({COUNT, KEEP_TIME, WATCH})
_TEN = 3  # hours after the beginning of a day here
RULE = {
    "name": "idle-keys",
    "match": {"controls": ["unused-access-key"]},
    "mode": "auto",
    "grace": "2 working days",
}
LIMITS = {
    "per_hour": 2,
    "per_day": 4,
    "share_percent": 100,
    "canary_wait_hours": 12,
    "principal_pause_hours": 24,
    "unusual_times": 50,
}
MOST = Most(per_hour=2, per_day=4, pause=timedelta(hours=24))
OWNERS = ("ann", "ben", "cat", "dan", "eve")


@dataclass
class Month:
    """Time, people, and what a test wants to know at the end."""

    at: Office
    cloud: SimulatedAccount
    people: dict[str, User]
    ticker: Ticker
    happened: Counter[str] = field(default_factory=Counter)
    slack_is_down: bool = False
    used: str = ""

    @property
    def now(self) -> datetime:
        return self.cloud.account.now

    def play(self, days: int) -> None:
        """The clock moves, what falls due is done, and people look at their messages at ten."""
        for hour in range(days * 24):
            day, of_day = divmod(hour, 24)
            self.events(day, of_day)
            if of_day == _TEN and not self.slack_is_down:
                self.settle()
                self.answers(day)
                self.settle()
            for _ in range(HOUR // STEP):
                done = self.ticker.tick()
                if {each.kind for each in done} - _EVERY_MINUTE:
                    self.settle()
                self.cloud.account.advance(seconds=STEP.total_seconds())

    def settle(self) -> None:
        """Wait until nothing changes any more."""
        assert self.at.desk.rounds.wait(timedelta(seconds=30))
        before: Any = None
        for _ in range(200):
            self.at.desk.changed()
            time.sleep(0.01)
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
        self.cloud.fault("iam:GenerateCredentialReport", "error:ServiceFailure", times=40)

    def use_again(self) -> None:
        """A key that a rule is about to switch off is used."""
        for key in self.cloud.account.iam.access_keys.values():
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
        writes = [each for each in self.cloud.calls.writes if each.applied]
        with self.at.store.engine.connect() as connection:
            return list(discrepancies(connection, writes, MOST))


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    """Five owners with some idle keys each, on a clock that stands until it is moved."""
    with start(users=0, now=BEGINS) as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        account = served.account
        for name in ("adm1", "adm2"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        for owner in OWNERS:
            for number in range(KEYS):
                name = f"{owner}-{number}"
                account.user(
                    name,
                    tags={"owner": f"{owner}@example.com"},
                    created=account.ago(days=400),
                )
                account.key(name, created=account.ago(days=80), last_used=account.ago(days=70))
        yield served


@pytest.fixture
def month(cloud: SimulatedAccount, sqlite_template: Path) -> Iterator[Month]:
    account = cloud.account
    times: dict[str, Callable[..., Any]] = {
        "clock": lambda: account.now,
        "sleep": lambda seconds: account.advance(seconds=max(1, seconds)),
    }
    with (
        SlackDouble(clock=lambda: account.now) as slack,
        office(
            cloud,
            slack,
            sqlite_template,
            times=times,
            remediation={"rules": [RULE]},
            limits=LIMITS,
            scan={"every_hours": 12},
            controls=_only("unused-access-key"),
        ) as at,
    ):
        people = {"ann": at.ann, **{name: slack.add_user(name) for name in OWNERS[1:]}}
        cloud.calls.clear()
        at.scan()
        yield Month(at, cloud, people, at.desk.ticker())


def _only(control: str) -> dict[str, Any]:
    return {id_: {"enabled": id_ == control} for id_ in registry.discover()}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_month(month: Month, record_property: Callable[[str, object], None]) -> None:
    month.play(DAYS)

    assert month.discrepancies() == []
    with month.at.store.read() as tx:
        ended = Counter(each.state for each in proposals.list_proposals(tx))
        open_ones = findings.list_findings(tx, status=FindingStatus.OPEN)
        exempt = findings.list_findings(tx, status=FindingStatus.EXEMPT)
        by_rule = tx.connection.execute(
            text("SELECT count(*) FROM decision WHERE actor_kind = 'rule'")
        ).scalar_one()
    record_property("happened", f"{month.happened}, {ended}, {by_rule} by rules")
    assert by_rule > KEYS
    assert exempt
    assert ended[ProposalState.DONE] > 2 * KEYS
    assert not any(
        each.finding.resource.key and each.finding.resource.key.user.startswith("ann-")
        for each in open_ones
    )
    used = month.cloud.account.iam.access_keys[month.used]
    assert used.status == "Active", "a key that came back in use was switched off"
