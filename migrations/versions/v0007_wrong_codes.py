"""Wrong one-time codes, which each process counted for itself before.

Only adds: the previous release doesn't know the new table, and goes on counting by itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "wrong_code",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_wrong_code")),
    )
    op.create_index("ix_wrong_code_person", "wrong_code", ["person"], unique=False)
