"""What the order and the length of waits depend on, and what was promised about them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("people", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(
            sa.Column(
                "priority",
                sa.Enum("old", "disabled", "ill", "far", "deadline", name="priority", native_enum=False, length=20),
                nullable=True,
            )
        )
        batch_op.create_check_constraint("ck_bookings_people", "people BETWEEN 1 AND 5")
    op.execute(
        "UPDATE bookings SET content = (SELECT content FROM petitions WHERE petitions.booking_id = bookings.id)"
        " WHERE EXISTS (SELECT 1 FROM petitions WHERE petitions.booking_id = bookings.id)"
    )
    op.create_table(
        "wait_promises",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("promised_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("middle", sa.Float(), nullable=False),
        sa.Column("spread", sa.Float(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.CheckConstraint("least <= most", name="ck_wait_promises_range"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"]),
        sa.ForeignKeyConstraint(["official_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    with op.batch_alter_table("wait_promises", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wait_promises_official_id"), ["official_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_wait_promises_promised_at"), ["promised_at"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("wait_promises")
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.drop_constraint("ck_bookings_people", type_="check")
        batch_op.drop_column("priority")
        batch_op.drop_column("people")
        batch_op.drop_column("content")
