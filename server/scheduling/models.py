"""Reception days and the bookings on them. One list for booked and walk-in visitors."""

from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import CheckConstraint, Field, Index, SQLModel, UniqueConstraint

from server.database import SealedText, UtcDateTime, word
from server.scheduling.words import BookingState, Holiday, Source


class ReceptionDay(SQLModel, table=True):
    """One official's reception on one day. Minutes count from local midnight; slots follow each other without gap."""

    __tablename__ = "reception_days"
    __table_args__ = (
        CheckConstraint("opens_minute < closes_minute", name="ck_reception_days_window"),
        CheckConstraint("slot_minutes BETWEEN 5 AND 120", name="ck_reception_days_slot"),
        Index(
            "uq_reception_days_official_day",
            "official_id",
            "day",
            unique=True,
            sqlite_where=text("NOT cancelled"),
            postgresql_where=text("NOT cancelled"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    official_id: int = Field(foreign_key="users.id", index=True)
    day: date = Field(index=True)
    opens_minute: int
    closes_minute: int
    slot_minutes: int = 20
    cancelled: bool = False


class Petitioner(SQLModel, table=True):
    """A villager. Name, ID and phone are sealed; keyed hashes find them again. Anonymous: all empty."""

    __tablename__ = "petitioners"

    id: int | None = Field(default=None, primary_key=True)
    anonymous: bool = False
    name: str | None = Field(default=None, sa_type=SealedText)
    id_number: str | None = Field(default=None, sa_type=SealedText)
    id_index: str | None = Field(default=None, index=True, max_length=64)
    phone: str | None = Field(default=None, sa_type=SealedText)
    phone_index: str | None = Field(default=None, index=True, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Booking(SQLModel, table=True):
    """A place on an official's list: a slot, or (``slot`` empty) a walk-in. ``number`` is what the villager keeps."""

    __tablename__ = "bookings"
    __table_args__ = (
        Index(
            "uq_bookings_slot_taken",
            "reception_day_id",
            "slot",
            unique=True,
            sqlite_where=text("slot IS NOT NULL AND state NOT IN ('cancelled','absent')"),
            postgresql_where=text("slot IS NOT NULL AND state NOT IN ('cancelled','absent')"),
        ),
        Index(
            "uq_bookings_in_session",
            "reception_day_id",
            unique=True,
            sqlite_where=text("state = 'in_session'"),
            postgresql_where=text("state = 'in_session'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True, max_length=20)
    reception_day_id: int = Field(foreign_key="reception_days.id", index=True)
    slot: int | None = None
    point_id: int = Field(foreign_key="village_points.id", index=True)
    petitioner_id: int = Field(foreign_key="petitioners.id", index=True)
    state: BookingState = Field(default=BookingState.BOOKED, sa_type=word(BookingState), index=True)
    private: bool = False
    request_key: str = Field(unique=True, max_length=64)
    booked_at: datetime = Field(sa_type=UtcDateTime)
    checked_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    admitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    consent: bool | None = None
    consent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CalendarVersion(SQLModel, table=True):
    """One version of a year's days; the highest ``revision`` of a year is in force. Rows are never changed.

    ``made_by`` is what the audit log calls the person; a year without a version is provisional.
    """

    __tablename__ = "calendar_versions"
    __table_args__ = (
        UniqueConstraint("year", "revision", name="uq_calendar_versions_revision"),
        CheckConstraint("revision >= 1", name="ck_calendar_versions_revision"),
    )

    id: int | None = Field(default=None, primary_key=True)
    year: int
    revision: int
    source: Source = Field(sa_type=word(Source))
    why: str = Field(default="", max_length=200)
    made_by: str = Field(default="", max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)


class CalendarDay(SQLModel, table=True):
    """A day that a version names: off, or a weekend day worked. All other days follow their weekday."""

    __tablename__ = "calendar_days"

    version_id: int = Field(foreign_key="calendar_versions.id", primary_key=True)
    day: date = Field(primary_key=True)
    working: bool
    holiday: Holiday = Field(sa_type=word(Holiday))
