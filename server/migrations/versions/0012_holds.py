"""Places that are held while a form is filled in"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "slot_holds",
        sa.Column("reception_day_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("until", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reception_day_id"], ["reception_days.id"]),
        sa.PrimaryKeyConstraint("reception_day_id", "slot"),
    )
    with op.batch_alter_table("slot_holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_holds_owner"), ["owner"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_holds_until"), ["until"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("slot_holds")
