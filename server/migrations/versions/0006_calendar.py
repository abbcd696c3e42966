"""The calendar of working days"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import server.database
from server.scheduling.workdays import library_years

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HOLIDAYS = (
    "new_year",
    "spring_festival",
    "tomb_sweeping",
    "labour",
    "dragon_boat",
    "mid_autumn",
    "national",
    "other",
)


def upgrade() -> None:
    """Go to this version; the years that the installed chinesecalendar knows are the seed."""
    versions = op.create_table(
        "calendar_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("library", "notice", "correction", name="source", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", server.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision >= 1", name="ck_calendar_versions_revision"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("year", "revision", name="uq_calendar_versions_revision"),
    )
    days = op.create_table(
        "calendar_days",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("holiday", sa.Enum(*HOLIDAYS, name="holiday", native_enum=False, length=20), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["calendar_versions.id"]),
        sa.PrimaryKeyConstraint("version_id", "day"),
    )
    now = datetime.now(UTC)
    insert = sa.insert(versions).returning(versions.c.id)
    for year, named in sorted(library_years().items()):
        told = {"year": year, "revision": 1, "source": "library", "why": "", "made_by": "", "made_at": now}
        version_id = op.get_bind().execute(insert, told).scalar_one()
        rows = [
            {"version_id": version_id, "day": day, "working": one.working, "holiday": one.holiday.value}
            for day, one in sorted(named.items())
        ]
        op.bulk_insert(days, rows)


def downgrade() -> None:
    """Go back."""
    op.drop_table("calendar_days")
    op.drop_table("calendar_versions")
