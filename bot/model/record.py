"""What the database remembers: findings, proposals, decisions and executions with their history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.model.account import Account
from bot.model.canonical import Json
from bot.model.chat import OwnerClaim
from bot.model.finding import Finding, Severity
from bot.model.lifecycle import FindingStatus, Origin, Outcome, ProposalState, Verdict
from bot.model.plan import Manual, Plan


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: `local:alice@host`, later `slack:T…/U…` or `rule:sandbox-keys`.

    `aws_arn` is the AWS caller at the time, where there was one.
    """

    kind: str
    name: str
    aws_arn: str | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """A finding with its identity and history; `held` while an undo keeps rules away from it.

    One that was found in files (`from_files`) has the `template` of its fix, which nobody can
    approve; one that AWS showed is looked at anew instead.
    """

    id: str
    fingerprint: str
    account: Account
    finding: Finding
    topic: str
    status: FindingStatus
    first_seen: datetime
    last_seen: datetime
    resolved_at: datetime | None = None
    reopened: int = 0
    held: bool = False
    exempt_until: datetime | None = None
    exempt_reason: str = ""
    from_files: bool = False
    template: Plan | Manual | None = None


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """One question about one subject. `why` says how it came to its state.

    `undoes` is the execution that an undo proposal takes back, `snoozed_until` set by a snooze.
    `asked_before` counts earlier proposals about the same finding that ended unanswered or denied.
    `claims` is who owned the subject, by each source in order, when the question was made: who
    claims it later gains nothing. `severity` is its finding's.
    """

    id: str
    account: Account
    subject: str
    origin: Origin
    state: ProposalState
    digest: str
    plan: Plan | Manual
    control: str
    finding_id: str | None
    created_at: datetime
    changed_at: datetime
    why: str = ""
    undoes: str | None = None
    snoozed_until: datetime | None = None
    asked_before: int = 0
    claims: tuple[OwnerClaim, ...] = ()
    severity: Severity | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's word on one digest; never changed, never deleted."""

    id: str
    proposal_id: str
    digest: str
    verdict: Verdict
    actor: Actor
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What the journal knows of one step: `seen_before` is what its `before` reads gave."""

    index: int
    name: str
    outcome: Outcome
    intended_at: datetime
    settled_at: datetime | None = None
    request_id: str | None = None
    error: str | None = None
    seen_before: Mapping[str, Json] | None = None
    outputs: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """One claim of an approved proposal by one process. `undone_by` is the undoing execution."""

    id: str
    proposal_id: str
    account: Account
    actor: Actor
    started_at: datetime
    finished_at: datetime | None
    state: ProposalState
    why: str
    steps: tuple[StepRecord, ...] = ()
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of the tamper-evident log; `hash` covers all the rest and `previous`."""

    seq: int
    at: datetime
    event: str
    actor: str
    account: str | None
    subject: str | None
    data: Mapping[str, Json]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class ExemptionRequest:
    """A wish to accept a violation until a day, which a second person must confirm.

    `state` is waiting, granted, refused or withdrawn. `answered_by` is who ended the waiting.
    """

    id: str
    finding_id: str
    proposal_id: str
    until: datetime
    reason: str
    by: Actor
    at: datetime
    state: str = "waiting"
    answered_by: Actor | None = None


@dataclass(frozen=True, slots=True)
class Freeze:
    """A stop of every write, from a moment until someone ends it."""

    since: datetime
    by: Actor
    reason: str
    ended_at: datetime | None = None
    ended_by: Actor | None = None


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One message to one recipient: what it must say by now, and what it was last seen to say.

    `kind` says what is rendered, about `proposal_id` where there is one, with `data` as far as the
    database doesn't tell it otherwise. `recipient` is a user or channel id; `channel` and `ts`
    are where it was posted, None until it was. `wanted` grows with every change of what it tells;
    `told` is the `wanted` that was last sent, 0 for never, and `told_digest` what was sent then.
    `thread` is the message in whose thread it goes. `sending_since` is set while an answer of
    the workspace is awaited: if it stays, whether the message arrived must be looked up.
    `error` is why it was given up; such a message is not tried again until someone wants it to.
    """

    id: str
    key: str
    kind: str
    recipient: str
    proposal_id: str | None
    data: Mapping[str, Json]
    thread: str | None
    created_at: datetime
    not_before: datetime
    wanted: int = 1
    told: int = 0
    told_digest: str = ""
    channel: str | None = None
    ts: str | None = None
    sending_since: datetime | None = None
    tries: int = 0
    error: str = ""
