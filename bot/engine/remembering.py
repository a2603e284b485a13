"""What a look leaves in the store: findings, questions, the scan itself, and what to tell."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.engine import planner
from bot.engine.cards import ASK
from bot.engine.planner import Asked, Evaluation, Remediation, Seen
from bot.engine.proposing import ClaimsOf, Item, no_claims, reconcile
from bot.engine.views import FindingView, ScanResult
from bot.model import Actor, Part, ProposalRecord, Severity, Snapshot, fingerprint
from bot.store import accounts, dues, findings, scans
from bot.store.database import Store, Transaction
from bot.store.findings import Observation, SeenFinding


@dataclass(frozen=True, slots=True)
class Look:
    """A snapshot, what the controls say of it, and how each finding would be fixed."""

    snapshot: Snapshot
    evaluation: Evaluation
    asked: tuple[Asked, ...]
    remediations: tuple[Remediation, ...]
    started_at: datetime

    @property
    def unnamed_keys(self) -> int:
        """How many findings wait for their key's name."""
        return sum(remediation.needs == "key_id" for remediation in self.remediations)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a "no" keeps a question away, and how long an approval stands."""

    cool_off: timedelta = timedelta(days=30)
    approval: timedelta = timedelta(days=7)
    caps: Mapping[Severity, timedelta] = field(default_factory=dict)

    def cool_off_of(self, severity: Severity) -> timedelta:
        """How long a "no" holds for a finding as bad as this: worse ones come back sooner."""
        return min(self.cool_off, self.caps.get(severity, self.cool_off))


@dataclass(frozen=True, slots=True)
class Memory:
    """Remembers looks in one store."""

    store: Store
    patience: Patience
    clock: Callable[[], datetime]

    def keep(
        self,
        look: Look,
        actor: Actor,
        calls: Mapping[str, int],
        *,
        wanted: Collection[str] = (),
        claims_of: ClaimsOf = no_claims,
        asks: bool = False,
        whole: bool = True,
    ) -> ScanResult:
        """Write down what a look saw, open and close questions, all in one transaction.

        `wanted` are ids of findings that someone asks about: held ones among them ask again.
        `claims_of` says who owns what a new question is about. With `asks` whoever serves Slack
        asks about what is new right away, whichever process saw it. Not `whole` is a look at what
        a change was about.
        """
        with self.store.write() as tx:
            accounts.ensure_account(tx, look.snapshot.account)
            findings.end_exemptions(tx, tx.now)
            observation = findings.observe(
                tx,
                look.snapshot.account,
                _seen_findings(look),
                complete_controls=set(look.evaluation.evaluated),
                actor=actor,
                from_files=look.snapshot.offline,
            )
            tx.made = {
                each.digest: each.plan for each in look.remediations if each.digest is not None
            }
            items = _items(look, observation)
            shown = self._questions(tx, look, items, observation, actor, wanted, claims_of)
            finished = self.clock()
            self._record(tx, look, finished, calls, actor, whole=whole)
            if asks:
                dues.set_due(tx, ASK, look.snapshot.account.id, tx.now)
        return _result(look, items, shown, observation, finished, calls)

    def _questions(
        self,
        tx: Transaction,
        look: Look,
        items: Sequence[Item],
        observation: Observation,
        actor: Actor,
        wanted: Collection[str],
        claims_of: ClaimsOf,
    ) -> Mapping[str, ProposalRecord]:
        if look.snapshot.offline:
            return {}
        return reconcile(
            tx,
            look.snapshot.account,
            items,
            observation.resolved,
            actor,
            cool_off=self.patience.cool_off_of,
            approval=self.patience.approval,
            wanted=wanted,
            claims_of=claims_of,
        )

    @staticmethod
    def _record(
        tx: Transaction,
        look: Look,
        finished: datetime,
        calls: Mapping[str, int],
        actor: Actor,
        *,
        whole: bool,
    ) -> None:
        scans.record_scan(
            tx,
            look.snapshot.account.id,
            started_at=look.started_at,
            finished_at=finished,
            calls=calls,
            unavailable=look.snapshot.unavailable,
            not_evaluated=look.evaluation.not_evaluated,
            findings=len(look.asked),
            offline=look.snapshot.offline,
            actor=actor,
            principals=_principals(look.snapshot),
            whole=whole,
        )


def _principals(snapshot: Snapshot) -> int | None:
    """How many users and roles there are, as far as controls needed them; None where none did."""
    known = snapshot.parts
    counted = [len(known[each]) for each in (Part.USERS, Part.ROLES) if each in known]
    if Part.USERS not in known and Part.CREDENTIAL_REPORT in known:
        counted.append(len(snapshot.credential_report.users))
    return sum(counted) if counted else None


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
        warnings=_warnings(snapshot),
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
        Item(observation.records[_fingerprint(look.snapshot, asked.seen)], asked, remediation)
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


def _warnings(snapshot: Snapshot) -> tuple[str, ...]:
    """Protection that protects nobody: a pattern with a slip in it fails open."""
    kinds = (Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES)
    if any(kind not in snapshot.parts for kind in kinds):
        return ()
    arns = [each.arn for kind in kinds for each in snapshot.parts[kind]]
    return tuple(
        f"protected: {pattern} matches no identity of account {snapshot.account.id}"
        for pattern in snapshot.protection.unmatched(arns)
        if fnmatchcase(snapshot.account.id, (pattern.split(":") + ["*"] * 5)[4] or "*")
    )
