"""Writes that AWS refused as too early, and that were sent again: each sending is intended once.

The previous release doesn't say which sending it is, so it is the first, and sends nothing twice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INTENDED = sa.text("outcome = 'intended'")


def upgrade() -> None:
    """Add the column, and let the index count it in."""
    op.add_column(
        "step_event",
        sa.Column("sending", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.drop_index("uq_step_event_one_intent", table_name="step_event")
    op.create_index(
        "uq_step_event_one_intent",
        "step_event",
        ["execution_id", "step", "sending"],
        unique=True,
        sqlite_where=_INTENDED,
        postgresql_where=_INTENDED,
    )
