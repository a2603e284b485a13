"""Where the end of the audit log was noted down elsewhere; rows can be added, never changed.

Only adds: the previous release doesn't know the new table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and its triggers."""
    op.create_table(
        "anchor",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("database_id", sa.String(length=32), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_anchor")),
    )
    op.create_index("ix_anchor_target", "anchor", ["target"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER anchor_no_{change.lower()} BEFORE {change} ON anchor "
                "BEGIN SELECT RAISE(ABORT, 'anchor is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER anchor_no_change BEFORE UPDATE OR DELETE ON anchor "
        "FOR EACH ROW EXECUTE FUNCTION locksmith_append_only()"
    )
    op.execute(
        "CREATE TRIGGER anchor_no_truncate BEFORE TRUNCATE ON anchor "
        "FOR EACH STATEMENT EXECUTE FUNCTION locksmith_append_only()"
    )
