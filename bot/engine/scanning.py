"""One look at an account: read, detect, name keys, plan."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.key_uses import with_key_uses
from bot.aws.keys import merge_listed, name_keys, still_valid
from bot.aws.last_access import read_last_access
from bot.aws.reading import ReadFailedError
from bot.aws.user_lists import with_user_lists
from bot.engine import planner
from bot.engine.finding_reads import READ_FOR_FINDINGS, read_for_findings
from bot.engine.planner import Evaluation, PlanCheck
from bot.engine.policy_reports import with_policy_reports
from bot.engine.proposing import ClaimsOf, no_claims
from bot.engine.remembering import Look, Memory, Patience
from bot.engine.views import ScanResult
from bot.model import (
    Actor,
    Finding,
    Part,
    Protection,
    RootCustody,
    Snapshot,
    Unavailable,
)
from bot.registry import Enabled
from bot.store import accounts, fences, handovers, keys, proposals, watches
from bot.store.database import Store, Transaction
from bot.store.handovers import Handover

Progress = Callable[[str], None]
Clock = Callable[[], datetime]
#: Who owns what these findings are about; may ask AWS, and is done before anything is written.
ClaimsFor = Callable[[AwsConnection, Snapshot, Sequence[Finding]], ClaimsOf]
#: Who confirmed that an account's root user is in good hands.
CustodyOf = Callable[[Transaction, str], RootCustody]
#: Who may read the secrets of users' new access keys, by unique id.
ReadersIn = Callable[[Snapshot], Mapping[str, str]]
#: Who owns users whom no tag gives an owner, by unique id; asks nobody.
OwnersIn = Callable[[Snapshot, Mapping[str, Handover]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What the configuration says about looking and asking."""

    naming_budget: int = 400
    last_access_budget: int = 1000
    pause: Callable[[float], None] = time.sleep
    listing_budget: int = 100
    change_stacks: bool = False
    patience: Patience = field(default_factory=Patience)


class Scanner:
    """Looks at one account with the enabled controls and remembers what it saw."""

    def __init__(
        self,
        store: Store,
        enabled: Sequence[Enabled],
        settings: ScanSettings,
        judge: Callable[[Snapshot], PlanCheck],
        clock: Clock,
        claims_for: ClaimsFor | None = None,
        owners_in: OwnersIn | None = None,
        custody_of: CustodyOf | None = None,
        readers_in: ReadersIn | None = None,
    ) -> None:
        self._store = store
        self._enabled = enabled
        self._settings = settings
        self._judge = judge
        self._clock = clock
        self._claims_for = claims_for
        self._owners_in = owners_in
        self._custody_of = custody_of
        self._readers_in = readers_in
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
            self._users_to_name,
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
        if self._readers_in is not None and Part.KEY_NAMES in needs:
            needs |= {Part.SECRETS}
        snapshot = take_snapshot(
            connection, needs, clock=self._clock, protection=protection, progress=progress
        )
        snapshot = with_user_lists(connection, snapshot, needs, self._settings.listing_budget)
        snapshot = self._with_remembered_keys(self._with_owners(snapshot))
        if Part.LAST_ACCESS in needs:
            snapshot = self._with_last_access(connection, snapshot, progress)
        if Part.KEY_USES in needs:
            progress("Looking where access keys were used from")
            snapshot = with_key_uses(connection, snapshot, self._settings.listing_budget)
        snapshot = with_policy_reports(
            connection,
            snapshot,
            needs,
            budget=self._settings.last_access_budget,
            pause=self._settings.pause,
            progress=progress,
        )
        if Part.ROOT_CUSTODY in needs:
            snapshot = self._with_custody(snapshot)
        if Part.FENCES in needs:
            snapshot = self._with_fences(snapshot)
        progress("Evaluating controls")
        evaluation = planner.evaluate(snapshot, enabled)
        users = whom(evaluation, snapshot) if Part.KEY_NAMES in needs else ()
        if users:
            progress("Naming access keys")
            snapshot = self._name(connection, snapshot, users, budget)
            about_keys = _needing(Part.KEY_NAMES, enabled)
            evaluation = _evaluate_again(evaluation, snapshot, about_keys)
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
        return self._planned(snapshot, evaluation, started)

    def _with_last_access(
        self, connection: AwsConnection, snapshot: Snapshot, progress: Progress
    ) -> Snapshot:
        members = [user for user in snapshot.parts.get(Part.USERS, ()) if user.groups]
        progress("Reading what members of groups last used")
        try:
            seen = read_last_access(
                connection,
                members,
                budget=self._settings.last_access_budget,
                now=snapshot.taken_at,
                pause=self._settings.pause,
            )
        except ReadFailedError as error:
            said = f"{error.code}: {error.message}"
            gap = Unavailable(Part.LAST_ACCESS, error.operation, said, error.grant)
            return replace(snapshot, unavailable={**snapshot.unavailable, Part.LAST_ACCESS: gap})
        return replace(snapshot, parts={**snapshot.parts, Part.LAST_ACCESS: seen})

    def _with_custody(self, snapshot: Snapshot) -> Snapshot:
        custody = RootCustody()
        if self._custody_of is not None:
            with self._store.read() as tx:
                custody = self._custody_of(tx, snapshot.account.id)
        return replace(snapshot, parts={**snapshot.parts, Part.ROOT_CUSTODY: custody})

    def _with_fences(self, snapshot: Snapshot) -> Snapshot:
        with self._store.read() as tx:
            put = fences.fences_put(tx, snapshot.account.id)
        return replace(snapshot, parts={**snapshot.parts, Part.FENCES: put})

    def _with_owners(self, snapshot: Snapshot) -> Snapshot:
        if self._readers_in is not None:
            snapshot = replace(snapshot, readers=self._readers_in(snapshot))
        if self._owners_in is None:
            return snapshot
        with self._store.read() as tx:
            given = handovers.handovers(tx, snapshot.account.id)
        return replace(snapshot, owners=self._owners_in(snapshot, given))

    def _with_remembered_keys(self, snapshot: Snapshot) -> Snapshot:
        if Part.CREDENTIAL_REPORT not in snapshot.parts:
            return snapshot
        with self._store.read() as tx:
            remembered = keys.remembered_keys(tx, snapshot.account.id)
        return merge_listed(snapshot, still_valid(remembered, snapshot.credential_report))

    def _users_to_name(
        self, evaluation: Evaluation, snapshot: Snapshot
    ) -> Sequence[tuple[str, str]]:
        """Owners of keys that findings can't name yet, those with the worst findings first."""
        worst_first = sorted(evaluation.seen, key=lambda seen: seen.finding.severity.rank)
        wanted: dict[tuple[str, str], None] = {}
        for seen in worst_first:
            owner = planner.owner_to_name(seen, snapshot)
            if owner is not None:
                wanted[owner] = None
        return tuple(wanted)

    def _name(
        self,
        connection: AwsConnection,
        snapshot: Snapshot,
        users: Sequence[tuple[str, str]],
        budget: int | None,
    ) -> Snapshot:
        names = name_keys(
            connection,
            users,
            budget=len(users) * 16 if budget is None else budget,
            snapshot=snapshot,
            clock=self._clock,
        )
        now = self._clock()
        with self._store.write() as tx:
            accounts.ensure_account(tx, snapshot.account)
            keys.remember_many(
                tx,
                snapshot.account.id,
                {user_id: (now, listed) for user_id, listed in names.listed.items()},
            )
        merged = merge_listed(snapshot, names.listed)
        if names.unavailable is None:
            return merged
        gaps = {**merged.unavailable, Part.KEY_NAMES: names.unavailable}
        return replace(merged, unavailable=gaps)

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
