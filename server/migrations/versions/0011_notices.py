"""Notices"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = server.database.UtcDateTime(timezone=True)
EVENTS = (
    *("booked", "changed", "cancelled", "offered", "offer_over", "moved", "day_moved", "official_changed"),
    *("come_back", "overrun", "missed", "reminder_day", "reminder_hour"),
)
CHANNELS = ("screen", "print", "sms", "email")
STATES = ("pending", "sending", "sent", "unsure", "failed", "dropped")
INDEXED = ("booking_id", "petitioner_id", "point_id", "state", "day", "made_at", "due_at")


def upgrade() -> None:
    """Go to this version."""
    with op.batch_alter_table("village_points", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=False, server_default=""))
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("petitioner_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("event", sa.Enum(*EVENTS, name="noticeevent", native_enum=False, length=20), nullable=False),
        sa.Column("channel", sa.Enum(*CHANNELS, name="channel", native_enum=False, length=20), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="noticestate", native_enum=False, length=20), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=True),
        sa.Column("official", sa.String(length=140), nullable=False),
        sa.Column("at", INSTANT, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("sent_to", sa.String(length=64), nullable=False),
        sa.Column("fault", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"]),
        sa.ForeignKeyConstraint(["petitioner_id"], ["petitioners.id"]),
        sa.ForeignKeyConstraint(["point_id"], ["village_points.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        for name in INDEXED:
            batch_op.create_index(batch_op.f(f"ix_notices_{name}"), [name], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("notices")
    with op.batch_alter_table("village_points", schema=None) as batch_op:
        batch_op.drop_column("email")
