"""What people are told and say, what falls due, and what is remembered of them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from bot.store.columns import JsonText, Number, UtcTime
from bot.store.tables.naming import ACCOUNT, ID, metadata

#: Who owns a thing because someone said so. `trusted` where the security group said it.
handover = Table(
    "handover",
    metadata,
    Column("account_id", ACCOUNT, ForeignKey("account.id"), primary_key=True),
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
    Column("id", ID, nullable=False, unique=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("recipient", String(32), nullable=False),
    Column("proposal_id", ID, ForeignKey("proposal.id")),
    Column("data", JsonText, nullable=False),
    Column("thread", ID),
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
    Column("proposal_id", ID, ForeignKey("proposal.id"), primary_key=True),
    Column("rule", String(64), nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("told_at", UtcTime),
    Column("until", UtcTime),
    Column("span", String(32), nullable=False),
    Column("zone", String(64)),
    Column("stopped", Text, nullable=False),
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
    Column("id", ID, nullable=False, unique=True),
    Column("finding_id", ID, ForeignKey("finding.id"), nullable=False),
    Column("proposal_id", ID, ForeignKey("proposal.id"), nullable=False),
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
