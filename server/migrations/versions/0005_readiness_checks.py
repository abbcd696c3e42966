"""Checks of points"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "readiness_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("checked_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "good", "slow", "no_picture", "no_sound", "no_line", name="checkkind", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("loss_percent", sa.Integer(), nullable=False),
        sa.Column("round_trip_ms", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["point_id"], ["village_points.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("readiness_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_readiness_checks_point_id"), ["point_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("readiness_checks")
