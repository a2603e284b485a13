"""Owners, messages, what falls due, exemption requests and the freeze.

Only adds: the previous release doesn't know the new tables, and leaves the new column empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNTOLD = sa.text("told < wanted AND error = ''")
_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Make the tables."""
    op.add_column("proposal", sa.Column("claims", sa.Text(), nullable=True))
    _make_messages()
    _make_exemption_requests()
    _make_the_rest()


def _make_messages() -> None:
    op.create_table(
        "message",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=32), nullable=False),
        sa.Column("proposal_id", sa.String(length=16), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("thread", sa.String(length=16), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("not_before", _TIME, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_digest", sa.String(length=71), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.Column("ts", sa.String(length=32), nullable=True),
        sa.Column("sending_since", _TIME, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_message_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_message")),
        sa.UniqueConstraint("id", name=op.f("uq_message_id")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    op.create_index("ix_message_proposal_id", "message", ["proposal_id"], unique=False)
    op.create_index("ix_message_recipient_kind", "message", ["recipient", "kind"], unique=False)
    op.create_index(
        "ix_message_untold",
        "message",
        ["not_before"],
        unique=False,
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )


def _make_exemption_requests() -> None:
    op.create_table(
        "exemption_request",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("finding_id", sa.String(length=16), nullable=False),
        sa.Column("proposal_id", sa.String(length=16), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_kind", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answered_by_kind", sa.String(length=32), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_exemption_request_finding_id_finding")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_exemption_request_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_exemption_request")),
        sa.UniqueConstraint("id", name=op.f("uq_exemption_request_id")),
    )
    op.create_index(
        "ix_exemption_request_proposal_id", "exemption_request", ["proposal_id"], unique=False
    )
    op.create_index(
        "uq_exemption_request_one_waiting",
        "exemption_request",
        ["proposal_id"],
        unique=True,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def _make_the_rest() -> None:
    op.create_table(
        "handover",
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("unique_id", sa.String(length=128), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_handover_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "unique_id", name=op.f("pk_handover")),
    )
    op.create_table(
        "due",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_due")),
    )
    op.create_index("ix_due_at", "due", ["at"], unique=False)
    op.create_table(
        "freeze",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("by_kind", sa.String(length=32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("ended_by_kind", sa.String(length=32), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_freeze")),
    )
    op.create_table(
        "admitted",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_admitted")),
    )
    op.create_index("ix_admitted_at", "admitted", ["at"], unique=False)
    op.create_table(
        "used_code",
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("step", _NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person", "step", name=op.f("pk_used_code")),
    )
