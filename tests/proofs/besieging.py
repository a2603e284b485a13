"""People click, violations come and go, and `serve` is killed: then everything must add up."""

import random
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import text

from bot.model import ProposalState
from bot.store import audit, messages, proposals
from tests.proofs.books import Most, discrepancies
from tests.proofs.clicking import Clicking
from tests.proofs.killing import Moments
from tests.proofs.reckoning import Said, Shown, unaccounted
from tests.proofs.serving import Serving, Town
from tests.proofs.violating import Violating
from tests.slack.desks import OPERATOR, wait_for

_HANDS = 4  # threads of people
_REST_SECONDS = 300  # at most; a crowded machine takes long over what was approved
_NO_LIMIT = Most(per_hour=10**9, per_day=10**9, pause=timedelta(), canary=timedelta())
_UNDER_WAY = {
    ProposalState.APPROVED,
    ProposalState.EXECUTING,
    ProposalState.VERIFYING,
    ProposalState.UNKNOWN,
}


@dataclass
class Siege:
    """One run: `processes` serve one database, and one of them is killed at each moment."""

    town: Town
    seed: int
    processes: int
    took: float = 0
    kills: int = 0
    owners: int = 20  # nobody is asked more than a hundred questions a day
    serving: list[Serving] = field(init=False)

    def __post_init__(self) -> None:
        town = self.town
        chances = random.Random(self.seed)
        town.owners = [town.slack.add_user(f"owner{number}") for number in range(self.owners)]
        self.violating = Violating(town.cloud.account, town.owners, random.Random(chances.random()))
        self.moments = Moments(town.slack, town.cloud, random.Random(chances.random()))
        self.serving = [Serving(town, f"serve-{number}") for number in range(self.processes)]
        self.chances = chances
        hands = min(_HANDS, self.owners)
        self.people = [
            Clicking(
                town.slack,
                town.owners[number::hands],
                self._address,
                random.Random(chances.random()),
            )
            for number in range(hands)
        ]

    def _address(self) -> str | None:
        up = [each.url for each in self.serving if each.is_up]
        return self.chances.choice(up) if up else None

    def play(self, *, kills: int, plainly: int = 0) -> None:
        """Kill so many times, `plainly` of these processes that were started as people do."""
        began = time.monotonic()
        self._prepare()
        plain = set(self.chances.sample(range(kills - 1), plainly))
        with ExitStack() as closing:
            for each in self.serving:
                closing.callback(each.stop)
                each.start()
            for hands in (self.violating, *self.people):
                closing.callback(hands.end)
                hands.begin()
            for number in range(kills):
                self.violating.check()
                one = self.chances.choice(self.serving)
                self.moments.wait(one.serves)
                one.kill()
                self.kills += 1
                one.start(plainly=number in plain)
            for hands in (self.violating, *self.people):
                hands.end()
            self._come_to_rest()
        self.took = time.monotonic() - began

    def _prepare(self) -> None:
        """A live account that was scanned, before anyone is asked."""
        self.violating.seed()
        service = self.town.app.service
        found = service.scan(OPERATOR, lambda _said: None)
        service.go_live(found.account.id, OPERATOR)
        self.town.cloud.calls.clear()

    def _come_to_rest(self) -> None:
        """Let what is left be done, look at everything once more, and end as told.

        From here on nobody scans by the clock, so that a rest is one.
        """
        for each in self.serving:
            each.stop()
            each.start(every_hours=None)
            wait_for(each.serves, "a process that serves")
        self._settle()
        town = self.town
        town.slack.use_http(self.serving[0].url)
        before = self._scans()
        asked = town.slack.command(town.sec, "/locksmith", "scan")
        assert asked.ok, asked.problem
        wait_for(lambda: self._scans() > before, "the last scan", seconds=_REST_SECONDS)
        self._settle()
        for each in self.serving:
            each.stop()

    def _settle(self) -> None:
        """Wait until nothing is under way; what never comes to its end is found by the books."""
        with suppress(AssertionError):
            wait_for(self._is_still, "rest", seconds=_REST_SECONDS)

    def _scans(self) -> int:
        with self.town.app.store.read() as tx:
            ended = text("SELECT count(*) FROM audit WHERE event = 'scan.finished'")
            return int(tx.connection.execute(ended).scalar_one())

    def _is_still(self) -> bool:
        with self.town.app.store.read() as tx:
            heard = tx.connection.execute(text("SELECT count(*) FROM heard")).scalar_one()
            if heard or any(each.state in _UNDER_WAY for each in proposals.list_proposals(tx)):
                return False
            return messages.next_untold(tx) is None and not messages.untold(tx)

    @property
    def said(self) -> list[Said]:
        """Every click that was acknowledged."""
        return [each for hands in self.people for each in hands.said]

    def discrepancies(self) -> list[str]:
        """Everything that doesn't add up."""
        town = self.town
        # What was cut off while it was being sent is no call, and was refused as none.
        writes = [each for each in town.cloud.calls.writes if each.applied or each.params]
        with town.app.store.read() as tx:
            found = [] if audit.verify(tx).ok else ["the audit log is not as it was written"]
        with town.app.store.engine.connect() as connection:
            applied = [each for each in writes if each.applied]
            found += discrepancies(connection, applied, _NO_LIMIT)
            found += unaccounted(connection, writes, self._shown(), self.said)
        return [*found, *self._broken_down()]

    def _shown(self) -> list[Shown]:
        """Every message in Slack that the sender posted."""
        return [
            Shown(each.metadata["event_payload"]["id"], each.words())
            for each in self.town.slack.workspace.messages
            if each.metadata is not None
        ]

    def _broken_down(self) -> list[str]:
        """What the processes said that only a mistake of ours makes them say."""
        return [
            f"{each.name} said: {line}"
            for each in self.serving
            for line in each.log.read_text().splitlines()
            if "Traceback" in line or "This is a bug" in line
        ]

    def report(self) -> str:
        """What happened, for whoever runs it."""
        town = self.town
        with town.app.store.read() as tx:
            states = Counter(str(each.state) for each in proposals.list_proposals(tx))
        tried = sum((hands.tried for hands in self.people), Counter[str]())
        return "\n".join(
            (
                f"seed {self.seed}: {self.kills} kills in {self.took:.0f} s",
                f"moments: {dict(self.moments.happened)}",
                f"clicks: {dict(tried)}; {len(self.said)} decisions acknowledged",
                f"questions: {dict(states)}",
                f"writes in the cloud: {len(town.cloud.calls.writes)}",
                f"messages in Slack: {len(self._shown())}",
                f"gave up by themselves: {sum(each.gave_up for each in self.serving)}",
            )
        )
