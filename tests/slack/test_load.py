"""Many people at once: Slack's rates are kept, nobody is flooded, and nothing is lost."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.config.slack import SlackSettings
from bot.engine.asking import ASK, CARD, Asker, AskingRules
from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.ticking import Ticker, every
from bot.model import MessageRecord, OwnerClaim, OwnerSource, ProposalState
from bot.slack.allowance import Allowance
from bot.slack.clients import make_clients
from bot.slack.directory import SlackDirectory
from bot.slack.pacing import Pace
from bot.slack.sender import Sender
from bot.store import accounts, dues, messages, proposals
from bot.store.database import Store
from tests.conftest import StandingClock
from tests.slack.double import SlackDouble
from tests.store.samples import ACCOUNT, ALICE, question

CAP = 10


@dataclass
class FirstScan:
    """Questions about an old account, on a clock that the test moves, in a strict Slack."""

    double: SlackDouble
    store: Store
    clock: StandingClock

    def __post_init__(self) -> None:
        self.channel = self.double.add_channel("iam-security", is_private=True)
        settings = SlackSettings(bot_token=self.double.bot_token, base_url=self.double.base_url)
        client = make_clients(settings).background
        allowance = Allowance(self.seconds)

        def directory(**more: Any) -> SlackDirectory:
            teams = frozenset({self.double.workspace.team_id})
            return SlackDirectory(
                client, lambda: teams, clock=self.clock, allowance=allowance, **more
            )

        patient = directory(may_wait=True, ttl=timedelta(hours=1))
        self.quick = directory()
        self.asker = Asker(
            self.store,
            self.owners(patient),
            patient,
            AskingRules(per_day=CAP),
            self.channel.id,
            quick=self.owners(self.quick),
        )
        self.sender = Sender(
            self.store, client, _render, database="load", pace=Pace(monotonic=self.seconds)
        )
        self.ticker = Ticker(
            self.store,
            {ASK: every(self.store, timedelta(days=1), lambda: self.asker.ask(ACCOUNT.id))},
        )

    def owners(self, directory: SlackDirectory) -> Owners:
        rules = OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None)
        return Owners(directory, rules, self.channel.id, frozenset({"example.com"}))

    def seconds(self) -> float:
        return self.clock.now.timestamp()

    def find(self, count: int, owners: int) -> None:
        """So many questions; every seventh is about what the first owner owns too."""
        for number in range(owners):
            self.double.add_user(f"owner{number}")
        with self.store.write() as tx:
            accounts.ensure_account(tx, ACCOUNT)
            accounts.scanned(tx, ACCOUNT.id, tx.now)
            accounts.go_live(tx, ACCOUNT.id, ALICE)
            new = []
            for number in range(count):
                address = f"owner{number % owners if number % 7 else 0}@example.com"
                claim = OwnerClaim(OwnerSource.TAGS, address, f"tag owner = {address}", "owner")
                new.append(replace(question(f"S{number}"), claims=(claim,)))
            proposals.propose_many(tx, new, ALICE)

    def run(self, most: timedelta) -> timedelta:
        """Let the time pass until everyone was told, at most so long; how long it took."""
        started = self.clock.now
        self.asker.ask(ACCOUNT.id)
        while self.clock.now - started < most:
            self.ticker.tick()
            self.sender.run_once()
            if self._is_done():
                break
            self.clock.pass_time(seconds=1)
        return self.clock.now - started

    def _is_done(self) -> bool:
        with self.store.read() as tx:
            again = dues.get_due(tx, ASK, ACCOUNT.id)
            soon = again is not None and again.at - tx.now < timedelta(hours=1)
            return not (soon or messages.next_untold(tx) or messages.untold(tx, limit=1))

    def cards(self) -> Counter[str]:
        """How many cards each person has in Slack."""
        found: Counter[str] = Counter()
        for each in self.double.workspace.messages:
            if each.text.startswith(CARD):
                found[self.double.workspace.channels[each.channel].user or each.channel] += 1
        return found

    def waiting(self) -> int:
        """How many questions wait for another day."""
        with self.store.read() as tx:
            return sum(
                each.state is ProposalState.PROPOSED
                for each in proposals.open_proposals(tx, ACCOUNT.id)
            )

    def most_posts(self) -> int:
        """The most messages that a channel got within a second."""
        posts = [
            (call.args["channel"], call.at.timestamp())
            for call in self.double.calls_of("chat.postMessage")
        ]
        within: Counter[str] = Counter()
        for channel in {channel for channel, _at in posts}:
            times = sorted(at for where, at in posts if where == channel)
            within[channel] = max(sum(at <= other < at + 1 for other in times) for at in times)
        return max(within.values())


def _render(message: MessageRecord) -> dict[str, Any]:
    text = f"{message.kind} {message.proposal_id or ''}"
    return {"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}


@pytest.fixture
def say(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], None]:
    """Tells the figures of a long run to whoever runs it."""

    def tell(text: str) -> None:
        if request.node.get_closest_marker("slow") is None:
            return
        with capsys.disabled():
            sys.stderr.write(f"\n{text}\n")

    return tell


@pytest.fixture
def first(sqlite_store: Store, clock: StandingClock) -> Iterator[FirstScan]:
    """A workspace that enforces its rates."""
    with SlackDouble(clock=clock, rate_scale=1) as double:
        yield FirstScan(double, sqlite_store, clock)


@pytest.mark.parametrize(
    ("count", "owners"),
    [(150, 45), pytest.param(2_000, 300, marks=pytest.mark.slow)],
)
def test_a_first_scan_floods_nobody(
    first: FirstScan, count: int, owners: int, say: Callable[[str], None]
) -> None:
    """Everyone is asked within minutes, at Slack's pace, and nobody more than they may be."""
    first.find(count, owners)

    took = first.run(timedelta(hours=1))

    assert first.double.rate_violations == []
    cards = first.cards()
    assert max(cards.values()) == CAP
    assert len(cards) == owners
    assert sum(cards.values()) + first.waiting() == count
    assert first.most_posts() == 1
    assert first.quick.member(next(iter(cards))) is not None, "whoever clicks is looked up at once"
    say(
        f"{count} questions, {owners} owners: {sum(cards.values())} asked in {took}, "
        f"{first.waiting()} wait; at most {max(cards.values())} for one owner; "
        f"{first.most_posts()} post a channel and second; of {len(first.double.calls)} calls "
        f"{len(first.double.rate_violations)} came too soon"
    )
