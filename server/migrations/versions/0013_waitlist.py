"""The waitlist and its offers; who else comes, who speaks for the petitioner, who receives together"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "joint_places",
        sa.Column("reception_day_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reception_day_id"],
            ["reception_days.id"],
        ),
        sa.PrimaryKeyConstraint("reception_day_id", "slot"),
    )
    with op.batch_alter_table("joint_places", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joint_places_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_joint_places_official_id"), ["official_id"], unique=False)

    op.create_table(
        "mandates",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("name", server.database.SealedText(), nullable=False),
        sa.Column("id_number", server.database.SealedText(), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("paper", sa.String(length=64), nullable=False),
        sa.Column("given_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandates_id_index"), ["id_index"], unique=False)

    op.create_table(
        "representatives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", server.database.SealedText(), nullable=False),
        sa.Column("id_number", server.database.SealedText(), nullable=False),
        sa.Column("id_index", sa.String(length=64), nullable=False),
        sa.CheckConstraint("place BETWEEN 2 AND 5", name="ck_representatives_five"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("booking_id", "id_index", name="uq_representatives_person"),
        sa.UniqueConstraint("booking_id", "place", name="uq_representatives_place"),
    )
    with op.batch_alter_table("representatives", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_representatives_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_representatives_id_index"), ["id_index"], unique=False)

    op.create_table(
        "slot_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("reception_day_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("made_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "accepted", "declined", "over", "withdrawn", name="offerstate", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("answered_at", server.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reception_day_id"],
            ["reception_days.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("slot_offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_offers_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_offers_reception_day_id"), ["reception_day_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slot_offers_until"), ["until"], unique=False)
        batch_op.create_index(
            "uq_slot_offers_open",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "waitlist_places",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("since", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("barred", sa.JSON(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name="ck_waitlist_places_days"),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
        ),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["units.id"],
        ),
        sa.PrimaryKeyConstraint("booking_id"),
    )
    with op.batch_alter_table("waitlist_places", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waitlist_places_since"), ["since"], unique=False)


def downgrade() -> None:
    """Go back."""
    for table in ("waitlist_places", "slot_offers", "representatives", "mandates", "joint_places"):
        op.drop_table(table)
