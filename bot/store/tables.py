"""All tables, as the newest migration leaves them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    true,
)

from bot.model import Outcome, ProposalState
from bot.store.columns import JsonText, Number, UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = String(16)
_ACCOUNT = String(12)
_HASH = String(64)

#: One row: which releases can use this database, and what makes its audit log its own.
schema_info = Table(
    "schema_info",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("oldest_release", String(32), nullable=False),
    Column("database_id", String(32), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

#: One row: the end of the audit log. Writers lock it first, so there is one writer at a time.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Number, nullable=False),
    Column("hash", _HASH, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

#: Append-only. `actor` and the values in `people` are commitments to texts in person_text.
audit = Table(
    "audit",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("event", String(64), nullable=False),
    Column("actor_kind", String(32), nullable=False),
    Column("actor", _HASH, nullable=False),
    Column("account", _ACCOUNT),
    Column("subject", Text),
    Column("data", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("previous", _HASH, nullable=False),
    Column("hash", _HASH, nullable=False, unique=True),
    Index("ix_audit_subject", "subject"),
    Index("ix_audit_account", "account"),
)

#: The plain text behind commitments; deleting a row erases it and breaks nothing.
person_text = Table(
    "person_text",
    metadata,
    Column("commitment", _HASH, primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", _ACCOUNT, primary_key=True),
    Column("partition", String(32), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("live_since", UtcTime),
    Column("live_by", Text),
    Column("last_scan_at", UtcTime),
    CheckConstraint("mode IN ('notify', 'live')", name="mode"),
)


def _account() -> Column[str]:
    return Column("account_id", _ACCOUNT, ForeignKey("account.id"), nullable=False)


scan = Table(
    "scan",
    metadata,
    Column("number", Number, primary_key=True),
    _account(),
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
    Column("id", _ID, primary_key=True),
    _account(),
    Column("fingerprint", _HASH, nullable=False, unique=True),
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
    Column("fingerprint", _HASH, primary_key=True),
    Column("finding_id", _ID, ForeignKey("finding.id"), nullable=False),
    Index("ix_finding_alias_finding_id", "finding_id"),
)

OPEN_STATES = tuple(state.value for state in ProposalState if state.is_open)

proposal = Table(
    "proposal",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", _ID, nullable=False, unique=True),
    _account(),
    Column("subject", Text, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("plan", Text, nullable=False),
    Column("control", String(128), nullable=False),
    Column("finding_id", _ID, ForeignKey("finding.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("why", Text, nullable=False),
    Column("undoes", _ID),
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
    Column("id", _ID, nullable=False, unique=True),
    Column("proposal_id", _ID, ForeignKey("proposal.id"), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("actor_kind", String(32), nullable=False),
    Column("actor", _HASH, nullable=False),
    Column("actor_arn", _HASH),
    Column("reason", _HASH),
    Column("at", UtcTime, nullable=False),
    Index("ix_decision_proposal_id", "proposal_id"),
)

execution = Table(
    "execution",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("proposal_id", _ID, ForeignKey("proposal.id"), nullable=False),
    _account(),
    Column("actor_kind", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_arn", Text),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("undone_by", _ID),
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
    Column("execution_id", _ID, ForeignKey("execution.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("seen_before", JsonText),
    Column("request_id", Text),
    Column("error", Text),
    Column("outputs", JsonText),
    Index("ix_step_event_execution_id", "execution_id"),
)

#: A write is tried once: no step of an execution is intended twice.
one_intent = Index(
    "uq_step_event_one_intent",
    step_event.c.execution_id,
    step_event.c.step,
    unique=True,
    sqlite_where=step_event.c.outcome == Outcome.INTENDED.value,
    postgresql_where=step_event.c.outcome == Outcome.INTENDED.value,
)

lease = Table(
    "lease",
    metadata,
    Column("account_id", _ACCOUNT, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", Number, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("ttl_seconds", Integer, nullable=False),
)

#: The same for looking: an account is not scanned twice at once.
scan_lease = Table(
    "scan_lease",
    metadata,
    Column("account_id", _ACCOUNT, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("fence", Number, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("ttl_seconds", Integer, nullable=False),
)

#: What ListAccessKeys last said of each user.
key_listing = Table(
    "key_listing",
    metadata,
    Column("account_id", _ACCOUNT, ForeignKey("account.id"), primary_key=True),
    Column("user_id", String(128), primary_key=True),
    Column("observed_at", UtcTime, nullable=False),
    Column("listed", JsonText, nullable=False),
)

#: Who owns a thing because someone said so. `trusted` where the security group said it.
handover = Table(
    "handover",
    metadata,
    Column("account_id", _ACCOUNT, ForeignKey("account.id"), primary_key=True),
    Column("unique_id", String(128), primary_key=True),
    Column("address", Text, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
)

#: Messages to people: what each must say by now, and what it was last seen to say.
message = Table(
    "message",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("recipient", String(32), nullable=False),
    Column("proposal_id", _ID, ForeignKey("proposal.id")),
    Column("data", JsonText, nullable=False),
    Column("thread", _ID),
    Column("created_at", UtcTime, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("told_digest", String(71), nullable=False),
    Column("channel", String(32)),
    Column("ts", String(32)),
    Column("sending_since", UtcTime),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Index("ix_message_proposal_id", "proposal_id"),
    Index("ix_message_recipient_kind", "recipient", "kind"),
)

#: What the sender has to do: messages that don't say yet what they must.
untold = Index(
    "ix_message_untold",
    message.c.not_before,
    sqlite_where=(message.c.told < message.c.wanted) & (message.c.error == ""),
    postgresql_where=(message.c.told < message.c.wanted) & (message.c.error == ""),
)

#: What falls due, and when: at most one of a kind and subject.
due = Table(
    "due",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index("ix_due_at", "at"),
)

#: What a rule will carry out once its grace is over, counted from when the owner was told.
#: `stopped` says why the rule doesn't act.
grace = Table(
    "grace",
    metadata,
    Column("proposal_id", _ID, ForeignKey("proposal.id"), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("told_at", UtcTime),
    Column("until", UtcTime),
    Column("span", String(32), nullable=False),
    Column("zone", String(64)),
    Column("stopped", Text, nullable=False),
)

#: What is looked at after an execution, for harm; `said` is what the last look amounts to.
watch = Table(
    "watch",
    metadata,
    Column("execution_id", _ID, ForeignKey("execution.id"), primary_key=True),
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

#: Moments that are remembered by a name of ours.
mark = Table(
    "mark",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

exemption_request = Table(
    "exemption_request",
    metadata,
    Column("number", Number, primary_key=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("finding_id", _ID, ForeignKey("finding.id"), nullable=False),
    Column("proposal_id", _ID, ForeignKey("proposal.id"), nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by_kind", String(32), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("answered_by_kind", String(32)),
    Column("answered_by", Text),
    Index("ix_exemption_request_proposal_id", "proposal_id"),
)

#: One wish at a time: a proposal has at most one exemption request that waits.
one_request = Index(
    "uq_exemption_request_one_waiting",
    exemption_request.c.proposal_id,
    unique=True,
    sqlite_where=exemption_request.c.state == "waiting",
    postgresql_where=exemption_request.c.state == "waiting",
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

#: Requests of the chat workspace that were let in, so that none is let in twice.
admitted = Table(
    "admitted",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index("ix_admitted_at", "at"),
)

#: What people did in the chat workspace and were told was received, until it was dealt with.
heard = Table(
    "heard",
    metadata,
    Column("number", Number, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(255), nullable=False),
    Column("body", JsonText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
)

#: Who confirmed that an account's root user is in good hands, and when.
root_attestation = Table(
    "root_attestation",
    metadata,
    Column("number", Number, primary_key=True),
    Column("account_id", String(12), nullable=False),
    Column("by_kind", String(32), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_root_attestation_account_id", "account_id"),
)

#: Time steps of one-time codes that were used: each code counts once.
used_code = Table(
    "used_code",
    metadata,
    Column("person", String(128), primary_key=True),
    Column("step", Number, primary_key=True, autoincrement=False),
)

#: Wrong one-time codes of late: guessing stops in every process, and after a restart too.
wrong_code = Table(
    "wrong_code",
    metadata,
    Column("number", Number, primary_key=True),
    Column("person", String(128), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_wrong_code_person", "person"),
)

#: Append-only. Where the end of the log was noted down outside the database, and as what.
anchor = Table(
    "anchor",
    metadata,
    Column("number", Number, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("database_id", String(32), nullable=False),
    Column("seq", Number, nullable=False),
    Column("hash", _HASH, nullable=False),
    Column("target", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Index("ix_anchor_target", "target"),
)

#: One row: while `older_than` is set, decisions and journal entries from before can be removed.
housekeeping = Table(
    "housekeeping",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("older_than", UtcTime),
    CheckConstraint("id = 1", name="one_row"),
)

#: Tables whose rows are never changed or removed; triggers see to it on both databases. Of
#: `decision` and `step_event` housekeeping may remove what is old.
APPEND_ONLY = ("audit", "decision", "step_event", "anchor")
