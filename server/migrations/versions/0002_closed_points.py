"""Points that are closed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    with op.batch_alter_table("village_points", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", server.database.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("village_points", schema=None) as batch_op:
        batch_op.drop_column("closed_at")
