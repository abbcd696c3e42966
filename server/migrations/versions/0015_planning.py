"""Days of several plans"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    with op.batch_alter_table("reception_days", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joined_rule_ids", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("reception_days", schema=None) as batch_op:
        batch_op.drop_column("joined_rule_ids")
