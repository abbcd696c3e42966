"""Papers that were made from the record and given out; by which words matters are found"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import server.database

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = (
    "registration",
    "acceptance",
    "refusal",
    "transfer",
    "assignment",
    "opinion",
    "review_opinion",
    "supervision",
)


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "issued_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="documentkind", native_enum=False, length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("content", server.database.SealedText(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", server.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="ck_issued_documents_withdrawn"),
        sa.CheckConstraint("serial >= 1", name="ck_issued_documents_serial"),
        sa.ForeignKeyConstraint(["issued_by"], ["users.id"]),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"]),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("kind", "year", "serial", name="uq_issued_documents_number"),
    )
    with op.batch_alter_table("issued_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issued_documents_petition_id"), ["petition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issued_documents_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "found_words",
        sa.Column("word", sa.BigInteger(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"]),
        sa.PrimaryKeyConstraint("word", "petition_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_found_words_petition_id", "found_words", ["petition_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("found_words")
    op.drop_table("issued_documents")
