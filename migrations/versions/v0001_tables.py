"""The first tables."""

import hashlib

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OLDEST_RELEASE = "0.1.0"
_TIME = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text(
    "state IN ('proposed', 'pending', 'approved', 'executing', 'verifying', 'unknown', "
    "'needs human')"
)
_UNFINISHED = sa.text("finished_at IS NULL")
_INTENDED = sa.text("outcome = 'intended'")


def upgrade() -> None:
    """Make the tables, and the two that always hold one row with it."""
    _make_log()
    _make_accounts()
    _make_findings()
    _make_proposals()
    _make_executions()
    _start_log(context.config.attributes["database_id"])


def _start_log(database_id: str) -> None:
    op.execute(
        sa.text("INSERT INTO schema_info VALUES (1, :oldest, :database_id)").bindparams(
            oldest=_OLDEST_RELEASE, database_id=database_id
        )
    )
    genesis = hashlib.sha256(f"locksmith audit log of {database_id}".encode()).hexdigest()
    op.execute(sa.text("INSERT INTO audit_head VALUES (1, 0, :hash)").bindparams(hash=genesis))


def _make_log() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
    )
    op.create_index("ix_audit_account", "audit", ["account"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "person_text",
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("commitment", name=op.f("pk_person_text")),
    )
    op.create_table(
        "schema_info",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("oldest_release", sa.String(length=32), nullable=False),
        sa.Column("database_id", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_schema_info_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_info")),
    )


def _make_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("partition", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("live_since", _TIME, nullable=True),
        sa.Column("live_by", sa.Text(), nullable=True),
        sa.Column("last_scan_at", _TIME, nullable=True),
        sa.CheckConstraint("mode IN ('notify', 'live')", name=op.f("ck_account_mode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_table(
        "scan",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Text(), nullable=False),
        sa.Column("unavailable", sa.Text(), nullable=False),
        sa.Column("not_evaluated", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_scan_account_id_account")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_account_id", "scan", ["account_id"], unique=False)
    op.create_table(
        "key_listing",
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("user_id", sa.String(length=128), nullable=False),
        sa.Column("observed_at", _TIME, nullable=False),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_key_listing_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "user_id", name=op.f("pk_key_listing")),
    )
    op.create_table(
        "lease",
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("fence", _NUMBER, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("ttl_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_lease")),
    )


def _make_findings() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("control", sa.String(length=128), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("first_seen", _TIME, nullable=False),
        sa.Column("last_seen", _TIME, nullable=False),
        sa.Column("resolved_at", _TIME, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("exempt_until", _TIME, nullable=True),
        sa.Column("exempt_reason", sa.Text(), nullable=False),
        sa.Column("from_files", sa.Boolean(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_finding_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_finding_fingerprint")),
    )
    op.create_index(
        "ix_finding_account_id_control", "finding", ["account_id", "control"], unique=False
    )
    op.create_table(
        "finding_alias",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_finding_alias_finding_id_finding")
        ),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_finding_alias")),
    )
    op.create_index("ix_finding_alias_finding_id", "finding_alias", ["finding_id"], unique=False)


def _make_proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("control", sa.String(length=128), nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("undoes", sa.String(length=16), nullable=True),
        sa.Column("snoozed_until", _TIME, nullable=True),
        sa.Column("asked_before", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proposal_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_proposal_finding_id_finding")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_proposal")),
        sa.UniqueConstraint("id", name=op.f("uq_proposal_id")),
    )
    op.create_index(
        "ix_proposal_account_id_state", "proposal", ["account_id", "state"], unique=False
    )
    op.create_index("ix_proposal_finding_id", "proposal", ["finding_id"], unique=False)
    op.create_index(
        "uq_proposal_one_open",
        "proposal",
        ["account_id", "subject"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "decision",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("proposal_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("actor_arn", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decision")),
        sa.UniqueConstraint("id", name=op.f("uq_decision_id")),
    )
    op.create_index("ix_decision_proposal_id", "decision", ["proposal_id"], unique=False)


def _make_executions() -> None:
    op.create_table(
        "execution",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("proposal_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("actor_kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_arn", sa.Text(), nullable=True),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("undone_by", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_execution_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_execution_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_execution")),
        sa.UniqueConstraint("id", name=op.f("uq_execution_id")),
    )
    op.create_index(
        "ix_execution_account_id_state", "execution", ["account_id", "state"], unique=False
    )
    op.create_index("ix_execution_proposal_id", "execution", ["proposal_id"], unique=False)
    op.create_index(
        "uq_execution_one_claim",
        "execution",
        ["proposal_id"],
        unique=True,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
    op.create_table(
        "step_event",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("execution_id", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("seen_before", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("outputs", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["execution_id"], ["execution.id"], name=op.f("fk_step_event_execution_id_execution")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_step_event")),
    )
    op.create_index("ix_step_event_execution_id", "step_event", ["execution_id"], unique=False)
    op.create_index(
        "uq_step_event_one_intent",
        "step_event",
        ["execution_id", "step"],
        unique=True,
        sqlite_where=_INTENDED,
        postgresql_where=_INTENDED,
    )
