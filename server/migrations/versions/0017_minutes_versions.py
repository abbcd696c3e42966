"""Versions of the minutes, what was signed, and how a line should read"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "minutes_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "signed",
                "unsigned",
                "returned",
                "handed_in",
                "approved",
                name="versioncause",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("why", server.database.SealedText(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("last_addendum_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("made_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id", "number", name="uq_minutes_versions_number"),
    )
    with op.batch_alter_table("minutes_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_minutes_versions_session_id"), ["session_id"], unique=False)
    with op.batch_alter_table("addenda", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wording", server.database.SealedText(), nullable=True))
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("signatures", schema=None) as batch_op:
        batch_op.drop_column("digest")
    with op.batch_alter_table("addenda", schema=None) as batch_op:
        batch_op.drop_column("wording")
    op.drop_table("minutes_versions")
