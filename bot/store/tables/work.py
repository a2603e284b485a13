"""What is found, proposed, decided and done, and who may work on which account."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
    true,
)

from bot.model import Outcome, ProposalState
from bot.store.columns import JsonText, Number, UtcTime
from bot.store.tables.naming import ACCOUNT, HASH, ID, metadata

account = Table(
    "account",
    metadata,
    Column("id", ACCOUNT, primary_key=True),
    Column("partition", String(32), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("live_since", UtcTime),
    Column("live_by", Text),
    Column("last_scan_at", UtcTime),
    CheckConstraint("mode IN ('notify', 'live')", name="mode"),
)


def account_id() -> Column[str]:
    """The account that a row is about."""
    return Column("account_id", ACCOUNT, ForeignKey("account.id"), nullable=False)


scan = Table(
    "scan",
    metadata,
    Column("number", Number, primary_key=True),
    account_id(),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("offline", Boolean, nullable=False),
    Column("whole", Boolean, nullable=False, server_default=true()),
    Column("findings", Integer, nullable=False),
    Column("principals", Integer),
    Column("calls", JsonText, nullable=False),
    Column("unavailable", JsonText, nullable=False),
    Column("not_evaluated", JsonText, nullable=False),
    Index("ix_scan_account_id", "account_id"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", ID, primary_key=True),
    account_id(),
    Column("fingerprint", HASH, nullable=False, unique=True),
    Column("control", String(128), nullable=False),
    Column("topic", String(128), nullable=False),
    Column("subject", Text, nullable=False),
    Column("resource", JsonText, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("summary", Text, nullable=False),
    Column("evidence", JsonText, nullable=False),
    Column("status", String(16), nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Column("reopened", Integer, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("exempt_until", UtcTime),
    Column("exempt_reason", Text, nullable=False),
    Column("from_files", Boolean, nullable=False),
    Column("template", JsonText),
    Index("ix_finding_account_id_control", "account_id", "control"),
)

#: Every fingerprint that ever meant a finding, its present one included.
finding_alias = Table(
    "finding_alias",
    metadata,
    Column("fingerprint", HASH, primary_key=True),
    Column("finding_id", ID, ForeignKey("finding.id"), nullable=False),
    Index("ix_finding_alias_finding_id", "finding_id"),
)

OPEN_STATES = tuple(state.value for state in ProposalState if state.is_open)

proposal = Table(
    "proposal",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    account_id(),
    Column("subject", Text, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("plan", Text, nullable=False),
    Column("control", String(128), nullable=False),
    Column("finding_id", ID, ForeignKey("finding.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("undoes", ID),
    Column("snoozed_until", UtcTime),
    Column("asked_before", Integer, nullable=False),
    Column("claims", JsonText),
    Index("ix_proposal_finding_id", "finding_id"),
    Index("ix_proposal_account_id_state", "account_id", "state"),
)

#: One question per subject: the database itself refuses a second open one.
one_open_proposal = Index(
    "uq_proposal_one_open",
    proposal.c.account_id,
    proposal.c.subject,
    unique=True,
    sqlite_where=proposal.c.state.in_(OPEN_STATES),
    postgresql_where=proposal.c.state.in_(OPEN_STATES),
)

#: Append-only. Who decided, and their words, are commitments to texts in person_text.
decision = Table(
    "decision",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("proposal_id", ID, ForeignKey("proposal.id"), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("actor_kind", String(32), nullable=False),
    Column("actor", HASH, nullable=False),
    Column("actor_arn", HASH),
    Column("reason", HASH),
    Column("at", UtcTime, nullable=False),
    Index("ix_decision_proposal_id", "proposal_id"),
)

execution = Table(
    "execution",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", ID, nullable=False, unique=True),
    Column("proposal_id", ID, ForeignKey("proposal.id"), nullable=False),
    account_id(),
    Column("actor_kind", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_arn", Text),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("undone_by", ID),
    Index("ix_execution_account_id_state", "account_id", "state"),
    Index("ix_execution_proposal_id", "proposal_id"),
)

#: One claim at a time: a proposal has at most one execution that isn't finished.
one_claim = Index(
    "uq_execution_one_claim",
    execution.c.proposal_id,
    unique=True,
    sqlite_where=execution.c.finished_at.is_(None),
    postgresql_where=execution.c.finished_at.is_(None),
)

#: The journal; append-only. A step is what its entries add up to.
step_event = Table(
    "step_event",
    metadata,
    Column("number", Number, primary_key=True),
    Column("execution_id", ID, ForeignKey("execution.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("sending", Integer, nullable=False, server_default=text("1")),
    Column("name", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("seen_before", JsonText),
    Column("request_id", Text),
    Column("error", Text),
    Column("outputs", JsonText),
    Index("ix_step_event_execution_id", "execution_id"),
)

#: A write is tried once: no step of an execution is intended twice. Where AWS said that it came too
#: early, it is sent again, and each sending is intended once.
one_intent = Index(
    "uq_step_event_one_intent",
    step_event.c.execution_id,
    step_event.c.step,
    step_event.c.sending,
    unique=True,
    sqlite_where=step_event.c.outcome == Outcome.INTENDED.value,
    postgresql_where=step_event.c.outcome == Outcome.INTENDED.value,
)

lease = Table(
    "lease",
    metadata,
    Column("account_id", ACCOUNT, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", Number, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("ttl_seconds", Integer, nullable=False),
)

#: The same for looking: an account is not scanned twice at once.
scan_lease = Table(
    "scan_lease",
    metadata,
    Column("account_id", ACCOUNT, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", Number, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("ttl_seconds", Integer, nullable=False),
)

#: What ListAccessKeys last said of each user.
key_listing = Table(
    "key_listing",
    metadata,
    Column("account_id", ACCOUNT, ForeignKey("account.id"), primary_key=True),
    Column("user_id", String(128), primary_key=True),
    Column("observed_at", UtcTime, nullable=False),
    Column("listed", JsonText, nullable=False),
)

#: What is looked at after an execution, for harm; `said` is what the last look amounts to.
watch = Table(
    "watch",
    metadata,
    Column("execution_id", ID, ForeignKey("execution.id"), primary_key=True),
    Column("begun_at", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("looked_at", UtcTime),
    Column("covered_at", UtcTime),
    Column("looks", Integer, nullable=False),
    Column("said", JsonText, nullable=False),
    Column("harm", JsonText, nullable=False),
    Column("harmed_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("ended", Text, nullable=False),
)

#: Stops of every write; the one that isn't ended is in force.
freeze = Table(
    "freeze",
    metadata,
    Column("number", Number, primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("by_kind", String(32), nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by_kind", String(32)),
    Column("ended_by", Text),
)
