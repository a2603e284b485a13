"""A live account with questions, people to ask about them, and whatever falls due."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.engine.asking import (
    ASK,
    CARD,
    CLOCK,
    ESCALATE,
    EXPIRE,
    REMIND,
    Asker,
    AskingRules,
    OwnerApproves,
)
from bot.engine.owner_claims import OwnerRules
from bot.engine.owners import Owners
from bot.engine.remediation import RemediationRules
from bot.engine.reminding import Reminding
from bot.engine.ticking import Ticker, every
from bot.model import (
    MessageRecord,
    OwnerClaim,
    OwnerSource,
    ProposalRecord,
    ProposalState,
    Severity,
)
from bot.store import accounts, dues, messages, proposals
from bot.store.database import Store
from bot.store.dues import Due
from tests.conftest import StandingClock
from tests.engine.fake_directory import FakeDirectory, person, private_channel
from tests.store.samples import ACCOUNT, ALICE, finding, observe, question, seen

CHANNEL = "C0SECURITY"


def claim(address: str, source: OwnerSource = OwnerSource.TAGS) -> OwnerClaim:
    """One source's word that someone owns it."""
    tag = "owner" if source is OwnerSource.TAGS else None
    return OwnerClaim(source, address, f"{source} says {address}", tag)


ANN, BEN = claim("UANN"), claim("UBEN", OwnerSource.DEFAULT)


@dataclass
class Askings:
    """Everything that asks, and what a test wants to look at or to move."""

    store: Store
    clock: StandingClock
    directory: FakeDirectory
    asker: Asker

    def propose(
        self,
        *subjects: str,
        claims: tuple[OwnerClaim, ...] = (ANN,),
        severity: Severity = Severity.LOW,
        live: bool = True,
    ) -> list[ProposalRecord]:
        """New questions about these, in an account that is live by then or not."""
        items = [replace(seen(each), finding=finding(each, severity=severity)) for each in subjects]
        with self.store.write() as tx:
            observation = observe(tx, *items, complete=frozenset())
            accounts.scanned(tx, ACCOUNT.id, tx.now)
            if live:
                accounts.go_live(tx, ACCOUNT.id, ALICE)
            known = {each.finding.subject: each.id for each in observation.records.values()}
            new = [replace(question(each, known[each]), claims=claims) for each in subjects]
            return proposals.propose_many(tx, new, ALICE)

    def ask(self, *subjects: str, claims: tuple[OwnerClaim, ...] = (ANN,)) -> list[ProposalRecord]:
        """New questions about these, asked."""
        made = self.propose(*subjects, claims=claims)
        self.asker.ask(ACCOUNT.id)
        return made

    def hand_over(self, asked: ProposalRecord, owner: str) -> tuple[str, ...]:
        """Someone says whose it is."""
        with self.store.write() as tx:
            now = proposals.get_proposal(tx, asked.id)
            proposals.claim_first(tx, now, claim(owner, OwnerSource.HANDED_OVER), CLOCK)
        return self.asker.re_ask(asked.id)

    def answer(self, asked: ProposalRecord, to: ProposalState = ProposalState.DENIED) -> None:
        """The question is answered."""
        with self.store.write() as tx:
            now = proposals.get_proposal(tx, asked.id)
            proposals.move(tx, asked.id, expected=now.state, to=to, why="so", actor=ALICE)

    def sent(self, reader: str = "UANN", kind: str = CARD) -> list[MessageRecord]:
        """What someone got."""
        with self.store.read() as tx:
            return messages.messages_to(tx, reader, kind)

    def card(self, reader: str = "UANN") -> MessageRecord:
        """The only card that someone got."""
        (card,) = self.sent(reader)
        return card

    def counts(self) -> Counter[str]:
        """How many cards each reader got."""
        with self.store.read() as tx:
            told = messages.untold(tx, limit=10_000)
        return Counter(each.recipient for each in told if each.kind == CARD)

    def state(self, asked: ProposalRecord) -> ProposalState:
        """Where a question stands."""
        with self.store.read() as tx:
            return proposals.get_proposal(tx, asked.id).state

    def due(self, kind: str, subject: str) -> Due | None:
        """When something falls due."""
        with self.store.read() as tx:
            return dues.get_due(tx, kind, subject)

    def tick(self, days: float = 0) -> list[Due]:
        """Let time pass, and do everything that is due then."""
        self.clock.pass_time(days=days)
        reminding = Reminding(self.asker)
        handlers = {
            REMIND: reminding.remind,
            ESCALATE: reminding.escalate,
            EXPIRE: reminding.expire,
            ASK: every(self.store, timedelta(days=1), lambda: self.asker.ask(ACCOUNT.id)),
        }
        ticker = Ticker(self.store, handlers)
        done: list[Due] = []
        while now := ticker.tick():
            done += now
        return done


def by_a_mapping(_asked: ProposalRecord, claim: OwnerClaim) -> bool:
    """Owners whom more than a tag names approve."""
    return claim.source is OwnerSource.MAPPING


def askings(
    store: Store,
    clock: StandingClock,
    rules: AskingRules | None = None,
    owner_approves: OwnerApproves = lambda _asked, _claim: True,
    remediation: RemediationRules | None = None,
) -> Askings:
    """Ann, Ben and their boss in one workspace, with a security channel."""
    people = [person("UANN"), person("UBEN", zone="America/New_York"), person("UBOSS")]
    directory = FakeDirectory(people, channels=[private_channel(CHANNEL)])
    owners = Owners(
        directory,
        OwnerRules(tuple(OwnerSource), ("owner",), {}, {}, None),
        CHANNEL,
        frozenset(),
    )
    rule_words = remediation or RemediationRules()
    asker = Asker(
        store, owners, directory, rules or AskingRules(), CHANNEL, owner_approves, rule_words
    )
    return Askings(store, clock, directory, asker)
