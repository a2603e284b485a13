"""At a whole desk: what has times of its own comes then, and what is critical doesn't wait."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.aws.simulated.server import SimulatedAccount, start
from bot.falling_due import DIGESTS, OWN, TIDY
from bot.store import dues
from tests.slack.desks import OPERATOR, Office, office, wait_for
from tests.slack.double import SlackDouble

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SCHEDULES = [
    {"what": "digests", "cron": "0 9 * * mon-fri"},
    {"what": "reminders", "cron": "0 14 * * *"},
    {"what": "housekeeping", "cron": "0 3 * * *"},
]
HOUR = timedelta(hours=1)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    """carol's key is idle, which can wait, and so is not that root has a key."""
    with start(users=0, now=MONDAY) as served:
        for name, value in served.environment().items():
            monkeypatch.setenv(name, value)
        account = served.account
        account.user("carol", tags={"owner": "ann@example.com"}, created=account.ago(days=400))
        account.key("carol", created=account.ago(days=80), last_used=account.ago(days=70))
        account.root(keys=1)
        yield served


@pytest.fixture
def at(
    cloud: SimulatedAccount, slack_double: SlackDouble, sqlite_template: Path
) -> Iterator[Office]:
    """A desk whose clock stands until it is moved."""
    times = {"clock": lambda: cloud.account.now, "sleep": lambda _seconds: None}
    with office(
        cloud,
        slack_double,
        sqlite_template,
        times=times,  # type: ignore[arg-type]
        schedules=SCHEDULES,  # type: ignore[arg-type]
    ) as made:
        yield made


def pass_time(at: Office, span: timedelta) -> list[str]:
    """Time goes by, and what falls due is done; its kinds."""
    at.cloud.account.advance(seconds=span.total_seconds())
    return [each.kind for each in at.desk.ticker().tick()]


def test_what_can_wait_is_asked_with_the_digest(at: Office) -> None:
    ticker = at.desk.ticker()
    ticker.tick()
    result = at.service.scan(OPERATOR, lambda _said: None)
    at.service.go_live(result.account.id, OPERATOR)
    at.desk.scan(result.account.id)

    wait_for(
        lambda: any("root-access-key" in each.words() for each in at.slack.messages(at.channel.id)),
        "a card about root's key",
    )
    assert at.slack.dm(at.ann) == []

    assert DIGESTS in pass_time(at, 2 * HOUR)
    assert at.card(at.ann, "carol")


def test_reminders_come_at_their_time(at: Office) -> None:
    at.scan()
    card = at.card(at.ann, "carol")
    at.desk.ticker().tick()

    assert "remind" not in pass_time(at, timedelta(days=2, hours=1))  # 08:00 on Wednesday
    assert "remind" not in pass_time(at, 5 * HOUR)
    assert "remind" in pass_time(at, HOUR)
    assert card


def test_housekeeping_has_its_hour(at: Office) -> None:
    at.desk.ticker()
    assert at.desk.falling_due.next_times() == {
        "digests": MONDAY + 2 * HOUR,
        "housekeeping": MONDAY + 20 * HOUR,
    }
    assert TIDY in pass_time(at, 20 * HOUR)
    with at.store.read() as tx:
        due = dues.get_due(tx, TIDY, OWN)
    assert due is not None
    assert due.at == MONDAY + 44 * HOUR
