"""Records to show: one finding with its plan, its question, its execution, and a whole scan."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.engine.doors import Contained, Door, DoorState
from bot.engine.foreseeing import Foreseen, Outlook
from bot.engine.looking import Seen
from bot.engine.overview import State, Topic
from bot.engine.planner import Remediation
from bot.engine.rehearsing import Rehearsal, RehearsedStep
from bot.engine.remediation import RemediationRule, Ruling
from bot.engine.views import FindingView, ProposalView, ScanResult
from bot.engine.watching import Case, Watched
from bot.model import (
    Account,
    Actor,
    AuditEvent,
    Call,
    Control,
    Decision,
    ExecutionRecord,
    Expect,
    Finding,
    FindingRecord,
    FindingStatus,
    Freeze,
    KeyReference,
    Manual,
    Operator,
    Origin,
    Outcome,
    Part,
    Plan,
    ProposalRecord,
    ProposalState,
    RemediationMode,
    Resource,
    Risk,
    Settings,
    Severity,
    Standards,
    Step,
    StepRecord,
    Unavailable,
    Verdict,
)
from bot.reports.catalogue import ControlView

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ACCOUNT = Account("123456789012")
ALICE = Actor("local", "alice@laptop", "arn:aws:iam::123456789012:user/alice")
KEY_ID = "AKIAIOSFODNN7EXAMPLE"


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def _status_is(value: str) -> Expect:
    return Expect(
        Call("iam", "ListAccessKeys", {"UserName": "ann"}),
        f"AccessKeyMetadata[?AccessKeyId=='{KEY_ID}'].Status | [0]",
        Operator.EQUALS,
        value,
    )


def _set_status(value: str) -> Call:
    return Call(
        "iam",
        "UpdateAccessKey",
        {"UserName": "ann", "AccessKeyId": KEY_ID, "Status": value},
    )


DEACTIVATE = Step(
    name="deactivate",
    summary="Deactivate the access key",
    risk=Risk.REVERSIBLE,
    before=(_status_is("Active"),),
    do=_set_status("Inactive"),
    after=(_status_is("Inactive"),),
    undo=_set_status("Active"),
)
DELETE = Step(
    name="delete",
    summary="Delete the access key",
    risk=Risk.IRREVERSIBLE,
    before=(_status_is("Inactive"),),
    do=Call("iam", "DeleteAccessKey", {"UserName": "ann", "AccessKeyId": KEY_ID}),
    after=(replace(_status_is("Inactive"), operator=Operator.ABSENT, value=None),),
    irreversible_because="AWS never gives a deleted key back",
)
PLAN = Plan(
    ACCOUNT,
    KEY_ID,
    (DEACTIVATE,),
    "Deactivate ann's access key",
    ("whatever still signs in with it",),
)
FINAL_PLAN = Plan(ACCOUNT, KEY_ID, (DELETE,), "Delete ann's access key")
BY_HAND = Manual(
    ACCOUNT,
    "123456789012",
    "AWS has no API for root's MFA",
    ("Sign in as root", "Add a device"),
    ("https://docs.aws.amazon.com/root",),
)

FINDING = Finding(
    control="unused-access-key",
    subject=KEY_ID,
    resource=Resource(
        "access-key",
        f"ann/{KEY_ID}",
        "arn:aws:iam::123456789012:user/ann",
        KEY_ID,
        KeyReference("ann", "AIDAANN", 1, days_ago(400), KEY_ID),
    ),
    severity=Severity.MEDIUM,
    summary="ann's access key was not used for 200 days",
    evidence={"last_used": "2026-05-08T12:00:00Z", "service": "s3", "mfa": False, "also": ["x"]},
)


def record(**changes: Any) -> FindingRecord:
    """A finding of an unused key; `changes` are of the record."""
    return replace(
        FindingRecord(
            id="f-7k2m9q4d",
            fingerprint="ab" * 32,
            account=ACCOUNT,
            finding=FINDING,
            topic="unused_credentials",
            status=FindingStatus.OPEN,
            first_seen=days_ago(3),
            last_seen=NOW,
        ),
        **changes,
    )


def proposal(**changes: Any) -> ProposalRecord:
    """The open question about that key; `digest` follows `plan`."""
    made = replace(
        ProposalRecord(
            id="p-3x8w5c1z",
            account=ACCOUNT,
            subject=KEY_ID,
            origin=Origin.FINDING,
            state=ProposalState.PROPOSED,
            digest="",
            plan=PLAN,
            control="unused-access-key",
            finding_id="f-7k2m9q4d",
            created_at=days_ago(3),
            changed_at=days_ago(3),
        ),
        **changes,
    )
    return made if made.digest else replace(made, digest=made.plan.digest())


def view(**changes: Any) -> FindingView:
    """That finding as a live look shows it."""
    return replace(
        FindingView(record(), Remediation("plan", PLAN, PLAN.digest()), proposal()), **changes
    )


def execution(**changes: Any) -> ExecutionRecord:
    """The deactivation, carried out."""
    return replace(
        ExecutionRecord(
            id="x-9p4v2b6n",
            proposal_id="p-3x8w5c1z",
            account=ACCOUNT,
            actor=ALICE,
            started_at=days_ago(1),
            finished_at=days_ago(1) + timedelta(seconds=7),
            state=ProposalState.DONE,
            why="",
            steps=(
                StepRecord(
                    0,
                    "deactivate",
                    Outcome.HOLDS,
                    days_ago(1),
                    days_ago(1) + timedelta(seconds=6),
                    "req-1",
                ),
            ),
        ),
        **changes,
    )


def containment(**changes: Any) -> Contained:
    """A user with a key off, a role open for two hours more, and the rest closed."""
    known = Contained(
        "carol",
        ACCOUNT,
        (
            Door("access key AKIAIOSFODNN7EXAMPLE", DoorState.CLOSED, note="it is off"),
            Door("sessions of the role deploy", DoorState.OPEN, NOW + timedelta(hours=2)),
        ),
        since=NOW,
        executions=(execution(),),
    )
    return replace(known, **changes)


RULE = RemediationRule("sandbox-keys", RemediationMode.AUTO, frozenset({"unused-access-key"}))


def state(*, well: bool = False) -> State:
    """Two accounts, of which one can't be entered, or both of them as they should be."""
    since = NOW - timedelta(days=2)
    sentence = "Account 210987654321 can't be looked at: AccessDenied"
    case = Case("210987654321", "failed", since, sentence)
    return State(
        (
            Topic("credentials", {Severity.HIGH: 2, Severity.LOW: 1}, 1, 5, 9, 0),
            Topic("least-privilege", {}, 0, 0, 0, 3),
        ),
        (
            Watched(
                ACCOUNT.id,
                "sandbox",
                is_live=True,
                looked_at=NOW - timedelta(hours=2),
                next_at=NOW + timedelta(hours=4),
            ),
            Watched("210987654321", looked_at=since, cases=() if well else (case,)),
        ),
        None if well else Freeze(NOW - timedelta(hours=1), ALICE, "an incident"),
        () if well else ("rules make at most 5 changes an hour in account 123456789012",),
    )


def foreseen() -> list[Foreseen]:
    """A rule that acts tomorrow, one that is held up, and a finding that is asked about."""
    acted = Outlook(record(), Ruling(RemediationMode.AUTO, RULE), proposal())
    asked = Outlook(record(id="f-other"), Ruling(RemediationMode.ASK))
    tomorrow = NOW + timedelta(days=1)
    return [
        Foreseen(acted, "waits: rules make at most 10 changes a day in account 123456789012", NOW),
        Foreseen(acted, "is done, since nobody objected", tomorrow, acts=True),
        Foreseen(acted, "comes later", tomorrow, is_later=True),
        Foreseen(asked, "is asked; without an answer its question ends 2026-12-08"),
    ]


def decision(verdict: Verdict = Verdict.APPROVE, reason: str = "") -> Decision:
    return Decision("d-1", "p-3x8w5c1z", PLAN.digest(), verdict, ALICE, days_ago(1), reason)


def proposal_view(**changes: Any) -> ProposalView:
    """The question with its finding; `changes` are of the proposal."""
    asked = proposal(**changes)
    return ProposalView(asked, FindingView(record(), proposal=asked), (), None)


def rehearsal(**changes: Any) -> Rehearsal:
    """A dry run in which the one step could be made."""
    step = RehearsedStep(
        name="deactivate",
        summary="Deactivate the access key",
        call=DEACTIVATE.do,
        seen=(Seen(DEACTIVATE.before[0], "Active", holds=True),),
        waits=(),
        objections=(),
    )
    return replace(Rehearsal("p-3x8w5c1z", PLAN.digest(), (), (step,)), **changes)


TRAILS_GAP = Unavailable(
    Part.TRAILS, "cloudtrail:DescribeTrails", "AccessDenied", "cloudtrail:DescribeTrails"
)
NOT_GIVEN = Unavailable(Part.TRAILS, "", "not given", "", given=False)


def scan_result(**changes: Any) -> ScanResult:
    """A scan with one finding and no gaps."""
    return replace(
        ScanResult(
            account=ACCOUNT,
            started_at=NOW - timedelta(seconds=4),
            finished_at=NOW,
            calls={"iam:GenerateCredentialReport": 2, "iam:ListAccessKeys": 9},
            unavailable=(),
            not_evaluated={},
            findings=(view(),),
            new=1,
            resolved=0,
            report_generated=NOW - timedelta(hours=2),
        ),
        **changes,
    )


EVENT = AuditEvent(
    7,
    days_ago(2),
    "proposal.approved",
    "local:alice@laptop",
    ACCOUNT.id,
    "p-3x8w5c1z",
    {"digest": "sha256:…", "steps": 1, "nested": {"a": 1}},
    "00" * 32,
    "11" * 32,
)


class KeySettings(Settings):
    """Settings of the sample control."""

    max_idle_days: int = 45


CONTROL = ControlView(
    Control(
        id="unused-access-key",
        title="An access key that nobody uses",
        topic="unused_credentials",
        severity=Severity.MEDIUM,
        risk=Risk.REVERSIBLE,
        needs=frozenset({Part.CREDENTIAL_REPORT}),
        settings=KeySettings,
        detect=lambda _snapshot, _settings: (),
        plan=lambda _finding, _snapshot, _settings: PLAN,
        standards=Standards(cis={"5.0": ("1.11",)}, fsbp=("IAM.8",)),
        supersedes=frozenset({"old-access-key"}),
    ),
    KeySettings(max_idle_days=30),
    {"Detects": "Keys.", "Undo": "Activate it."},
)
