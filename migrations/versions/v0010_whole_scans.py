"""Whether a look was at the whole account, or only at what a change was about.

Only adds: the previous release takes each of its looks for a whole one, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "scan", sa.Column("whole", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
