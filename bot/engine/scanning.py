"""One look at an account: read, detect, name keys, plan."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.aws.connection import AwsConnection
from bot.engine import planner
from bot.engine.finding_reads import READ_FOR_FINDINGS, read_for_findings
from bot.engine.gathering import CustodyOf, Gathering, OwnersIn, Progress, ReadersIn
from bot.engine.naming import users_to_name, with_named_keys
from bot.engine.organization_members import ConnectTo
from bot.engine.planner import Evaluation, PlanCheck
from bot.engine.proposing import ClaimsOf, no_claims
from bot.engine.remembering import Look, Memory, Patience
from bot.engine.views import ScanResult
from bot.model import Actor, Finding, KnownAccounts, Part, Protection, Snapshot
from bot.registry import Enabled
from bot.store import proposals, watches
from bot.store.database import Store

#: Who owns what these findings are about; may ask AWS, and is done before anything is written.
ClaimsFor = Callable[[AwsConnection, Snapshot, Sequence[Finding]], ClaimsOf]


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What the configuration says about looking and asking."""

    naming_budget: int = 400
    last_access_budget: int = 1000
    pause: Callable[[float], None] = time.sleep
    listing_budget: int = 100
    change_stacks: bool = False
    known_accounts: KnownAccounts = field(default_factory=KnownAccounts)
    patience: Patience = field(default_factory=Patience)


class Scanner:
    """Looks at one account with the enabled controls and remembers what it saw."""

    def __init__(
        self,
        store: Store,
        enabled: Sequence[Enabled],
        settings: ScanSettings,
        judge: Callable[[Snapshot], PlanCheck],
        clock: Callable[[], datetime],
        claims_for: ClaimsFor | None = None,
        owners_in: OwnersIn | None = None,
        custody_of: CustodyOf | None = None,
        readers_in: ReadersIn | None = None,
        connect_to: ConnectTo | None = None,
    ) -> None:
        self._store = store
        self._enabled = enabled
        self._settings = settings
        self._judge = judge
        self._clock = clock
        self._claims_for = claims_for
        self._gathering = Gathering(
            store,
            clock,
            settings.last_access_budget,
            settings.listing_budget,
            settings.pause,
            owners_in,
            custody_of,
            readers_in,
            connect_to,
        )
        self._memory = Memory(store, settings.patience, clock)

    def scan(
        self, connection: AwsConnection, protection: Protection, actor: Actor, progress: Progress
    ) -> ScanResult:
        """Look with every control and name new keys within the budget."""
        before = Counter(connection.calls)
        look = self._look(
            connection,
            protection,
            self._enabled,
            users_to_name,
            self._settings.naming_budget,
            progress,
        )
        claims_of = self._claims_of(connection, look, progress)
        progress("Remembering what was seen")
        return self._memory.keep(
            look,
            actor,
            Counter(connection.calls) - before,
            claims_of=claims_of,
            asks=self._claims_for is not None,
        )

    def look_again(
        self,
        connection: AwsConnection,
        protection: Protection,
        control_ids: Iterable[str],
        users: Iterable[tuple[str, str]],
        actor: Actor,
        progress: Progress,
        *,
        wanted: Collection[str] = (),
    ) -> ScanResult:
        """Look anew at what these controls need, with these users' keys read live.

        Controls that need nothing more come along, so that one question per subject holds.
        Nothing is said about the others. `wanted` are findings that someone asks about.
        """
        looked_at = set(control_ids)
        needs = frozenset[Part]().union(
            *(each.control.needs for each in self._enabled if each.control.id in looked_at)
        )
        subset = [each for each in self._enabled if each.control.needs <= needs]
        named = list(users)
        before = Counter(connection.calls)
        look = self._look(
            connection, protection, subset, lambda _seen, _snapshot: named, None, progress
        )
        claims_of = self._claims_of(connection, look, progress)
        return self._memory.keep(
            look,
            actor,
            Counter(connection.calls) - before,
            wanted=wanted,
            claims_of=claims_of,
            whole=False,
        )

    def read_files(self, snapshot: Snapshot, actor: Actor) -> ScanResult:
        """Look at a snapshot that was built from files; its plans can't be applied."""
        started = self._clock()
        snapshot = replace(snapshot, known_accounts=self._settings.known_accounts)
        evaluation = planner.evaluate(snapshot, self._enabled)
        return self._memory.keep(self._planned(snapshot, evaluation, started), actor, {})

    def _claims_of(self, connection: AwsConnection, look: Look, progress: Progress) -> ClaimsOf:
        """Who owns what is new; what has an open question keeps the owners of that."""
        if self._claims_for is None:
            return no_claims
        with self._store.read() as tx:
            taken = {each.subject for each in proposals.open_proposals(tx, connection.account.id)}
        new = [
            asked.seen.finding
            for asked, remediation in zip(look.asked, look.remediations, strict=True)
            if asked.asks_elsewhere is None
            and remediation.digest is not None
            and asked.seen.finding.subject not in taken
        ]
        progress("Finding owners")
        return self._claims_for(connection, look.snapshot, new)

    def _look(
        self,
        connection: AwsConnection,
        protection: Protection,
        enabled: Sequence[Enabled],
        whom: Callable[[Evaluation, Snapshot], Sequence[tuple[str, str]]],
        budget: int | None,
        progress: Progress,
    ) -> Look:
        started = self._clock()
        needs = frozenset[Part]().union(
            *(
                each.control.needs | each.control.plan_needs | each.settings.needs()
                for each in enabled
            )
        )
        gathered = self._gathering.gather(connection, protection, needs, progress)
        snapshot = replace(gathered, known_accounts=self._settings.known_accounts)
        progress("Evaluating controls")
        evaluation = planner.evaluate(snapshot, enabled)
        users = whom(evaluation, snapshot) if Part.KEY_NAMES in needs else ()
        if users:
            progress("Naming access keys")
            snapshot = with_named_keys(
                connection, snapshot, users, budget, self._store, self._clock
            )
            about_keys = _needing(Part.KEY_NAMES, enabled)
            evaluation = _evaluate_again(evaluation, snapshot, about_keys)
        snapshot, evaluation = self._weighed(connection, snapshot, evaluation, enabled, progress)
        return self._planned(snapshot, evaluation, started)

    def _weighed(
        self,
        connection: AwsConnection,
        snapshot: Snapshot,
        evaluation: Evaluation,
        enabled: Sequence[Enabled],
        progress: Progress,
    ) -> tuple[Snapshot, Evaluation]:
        """Both with what is read only once something was found that it matters to."""
        for part in READ_FOR_FINDINGS:
            weighing = _needing(part, enabled)
            about = {each.control.id for each in weighing}
            found = [each.finding for each in evaluation.seen if each.control.id in about]
            if found:
                progress(f"Reading {part.value.replace('-', ' ')}")
                snapshot = read_for_findings(
                    part,
                    connection,
                    snapshot,
                    found,
                    budget=self._settings.last_access_budget,
                    pause=self._settings.pause,
                )
                evaluation = _evaluate_again(evaluation, snapshot, weighing)
        return snapshot, evaluation

    def _planned(self, snapshot: Snapshot, evaluation: Evaluation, started: datetime) -> Look:
        asked = planner.ask_once(evaluation.seen)
        check = self._judge(snapshot)
        with self._store.read() as tx:
            looked_after = watches.looked_after(tx, snapshot.account.id)
        remediations = tuple(
            planner.wait_for_watches(
                each.seen,
                planner.remedy(
                    each.seen,
                    snapshot,
                    check=check,
                    change_stacks=self._settings.change_stacks,
                ),
                looked_after,
            )
            for each in asked
        )
        return Look(snapshot, evaluation, asked, remediations, started)


def _needing(part: Part, enabled: Sequence[Enabled]) -> list[Enabled]:
    return [each for each in enabled if part in each.control.needs | each.control.plan_needs]


def _evaluate_again(first: Evaluation, snapshot: Snapshot, about: Sequence[Enabled]) -> Evaluation:
    """The evaluation with what these controls say now, once more was read for them."""
    again = planner.evaluate(snapshot, about)
    replaced = {each.control.id for each in about}
    kept = tuple(seen for seen in first.seen if seen.control.id not in replaced)
    not_evaluated = {name: why for name, why in first.not_evaluated.items() if name not in replaced}
    return Evaluation(
        kept + again.seen,
        (first.evaluated - replaced) | again.evaluated,
        {**not_evaluated, **again.not_evaluated},
    )
