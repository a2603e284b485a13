"""Many clicks while AWS is slow: all acknowledged in time, each window opens, each fix is made."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import registry
from bot.aws.simulated.server import start
from tests.slack.desks import Office, office, wait_for
from tests.slack.double import Delivery, Message, SlackDouble, User
from tests.slack.test_flow import opened
from tests.slack.test_load import say

__all__ = ["say"]


@contextmanager
def many_owners(template: Path, owners: int) -> Iterator[tuple[Office, list[User]]]:
    """A live desk that has asked each of these people about two idle keys."""
    with pytest.MonkeyPatch.context() as patch, start(users=0, now=None) as cloud:
        for name, value in cloud.environment().items():
            patch.setenv(name, value)
        account = cloud.account
        for name in ("adm1", "adm2"):
            account.user(name)
            account.password(name, last_used=account.ago(days=1))
            account.mfa(name)
            account.attach("AdministratorAccess", user=name)
        for number in range(2 * owners):
            tags = {"owner": f"owner{number % owners}@example.com"}
            account.user(f"bot{number}", tags=tags, created=account.ago(days=400))
            account.key(
                f"bot{number}", created=account.ago(days=80), last_used=account.ago(days=70)
            )
        only = {id_: {"enabled": id_ == "unused-access-key"} for id_ in registry.discover()}
        with SlackDouble() as slack, office(cloud, slack, template, controls=only) as at:
            people = [slack.add_user(f"owner{number}") for number in range(owners)]
            at.scan()
            for each in people:
                wait_for(lambda each=each: len(slack.dm(each)) == 2, f"the cards of {each.name}")
            yield at, people


def clicked(at: Office, who: User, cards: list[Message], number: int) -> Delivery:
    """What someone does next: mostly they approve, at times they look, deny or ask."""
    slack, card = at.slack, cards[number % 2]
    match number % 10:
        case 6 | 7:
            return slack.click(who, card.channel, card.ts, "deny", stale=True, wait=False)
        case 8:
            return slack.click(who, card.channel, card.ts, "details", stale=True, wait=False)
        case 9:
            return slack.command(who, "/locksmith", "mine", wait=False)
        case _:
            return slack.click(who, card.channel, card.ts, "approve", stale=True, wait=False)


@pytest.mark.parametrize(
    ("clicks", "within", "delay", "owners"),
    [(20, 0.5, 0.3, 2), pytest.param(200, 5, 2, 20, marks=pytest.mark.slow)],
)
def test_every_click_is_acknowledged_while_aws_is_slow(
    sqlite_template: Path,
    say: Callable[[str], None],
    clicks: int,
    within: float,
    delay: float,
    owners: int,
) -> None:
    with many_owners(sqlite_template, owners) as (at, people):
        cards = {each.id: at.slack.dm(each) for each in people}
        at.cloud.calls.clear()
        at.cloud.fault("*", f"delay:{delay}", times=None)
        began = time.monotonic()
        sent = []
        for number in range(clicks):
            who = people[number // 10 % owners]
            sent.append(clicked(at, who, cards[who.id], number))
            time.sleep(max(0.0, began + (number + 1) * within / clicks - time.monotonic()))
        took = time.monotonic() - began
        at.slack.delivering.finish()
        at.cloud.traffic.faults.clear()

        latencies = sorted(each.latency or 99 for each in sent)
        refused = [call.error for call in at.slack.calls_of("views.open") if not call.ok]
        say(
            f"{clicks} clicks in {took:.1f} s, each call of AWS taking {delay} s: acknowledged "
            f"within {latencies[-1]:.2f} s, half of them within {latencies[clicks // 2]:.3f} s; "
            f"{len(refused)} windows did not open"
        )
        assert [each.problem for each in sent if not each.ok] == []
        assert latencies[-1] < 3
        for each in people:
            for card in cards[each.id]:
                at.shows(card, "Done")
        assert at.writes() == ["UpdateAccessKey"] * (2 * owners)
        wait_for(lambda: at.desk._pool._work_queue.empty(), "the last hand")
        refused = [call.error for call in at.slack.calls_of("views.open") if not call.ok]
        assert refused == []


def test_a_window_opens_while_every_hand_waits_for_aws(carols_office: Office) -> None:
    """Slack lets it be opened for three seconds only."""
    at = carols_office
    card = at.card(at.ann, "AKIA")
    at.cloud.fault("*", "delay:3.2", times=None)
    for _ in range(20):
        at.slack.click(at.ann, card.channel, card.ts, "approve", wait=False)
    at.slack.click(at.ann, card.channel, card.ts, "deny", wait=False)

    opened(at, at.ann, "Deny this fix")
    at.slack.delivering.finish()
    at.cloud.traffic.faults.clear()
    at.shows(card, "Done")
