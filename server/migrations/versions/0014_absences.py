"""Receptions that were not held as published; visitors handed over to another official"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = server.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("way", sa.Enum("deputy", "swap", "move", name="way", native_enum=False, length=20), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("undo_until", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("exceptions", sa.JSON(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name="ck_absences_days"),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"]),
        sa.ForeignKeyConstraint(["official_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absences_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_absences_official_id"), ["official_id"], unique=False)
    op.create_table(
        "absence_days",
        sa.Column("absence_id", sa.Integer(), nullable=False),
        sa.Column("reception_day_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absences.id"]),
        sa.ForeignKeyConstraint(["official_id"], ["users.id"]),
        sa.ForeignKeyConstraint(["reception_day_id"], ["reception_days.id"]),
        sa.PrimaryKeyConstraint("absence_id", "reception_day_id"),
    )
    op.create_table(
        "displaced",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("absence_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column(
            "fate",
            sa.Enum("deputy", "date", "kept", "moved", "offered", "listed", name="fate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("from_day_id", sa.Integer(), nullable=False),
        sa.Column("from_slot", sa.Integer(), nullable=True),
        sa.Column(
            "from_state",
            sa.Enum(
                "booked",
                "waiting",
                "held",
                "in_session",
                "absent",
                "done",
                "cancelled",
                "waitlisted",
                name="bookingstate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("from_at", INSTANT, nullable=True),
        sa.Column("from_official_id", sa.Integer(), nullable=False),
        sa.Column("checked_in_at", INSTANT, nullable=True),
        sa.Column("to_day_id", sa.Integer(), nullable=True),
        sa.Column("to_slot", sa.Integer(), nullable=True),
        sa.Column("to_at", INSTANT, nullable=True),
        sa.Column("to_official_id", sa.Integer(), nullable=True),
        sa.Column("from_beside", sa.JSON(), nullable=False),
        sa.Column("to_beside", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("restored", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absences.id"]),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"]),
        sa.ForeignKeyConstraint(["from_day_id"], ["reception_days.id"]),
        sa.ForeignKeyConstraint(["from_official_id"], ["users.id"]),
        sa.ForeignKeyConstraint(["to_day_id"], ["reception_days.id"]),
        sa.ForeignKeyConstraint(["to_official_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("absence_id", "booking_id", name="uq_displaced_booking"),
    )
    with op.batch_alter_table("displaced", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_displaced_absence_id"), ["absence_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_displaced_booking_id"), ["booking_id"], unique=False)
    op.create_table(
        "hand_overs",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("from_official_id", sa.Integer(), nullable=False),
        sa.Column("to_official_id", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"]),
        sa.ForeignKeyConstraint(["from_official_id"], ["users.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"]),
        sa.ForeignKeyConstraint(["to_official_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("session_id"),
        sa.UniqueConstraint("booking_id"),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("hand_overs", "displaced", "absence_days", "absences"):
        op.drop_table(table)
