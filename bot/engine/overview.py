"""How everything stands: whose turn it is, what was decided, and whether it gets better.

Reads only, from what is remembered; nothing here asks AWS or Slack.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine.cards import NOTICE, is_asked_by
from bot.engine.watching import Case, Watched
from bot.model import (
    Actor,
    Decision,
    FindingRecord,
    FindingStatus,
    Freeze,
    Json,
    MessageRecord,
    ProposalRecord,
    ProposalState,
    Severity,
)
from bot.store import (
    accounts,
    audit,
    decisions,
    executions,
    exemptions,
    freezes,
    messages,
    proposals,
    queues,
    scans,
    tallies,
)
from bot.store.accounts import AccountRecord
from bot.store.database import Store, Transaction
from bot.store.queues import Undecided
from bot.store.watches import running_watches

_MILDEST = len(Severity)
DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one reader: ids of the questions they have a card about, worst and oldest
    first, and of those that they will be asked about once there is room.
    """

    asked: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Waits:
    """A question of anyone, and whom it waits for; nobody before it was asked."""

    proposal_id: str
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Someone's decision, its question as it is now, and whether the fix was taken back since."""

    decision: Decision
    proposal: ProposalRecord
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its open findings by severity, how many are exempt, and how many were there.

    A finding that was there and is exempt today is left out of the past too, so that accepting a
    violation never looks like mending one. `not_evaluated` counts controls that could not look in
    the last scan of an account.
    """

    topic: str
    open: Mapping[Severity, int]
    exempt: int
    week_ago: int
    month_ago: int
    not_evaluated: int = 0

    @property
    def count(self) -> int:
        """How many findings are open."""
        return sum(self.open.values())


@dataclass(frozen=True, slots=True)
class State:
    """How everything stands. `held` says why limits held rules up in the last 24 hours,
    and `watches` how many executions are being watched for harm.
    """

    topics: Sequence[Topic]
    accounts: Sequence[Watched]
    freeze: Freeze | None = None
    held: Sequence[str] = ()
    watches: int = 0

    @property
    def cases(self) -> list[Case]:
        """What is wrong with the looks at accounts."""
        return [case for each in self.accounts for case in each.cases]


@dataclass(frozen=True, slots=True)
class Overview:
    """The reads of Home, status and report. `topics` is the topic of each enabled control."""

    store: Store
    topics: Mapping[str, str]

    def queue_of(self, *readers: str) -> Queue:
        """What waits for any of these: a person, and the channels that they speak for."""
        with self.store.read() as tx:
            found = _worst_first(
                each for reader in readers for each in queues.undecided(tx, reader)
            )
        cards: dict[str, Mapping[str, Json] | None] = {}
        for each in found:
            for card in (place.card for place in each.places):
                if card is not None and not is_asked_by(card):
                    continue
                if cards.get(each.proposal_id) is None:
                    cards[each.proposal_id] = card
        return Queue(
            tuple(key for key, card in cards.items() if card is not None),
            tuple(key for key, card in cards.items() if card is None),
        )

    def everyone(self) -> tuple[Waits, ...]:
        """Every question that nobody decided, the worst and oldest first."""
        with self.store.read() as tx:
            found = _worst_first(queues.undecided(tx))
        return tuple(Waits(each.proposal_id, _readers(each)) for each in found)

    def waits_for(self) -> tuple[tuple[str, int], ...]:
        """How many questions wait for whom: a user's or channel's id, whoever has most first.

        A question with several readers counts for each of them.
        """
        counts = Counter(reader for each in self.everyone() for reader in each.readers)
        return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def decided_by(self, actor: Actor, limit: int = 10) -> tuple[Decided, ...]:
        """The newest decisions of someone, newest first, with what became of the question."""
        with self.store.read() as tx:
            return tuple(_decided(tx, each) for each in decisions.decisions_by(tx, actor, limit))

    def exemptions_ending(
        self, within: timedelta, actor: Actor | None = None
    ) -> tuple[FindingRecord, ...]:
        """Exempt findings whose exemption ends in that time, soonest first; someone's, or all.

        An exemption is theirs who gave it, and theirs who asked for it where a second one gave it.
        """
        with self.store.read() as tx:
            ending = [
                each
                for each in exemptions.exempt_findings(tx)
                if each.exempt_until is not None and each.exempt_until <= tx.now + within
            ]
            if actor is None:
                return tuple(ending)
            asked = exemptions.asked_for_by(tx, actor)
            return tuple(
                each for each in ending if each.id in asked or _given_by(tx, each.id) == str(actor)
            )

    def posture(self, account_id: str | None = None) -> tuple[Topic, ...]:
        """Every topic with an enabled control or a finding, by name; of one account or of all."""
        with self.store.read() as tx:
            spans, now = tallies.spans(tx, account_id), tx.now
            unseen = self._not_evaluated(tx, account_id)
        names = {*self.topics.values(), *(span.topic for span in spans)}
        return tuple(
            _topic(name, [span for span in spans if span.topic == name], now, unseen[name])
            for name in sorted(names)
        )

    def ended_since(self, since: datetime) -> Mapping[ProposalState, int]:
        """How questions ended at `since` or later, and how many each way."""
        with self.store.read() as tx:
            return queues.ended_since(tx, since)

    def accounts(self) -> tuple[AccountRecord, ...]:
        """Every account that is known, with its mode and its last scan."""
        with self.store.read() as tx:
            return tuple(accounts.known_accounts(tx))

    def undelivered(self) -> tuple[MessageRecord, ...]:
        """Messages that Slack will never take, oldest first; `error` says why."""
        with self.store.read() as tx:
            return tuple(messages.given_up(tx))

    def freeze(self) -> Freeze | None:
        """The stop of every write that is in force, or None."""
        with self.store.read() as tx:
            return freezes.current_freeze(tx)

    def held(self) -> tuple[str, ...]:
        """Why limits held rules up in the last 24 hours, as the security channel was told."""
        with self.store.read() as tx:
            told = messages.made_since(tx, NOTICE, tx.now - DAY)
        return tuple(str(each.data["why"]) for each in told if each.data.get("what") == "held")

    def state(self, accounts: Sequence[Watched]) -> State:
        """Everything together."""
        with self.store.read() as tx:
            watches = running_watches(tx)
        return State(self.posture(), accounts, self.freeze(), self.held(), watches)

    def _not_evaluated(self, tx: Transaction, account_id: str | None) -> Counter[str]:
        """Controls that could not look, by topic; in whichever account."""
        ids = [account_id] if account_id else [a.account.id for a in accounts.known_accounts(tx)]
        last = [scans.last_scan(tx, each) for each in ids]
        controls = {
            control for scan in last if scan and not scan.offline for control in scan.not_evaluated
        }
        return Counter(self.topics[each] for each in controls if each in self.topics)


def _topic(name: str, spans: Sequence[tallies.Span], now: datetime, unseen: int) -> Topic:
    accepted = [span for span in spans if span.status is FindingStatus.EXEMPT]
    counted = [span for span in spans if span.status is not FindingStatus.EXEMPT]
    still = Counter(span.severity for span in counted if span.status is FindingStatus.OPEN)
    return Topic(
        topic=name,
        open={severity: still[severity] for severity in Severity if still[severity]},
        exempt=len(accepted),
        week_ago=sum(span.was_there(now - WEEK) for span in counted),
        month_ago=sum(span.was_there(now - MONTH) for span in counted),
        not_evaluated=unseen,
    )


def _decided(tx: Transaction, made: Decision) -> Decided:
    execution = executions.execution_of(tx, made.proposal_id)
    undone = execution is not None and execution.undone_by is not None
    return Decided(made, proposals.get_proposal(tx, made.proposal_id), undone)


def _readers(found: Undecided) -> tuple[str, ...]:
    return tuple(
        place.reader for place in found.places if place.card is None or is_asked_by(place.card)
    )


def _given_by(tx: Transaction, finding_id: str) -> str | None:
    """Who exempted a finding last, as the log tells it."""
    given = [
        event.actor
        for event in audit.events(tx, subject=finding_id)
        if event.event == "finding.exempt"
    ]
    return given[-1] if given else None


def _worst_first(found: Iterable[Undecided]) -> list[Undecided]:
    return sorted(
        found,
        key=lambda each: (
            _MILDEST if each.severity is None else each.severity.rank,
            each.since,
            each.proposal_id,
        ),
    )
