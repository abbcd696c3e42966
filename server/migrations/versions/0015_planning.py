"""Days of several plans, and trials of the planning aid"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    with op.batch_alter_table("reception_days", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joined_rule_ids", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "planning_trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "playing", "done", "failed", "cancelled", name="trialstate", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("official_id", sa.Integer(), nullable=True),
        sa.Column("officials", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("talks", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=20), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="ck_planning_trials_percent"),
        sa.CheckConstraint("officials BETWEEN 0 AND 5", name="ck_planning_trials_officials"),
        sa.CheckConstraint("points BETWEEN 0 AND 50", name="ck_planning_trials_points"),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"]),
        sa.ForeignKeyConstraint(["official_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("planning_trials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_planning_trials_state"), ["state"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("planning_trials")
    with op.batch_alter_table("reception_days", schema=None) as batch_op:
        batch_op.drop_column("joined_rule_ids")
