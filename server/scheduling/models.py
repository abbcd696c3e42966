"""Reception days and the bookings on them. One list for booked and walk-in visitors."""

from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import CheckConstraint, Field, Index, SQLModel

from server.database import SealedText, UtcDateTime, word
from server.scheduling.words import BookingState, Priority


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
    """A place on an official's list: a slot, or (``slot`` empty) a walk-in. ``number`` is what the villager keeps.

    ``content`` is the category of the matter, ``people`` how many come for it: how long talks take depends on them.
    """

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
        CheckConstraint("people BETWEEN 1 AND 5", name="ck_bookings_people"),
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
    content: str = Field(default="", max_length=40)
    people: int = 1
    priority: Priority | None = Field(default=None, sa_type=word(Priority))


class WaitPromise(SQLModel, table=True):
    """What a visitor was told at check-in about the wait. ``least`` and ``most`` are empty where nothing was told.

    ``middle`` and ``spread`` are the estimate behind it, in minutes. ``admitted_at`` of the booking is the truth.
    """

    __tablename__ = "wait_promises"
    __table_args__ = (CheckConstraint("least <= most", name="ck_wait_promises_range"),)

    booking_id: int = Field(foreign_key="bookings.id", primary_key=True)
    official_id: int = Field(foreign_key="users.id", index=True)
    promised_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ahead: int
    middle: float
    spread: float
    least: int | None = None
    most: int | None = None
