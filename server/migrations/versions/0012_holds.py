"""Places that are held while a form is filled in; whose petition an exclusion belongs to"""

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
    with op.batch_alter_table("exclusions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("petitioner_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE exclusions SET petitioner_id ="
        " (SELECT petitioner_id FROM petitions WHERE petitions.id = exclusions.petition_id)"
    )
    with op.batch_alter_table("exclusions", schema=None) as batch_op:
        batch_op.alter_column("petitioner_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key("fk_exclusions_petitioner", "petitioners", ["petitioner_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_exclusions_petitioner_id"), ["petitioner_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("exclusions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusions_petitioner_id"))
        batch_op.drop_constraint("fk_exclusions_petitioner", type_="foreignkey")
        batch_op.drop_column("petitioner_id")
    op.drop_table("slot_holds")
