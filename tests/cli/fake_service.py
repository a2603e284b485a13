"""An application without AWS or database: gives what a test puts in, notes what it was asked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.cli.context import GlobalOptions
from bot.cli.screen import Screen
from bot.config import Config
from bot.engine.anchor_checking import AnchorsVerdict
from bot.engine.anchoring import Noted
from bot.engine.codes import Codes, Enrolment
from bot.engine.doors import Contained
from bot.engine.foreseeing import Foreseen
from bot.engine.overview import State
from bot.engine.rehearsing import Rehearsal
from bot.engine.story import Chapter, Story
from bot.engine.taking_back import Reversal
from bot.engine.tidying import Tidied
from bot.engine.views import FindingView, ProposalView, ScanResult
from bot.errors import ExitCode, LocksmithError, NotFoundError, StaleError, UsageError
from bot.model import (
    Account,
    Actor,
    Attested,
    AuditEvent,
    ExecutionRecord,
    FindingStatus,
    Freeze,
    Greeting,
    Origin,
    ProposalRecord,
    ProposalState,
    Protection,
    Severity,
    Signer,
    Snapshot,
    WatchRecord,
)
from bot.policy import Document, parse_document
from bot.store.accounts import AccountRecord
from bot.store.audit import AuditVerdict
from tests.reports.samples import (
    ACCOUNT,
    ALICE,
    EVENT,
    NOW,
    containment,
    execution,
    foreseen,
    proposal,
    record,
    rehearsal,
    scan_result,
    state,
    view,
)

#: What everyone who is enrolled gets.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class FakeService:
    """The use cases over a few records. `asked` are the calls that came in, `errors` raise."""

    views: dict[str, FindingView] = field(default_factory=lambda: {"f-7k2m9q4d": view()})
    proposals: dict[str, ProposalRecord] = field(default_factory=lambda: {"p-3x8w5c1z": proposal()})
    done: dict[str, ExecutionRecord] = field(default_factory=lambda: {"x-9p4v2b6n": execution()})
    reversed: list[Reversal] = field(default_factory=list)
    watches: dict[str, WatchRecord] = field(default_factory=dict)
    result: ScanResult = field(default_factory=scan_result)
    verdict: AuditVerdict = field(
        default_factory=lambda: AuditVerdict(ok=True, events=1, head_seq=1, head_hash="ab")
    )
    rehearsed: Rehearsal = field(default_factory=rehearsal)
    applied: ExecutionRecord = field(default_factory=execution)
    contained: Contained = field(default_factory=containment)
    foreseen: list[Foreseen] = field(default_factory=foreseen)
    state: State = field(default_factory=state)
    account_ids: tuple[str, ...] = (ACCOUNT.id,)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    shut: dict[str | None, LocksmithError] = field(default_factory=dict)
    people_needed: int = 1
    exempts_alone: bool = True
    errors: dict[str, BaseException] = field(default_factory=dict)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def _note(self, name: str, *given: Any) -> None:
        self.asked.append((name, *given))
        if name in self.errors:
            raise self.errors[name].with_traceback(None)

    def names(self) -> list[str]:
        """Which use cases were asked for, in order."""
        return [call[0] for call in self.asked]

    def accounts(self, named: str | None = None) -> tuple[str, ...]:
        if named is None:
            return self.account_ids
        if named not in self.account_ids:
            raise UsageError(f"account {named} is none of those that are looked at")
        return (named,)

    def scan(
        self, actor: Actor, progress: Callable[[str], None], account_id: str | None = None
    ) -> ScanResult:
        self._note("scan", actor)
        progress("Reading")
        if account_id in self.shut:
            raise self.shut[account_id]
        return replace(self.result, account=Account(account_id or ACCOUNT.id, ACCOUNT.partition))

    def scan_offline(self, actor: Actor, snapshot: Snapshot) -> ScanResult:
        self._note("scan_offline", snapshot)
        return replace(self.result, account=snapshot.account, offline=True, calls={})

    def findings(
        self,
        *,
        status: FindingStatus | None = None,
        control: str | None = None,
        severity: Severity | None = None,
        account: str | None = None,
    ) -> list[FindingView]:
        self._note("findings", status, control, severity, account)
        wanted = {"status": status, "control": control, "severity": severity, "account": account}
        return [
            each
            for each in self.views.values()
            if all(
                value is None
                or value
                == {
                    "status": each.record.status,
                    "control": each.record.finding.control,
                    "severity": each.record.finding.severity,
                    "account": each.record.account.id,
                }[name]
                for name, value in wanted.items()
            )
        ]

    def finding(self, finding_id: str) -> FindingView:
        self._note("finding", finding_id)
        if finding_id not in self.views:
            raise NotFoundError(f"there is no finding {finding_id}", hint="List them.")
        return self.views[finding_id]

    def story(self, any_id: str) -> Story:
        self._note("story", any_id)
        view = self.finding(any_id)
        record = view.record
        chapters = [Chapter(view.proposal, None)] if view.proposal else []
        name, facts = record.finding.resource.name, {"last used": "2026-09-01T00:00:00Z"}
        return Story(
            record.account, record.finding.subject, name, [record], chapters, facts, ["Decide it"]
        )

    def refresh(
        self, finding_id: str, actor: Actor, progress: Callable[[str], None]
    ) -> FindingView:
        self._note("refresh", finding_id)
        progress("Looking again")
        return self.finding(finding_id)

    def proposal(self, proposal_id: str) -> ProposalView:
        self._note("proposal", proposal_id)
        if proposal_id not in self.proposals:
            raise NotFoundError(f"there is no proposal {proposal_id}")
        asked = self.proposals[proposal_id]
        finding = self.views.get(asked.finding_id or "")
        return ProposalView(asked, finding, (), None)

    def open_proposal(self, any_id: str) -> ProposalRecord:
        self._note("open_proposal", any_id)
        if any_id.startswith("p-"):
            return self.proposal(any_id).proposal
        self.finding(any_id)
        for asked in self.proposals.values():
            if asked.finding_id == any_id and asked.state.is_open:
                return asked
        raise NotFoundError(f"{any_id} has no open proposal: none was made")

    def _move(self, proposal_id: str, state: ProposalState, **changes: Any) -> ProposalView:
        moved = replace(self.proposal(proposal_id).proposal, state=state, **changes)
        self.proposals[proposal_id] = moved
        return self.proposal(proposal_id)

    def approve(self, proposal_id: str, digest: str, actor: Actor) -> ProposalView:
        self._note("approve", proposal_id, digest)
        if digest != self.proposals[proposal_id].digest:
            raise StaleError(f"{proposal_id}: its digest changed")
        enough = self.people_needed == 1
        return self._move(proposal_id, ProposalState.APPROVED if enough else ProposalState.PROPOSED)

    def deny(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView:
        self._note("deny", proposal_id, reason)
        return self._move(proposal_id, ProposalState.DENIED, why=reason)

    def snooze(self, proposal_id: str, until: datetime, reason: str, actor: Actor) -> ProposalView:
        self._note("snooze", proposal_id, until, reason)
        return self._move(proposal_id, ProposalState.SNOOZED, snoozed_until=until)

    def exempt(self, finding_id: str, reason: str, until: datetime, actor: Actor) -> FindingView:
        self._note("exempt", finding_id, reason, until)
        if not self.exempts_alone:
            return self.views[finding_id]
        exempted = record(status=FindingStatus.EXEMPT, exempt_until=until, exempt_reason=reason)
        return FindingView(exempted)

    def apply(
        self, proposal_id: str, actor: Actor, progress: Callable[[str], None]
    ) -> ExecutionRecord:
        self._note("apply", proposal_id)
        return replace(self.applied, proposal_id=proposal_id)

    def rehearse(self, proposal_id: str, actor: Actor) -> Rehearsal:
        self._note("rehearse", proposal_id)
        return self.rehearsed

    def reversals(
        self, since: datetime, *, rule: str | None = None, account: str | None = None
    ) -> list[Reversal]:
        self._note("reversals", since, rule, account)
        return self.reversed

    def undo(self, any_id: str, actor: Actor) -> ProposalView:
        self._note("undo", any_id)
        number = sum(call[0] == "undo" for call in self.asked) - 1
        asked = proposal(id=f"p-undo000{number}", origin=Origin.UNDO, undoes="x-9p4v2b6n")
        self.proposals[asked.id] = asked
        return self.proposal(asked.id)

    def settle(self, proposal_id: str, reason: str, actor: Actor) -> ProposalView:
        self._note("settle", proposal_id, reason)
        return self._move(proposal_id, ProposalState.CANCELLED, why=reason)

    def executions(self) -> list[ExecutionRecord]:
        self._note("executions")
        return list(self.done.values())

    def watch(self, execution_id: str) -> WatchRecord | None:
        self._note("watch", execution_id)
        return self.watches.get(execution_id)

    def execution(self, execution_id: str) -> ExecutionRecord:
        self._note("execution", execution_id)
        if execution_id not in self.done:
            raise NotFoundError(f"there is no execution {execution_id}")
        return self.done[execution_id]

    def policy(self, arn: str, actor: Actor) -> Document:
        if arn not in self.policies:
            raise NotFoundError(f"AWS knows no policy {arn}")
        return parse_document(self.policies[arn], where=arn)

    def account(self, account_id: str) -> AccountRecord:
        self._note("account", account_id)
        if account_id != ACCOUNT.id:
            raise NotFoundError(f"account {account_id} was never scanned", hint="Scan it.")
        return AccountRecord(ACCOUNT, "notify")

    def go_live(self, account_id: str, actor: Actor) -> AccountRecord:
        self._note("go_live", account_id)
        return AccountRecord(ACCOUNT, "live", NOW, str(actor), NOW)

    def contain(self, user: str, actor: Actor, progress: Callable[[str], None]) -> Contained:
        self._note("contain", user, actor)
        progress("Looking how they get in")
        return replace(self.contained, user=user)

    def attest_root(self, account_id: str, actor: Actor) -> Attested:
        self._note("attest_root", account_id)
        return Attested(account_id, 1, None)

    def review_policy(self, finding_id: str, actor: Actor) -> FindingView:
        self._note("review_policy", finding_id)
        if not self.exempts_alone:
            return self.views[finding_id]
        until = NOW + timedelta(days=180)
        reviewed = record(status=FindingStatus.EXEMPT, exempt_until=until, exempt_reason="reviewed")
        return FindingView(reviewed)

    def pause(self, reason: str, actor: Actor) -> Freeze:
        self._note("pause", reason)
        return Freeze(NOW, actor, reason)

    def forecast(self) -> list[Foreseen]:
        self._note("forecast")
        return self.foreseen

    def play(self, days: int) -> list[Foreseen]:
        self._note("play", days)
        return self.foreseen

    def confirm_account(self, account_id: str, actor: Actor) -> None:
        self._note("confirm_account", account_id, actor)

    def resume(self, actor: Actor) -> Freeze:
        self._note("resume")
        return Freeze(NOW, ALICE, "an incident", NOW, actor)

    def forget(self, names: Sequence[str], actor: Actor) -> int:
        self._note("forget", tuple(names))
        return 7

    def enrol(self, enrolment: Enrolment, code: str, actor: Actor) -> None:
        enrolment.verify(code)
        self._note("enrol", enrolment.person)
        enrolment.save()

    def withdraw(self, codes: Codes, person: str, actor: Actor) -> None:
        codes.remove(person)
        self._note("withdraw", person)

    def audit_events(self, *, subject: str | None = None, limit: int = 50) -> list[AuditEvent]:
        self._note("audit_events", subject, limit)
        return [EVENT]

    def audit_verify(self) -> AuditVerdict:
        self._note("audit_verify")
        return self.verdict

    def audit_export(self) -> Iterator[AuditEvent]:
        self._note("audit_export")
        yield from [EVENT, EVENT]


@dataclass
class FakeAnchors:
    """Anchors that say what a test puts in; `replaced` are the files that were asked about."""

    noted: list[Noted] = field(default_factory=list)
    compared: AnchorsVerdict | None = None
    signer: Signer | None = None
    error: LocksmithError | None = None
    replaced: tuple[Path, ...] = ()

    @property
    def placing(self) -> "FakeAnchors":
        return self

    @property
    def checking(self) -> "FakeAnchors":
        return self

    def anchor(self) -> list[Noted]:
        if self.error is not None:
            raise self.error
        return self.noted

    def check(self, replaced: tuple[Path, ...]) -> AnchorsVerdict:
        if self.error is not None:
            raise self.error
        assert self.compared is not None
        self.replaced = replaced
        return self.compared


class FakeTidying:
    """Housekeeping that always removes as much."""

    def tidy(self, actor: Actor) -> Tidied:
        return Tidied(messages=1, proposals=2)


@dataclass
class FakeApp:
    """An application around a fake service."""

    service: FakeService
    config: Config
    codes: Codes
    anchors: Any
    actor: Actor = ALICE
    closed: bool = False
    serving_ends: LocksmithError | None = None
    tidying: FakeTidying = field(default_factory=FakeTidying)

    def serve(self, say: Callable[[str], None]) -> None:
        say("serving")
        if self.serving_ends is not None:
            raise self.serving_ends

    def slack_manifest(self, url: str | None) -> str:
        return f"url: {url}\n"

    def slack_check(self) -> Greeting:
        return Greeting("T1", "House", "U1", "https://house.slack.com/", "B1")

    def now(self) -> datetime:
        return NOW

    def state(self) -> State:
        return self.service.state

    def protection(self) -> Protection:
        return Protection()

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeDoors:
    """What the composition root would give; `opened` are the options it was opened with."""

    service: FakeService = field(default_factory=FakeService)
    terminal: bool = False
    environ: dict[str, str] = field(default_factory=dict)
    opened: list[GlobalOptions] = field(default_factory=list)
    apps: list[FakeApp] = field(default_factory=list)
    demos: list[tuple[int, bool]] = field(default_factory=list)
    folder: Path = field(default_factory=Path.cwd)
    serving_ends: LocksmithError | None = None
    anchors: FakeAnchors = field(default_factory=FakeAnchors)

    def open(self, options: GlobalOptions) -> FakeApp:
        self.opened.append(options)
        codes = Codes(self.folder / "codes.json", lambda: NOW, lambda: SECRET)
        app = FakeApp(self.service, options.configuration(self.environ), codes, self.anchors)
        app.serving_ends = self.serving_ends
        self.apps.append(app)
        return app

    def demo(self, *, users: int, serve: bool, screen: Screen) -> ExitCode | None:
        self.demos.append((users, serve))
        screen.say("playing")
        return None

    def at_terminal(self) -> bool:
        return self.terminal
