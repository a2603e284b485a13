"""One look at an account: read, detect, name keys, plan, remember."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.aws.connection import AwsConnection
from bot.aws.inventory import take_snapshot
from bot.aws.keys import merge_listed, name_keys, still_valid
from bot.engine import planner
from bot.engine.planner import Evaluation, PlanCheck, Seen
from bot.engine.proposing import Item, reconcile
from bot.engine.views import FindingView, ScanResult
from bot.model import (
    Actor,
    Part,
    ProposalRecord,
    Protection,
    Snapshot,
    fingerprint,
)
from bot.registry import Enabled
from bot.store import accounts, findings, keys, scans
from bot.store.database import Store, Transaction
from bot.store.findings import Observation, SeenFinding

Progress = Callable[[str], None]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """What the configuration says about looking and asking."""

    naming_budget: int = 400
    cool_off: timedelta = timedelta(days=30)
    change_stacks: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A snapshot, what the controls say of it, and how each finding would be fixed."""

    snapshot: Snapshot
    evaluation: Evaluation
    asked: tuple[planner.Asked, ...]
    remediations: tuple[planner.Remediation, ...]
    started_at: datetime
    unnamed_keys: int


class Scanner:
    """Looks at one account with the enabled controls and remembers what it saw."""

    def __init__(
        self,
        store: Store,
        enabled: Sequence[Enabled],
        settings: ScanSettings,
        judge: Callable[[Snapshot], PlanCheck],
        clock: Clock,
    ) -> None:
        self._store = store
        self._enabled = enabled
        self._settings = settings
        self._judge = judge
        self._clock = clock

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
        progress("Remembering what was seen")
        return self._remember(look, actor, calls=Counter(connection.calls) - before)

    def look_again(
        self,
        connection: AwsConnection,
        protection: Protection,
        control_ids: Iterable[str],
        users: Iterable[tuple[str, str]],
        actor: Actor,
        progress: Progress,
    ) -> ScanResult:
        """Look anew at what these controls need, with these users' keys read live.

        Controls that need nothing more come along, so that one question per subject holds.
        Nothing is said about the others.
        """
        wanted = set(control_ids)
        needs = frozenset[Part]().union(
            *(each.control.needs for each in self._enabled if each.control.id in wanted)
        )
        subset = [each for each in self._enabled if each.control.needs <= needs]
        named = list(users)
        before = Counter(connection.calls)
        look = self._look(
            connection, protection, subset, lambda _seen, _snapshot: named, None, progress
        )
        return self._remember(look, actor, calls=Counter(connection.calls) - before)

    def read_files(self, snapshot: Snapshot, actor: Actor) -> ScanResult:
        """Look at a snapshot that was built from files; its plans can't be applied."""
        started = self._clock()
        evaluation = planner.evaluate(snapshot, self._enabled)
        return self._remember(self._planned(snapshot, evaluation, started), actor, calls={})

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
            *(each.control.needs | each.control.plan_needs for each in enabled)
        )
        snapshot = take_snapshot(
            connection, needs, clock=self._clock, protection=protection, progress=progress
        )
        snapshot = self._with_remembered_keys(snapshot)
        progress("Evaluating controls")
        evaluation = planner.evaluate(snapshot, enabled)
        users = whom(evaluation, snapshot) if Part.KEY_NAMES in needs else ()
        if users:
            progress("Naming access keys")
            snapshot = self._name(connection, snapshot, users, budget)
            evaluation = self._evaluate_keys_again(evaluation, snapshot, enabled)
        return self._planned(snapshot, evaluation, started)

    def _with_remembered_keys(self, snapshot: Snapshot) -> Snapshot:
        if Part.CREDENTIAL_REPORT not in snapshot.parts:
            return snapshot
        with self._store.read() as tx:
            remembered = keys.remembered_keys(tx, snapshot.account.id)
        return merge_listed(snapshot, still_valid(remembered, snapshot.credential_report))

    def _users_to_name(
        self, evaluation: Evaluation, _snapshot: Snapshot
    ) -> Sequence[tuple[str, str]]:
        """Owners of keys that findings can't name yet, those with the worst findings first."""
        worst_first = sorted(evaluation.seen, key=lambda seen: seen.finding.severity.rank)
        wanted: dict[tuple[str, str], None] = {}
        for seen in worst_first:
            key = seen.finding.resource.key
            if key is not None and key.key_id is None:
                wanted[(key.user, key.user_id)] = None
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

    @staticmethod
    def _evaluate_keys_again(
        first: Evaluation, snapshot: Snapshot, enabled: Sequence[Enabled]
    ) -> Evaluation:
        about_keys = [
            each
            for each in enabled
            if Part.KEY_NAMES in each.control.needs | each.control.plan_needs
        ]
        again = planner.evaluate(snapshot, about_keys)
        replaced = {each.control.id for each in about_keys}
        kept = tuple(seen for seen in first.seen if seen.control.id not in replaced)
        return Evaluation(kept + again.seen, first.evaluated, first.not_evaluated)

    def _planned(self, snapshot: Snapshot, evaluation: Evaluation, started: datetime) -> Look:
        asked = planner.ask_once(evaluation.seen)
        check = self._judge(snapshot)
        remediations = tuple(
            planner.remedy(
                each.seen,
                snapshot,
                check=check,
                change_stacks=self._settings.change_stacks,
            )
            for each in asked
        )
        unnamed = sum(remediation.needs == "key_id" for remediation in remediations)
        return Look(snapshot, evaluation, asked, remediations, started, unnamed)

    def _remember(self, look: Look, actor: Actor, *, calls: Mapping[str, int]) -> ScanResult:
        snapshot = look.snapshot
        with self._store.write() as tx:
            accounts.ensure_account(tx, snapshot.account)
            findings.end_exemptions(tx, tx.now)
            observation = findings.observe(
                tx,
                snapshot.account,
                _seen_findings(look),
                complete_controls=set() if snapshot.offline else set(look.evaluation.evaluated),
                actor=actor,
                from_files=snapshot.offline,
            )
            items = _items(look, observation)
            shown = self._questions(tx, snapshot, items, observation, actor)
            finished = self._clock()
            scans.record_scan(
                tx,
                snapshot.account.id,
                started_at=look.started_at,
                finished_at=finished,
                calls=calls,
                unavailable=snapshot.unavailable,
                not_evaluated=look.evaluation.not_evaluated,
                findings=len(items),
                offline=snapshot.offline,
                actor=actor,
            )
        return self._result(look, items, shown, observation, finished, calls)

    def _questions(
        self,
        tx: Transaction,
        snapshot: Snapshot,
        items: Sequence[Item],
        observation: Observation,
        actor: Actor,
    ) -> Mapping[str, ProposalRecord]:
        if snapshot.offline:
            return {}
        return reconcile(
            tx,
            snapshot.account,
            items,
            observation.resolved,
            actor,
            cool_off=self._settings.cool_off,
        )

    @staticmethod
    def _result(
        look: Look,
        items: Sequence[Item],
        shown: Mapping[str, ProposalRecord],
        observation: Observation,
        finished: datetime,
        calls: Mapping[str, int],
    ) -> ScanResult:
        snapshot = look.snapshot
        views = [
            FindingView(
                item.record,
                item.remediation,
                shown.get(item.record.id),
                item.asked.asks_elsewhere,
            )
            for item in items
        ]
        return ScanResult(
            account=snapshot.account,
            started_at=look.started_at,
            finished_at=finished,
            calls=calls,
            unavailable=tuple(snapshot.unavailable.values()),
            not_evaluated=look.evaluation.not_evaluated,
            findings=views,
            new=len(observation.new) + len(observation.reopened),
            resolved=len(observation.resolved),
            offline=snapshot.offline,
            report_generated=_report_time(snapshot),
            unnamed_keys=look.unnamed_keys,
        )


def _seen_findings(look: Look) -> Sequence[SeenFinding]:
    return [
        SeenFinding(
            asked.seen.finding,
            asked.seen.control.topic,
            planner.aliases(asked.seen, look.snapshot),
            remediation.plan if look.snapshot.offline else None,
        )
        for asked, remediation in zip(look.asked, look.remediations, strict=True)
    ]


def _items(look: Look, observation: Observation) -> Sequence[Item]:
    return [
        Item(
            observation.records[_fingerprint(look.snapshot, asked.seen)],
            asked,
            remediation,
        )
        for asked, remediation in zip(look.asked, look.remediations, strict=True)
    ]


def _fingerprint(snapshot: Snapshot, seen: Seen) -> str:
    finding = seen.finding
    return fingerprint(
        snapshot.account, finding.control, finding.subject, from_files=snapshot.offline
    )


def _report_time(snapshot: Snapshot) -> datetime | None:
    if Part.CREDENTIAL_REPORT not in snapshot.parts:
        return None
    return snapshot.credential_report.generated
