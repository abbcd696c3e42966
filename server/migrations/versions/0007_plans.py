"""Plans of receptions"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=True),
        sa.Column("point_id", sa.Integer(), nullable=True),
        sa.Column("token", server.database.SealedText(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(official_id IS NULL) <> (point_id IS NULL)", name="ck_calendar_feeds_one"),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["users.id"],
        ),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["village_points.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("official_id"),
        sa.UniqueConstraint("point_id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_table(
        "reception_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column(
            "repeat",
            sa.Enum("weekly", "nth_weekday", "month_day", "working_days", name="repeat", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("ordinals", sa.Integer(), nullable=False),
        sa.Column("month_days", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("on_day_off", sa.Enum("move", "skip", name="ondayoff", native_enum=False, length=20), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "published", "withdrawn", name="planstate", native_enum=False, length=20),
            nullable=False,
        ),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 60", name="ck_reception_rules_buffer"),
        sa.CheckConstraint("capacity BETWEEN 1 AND 20", name="ck_reception_rules_capacity"),
        sa.CheckConstraint("horizon_days BETWEEN 1 AND 180", name="ck_reception_rules_horizon"),
        sa.CheckConstraint("notice_days BETWEEN 0 AND 30", name="ck_reception_rules_notice"),
        sa.CheckConstraint("slot_minutes BETWEEN 5 AND 120", name="ck_reception_rules_slot"),
        sa.CheckConstraint("valid_until IS NULL OR valid_from <= valid_until", name="ck_reception_rules_valid"),
        sa.ForeignKeyConstraint(
            ["official_id"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("reception_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reception_rules_official_id"), ["official_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reception_rules_state"), ["state"], unique=False)

    op.create_table(
        "plan_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("extra", "cancelled", "changed", name="changekind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["reception_rules.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rule_id", "day", name="uq_plan_changes_day"),
    )
    with op.batch_alter_table("plan_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_changes_rule_id"), ["rule_id"], unique=False)

    op.create_table(
        "rule_audiences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(length=40), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN township_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN content IS NULL THEN 0 ELSE 1 END) + (CASE WHEN unit_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="ck_rule_audiences_one",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["reception_rules.id"],
        ),
        sa.ForeignKeyConstraint(
            ["township_id"],
            ["townships.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["units.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("rule_id", "content", name="uq_rule_audiences_content"),
        sa.UniqueConstraint("rule_id", "township_id", name="uq_rule_audiences_township"),
        sa.UniqueConstraint("rule_id", "unit_id", name="uq_rule_audiences_unit"),
    )
    with op.batch_alter_table("rule_audiences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_audiences_rule_id"), ["rule_id"], unique=False)

    with op.batch_alter_table("reception_days", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spans", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("buffer_minutes", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("rule_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("planned_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("off_plan", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_reception_days_rule_id"), ["rule_id"], unique=False)
        batch_op.create_foreign_key("fk_reception_days_rule", "reception_rules", ["rule_id"], ["id"])
        batch_op.create_check_constraint("ck_reception_days_buffer", "buffer_minutes BETWEEN 0 AND 60")
        batch_op.create_check_constraint("ck_reception_days_capacity", "capacity BETWEEN 1 AND 20")


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("reception_days", schema=None) as batch_op:
        batch_op.drop_constraint("ck_reception_days_buffer", type_="check")
        batch_op.drop_constraint("ck_reception_days_capacity", type_="check")
        batch_op.drop_constraint("fk_reception_days_rule", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_reception_days_rule_id"))
        for name in ("off_plan", "planned_on", "rule_id", "capacity", "buffer_minutes", "spans"):
            batch_op.drop_column(name)
    for name in ("rule_audiences", "plan_changes", "reception_rules", "calendar_feeds"):
        op.drop_table(name)
