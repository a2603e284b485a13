"""What makes the log: its entries, its end, where that was noted down, and the names in it."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text

from bot.store.columns import Number, UtcTime
from bot.store.tables.naming import ACCOUNT, HASH, metadata

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
    Column("hash", HASH, nullable=False),
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
    Column("actor", HASH, nullable=False),
    Column("account", ACCOUNT),
    Column("subject", Text),
    Column("data", Text, nullable=False),
    Column("people", Text, nullable=False),
    Column("previous", HASH, nullable=False),
    Column("hash", HASH, nullable=False, unique=True),
    Index("ix_audit_subject", "subject"),
    Index("ix_audit_account", "account"),
)

#: The plain text behind commitments; deleting a row erases it and breaks nothing.
person_text = Table(
    "person_text",
    metadata,
    Column("commitment", HASH, primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

#: Append-only. Where the end of the log was noted down outside the database, and as what.
anchor = Table(
    "anchor",
    metadata,
    Column("number", Number, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("database_id", String(32), nullable=False),
    Column("seq", Number, nullable=False),
    Column("hash", HASH, nullable=False),
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
