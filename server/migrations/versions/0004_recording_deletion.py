"""Recordings that are kept or deleted"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "recording_holds",
        sa.Column("session_id", sa.Integer(), sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("reason", server.database.SealedText(), nullable=False),
        sa.Column("placed_by", sa.Integer(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("placed_at", server.database.UtcDateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "deleted_recordings",
        sa.Column("session_id", sa.Integer(), sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("deleted_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("deleted_recordings")
    op.drop_table("recording_holds")
