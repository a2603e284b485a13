"""What is looked at after a change, for harm.

Only adds: the previous release doesn't know the new table, and watches nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "watch",
        sa.Column("execution_id", sa.String(length=16), nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("looked_at", _TIME, nullable=True),
        sa.Column("covered_at", _TIME, nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("harm", sa.Text(), nullable=False),
        sa.Column("harmed_at", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("ended", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["execution_id"], ["execution.id"], name=op.f("fk_watch_execution_id_execution")
        ),
        sa.PrimaryKeyConstraint("execution_id", name=op.f("pk_watch")),
    )
