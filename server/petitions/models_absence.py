"""Receptions that were not held as published: one action each, with all that is needed to undo it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import CheckConstraint, Field, SQLModel, UniqueConstraint

from server.database import UtcDateTime, word
from server.petitions.words import Fate, Way
from server.scheduling.words import BookingState


class Absence(SQLModel, table=True):
    """One action. ``official_id`` is empty where nobody receives; ``made_by`` is the user who did it.

    ``exceptions`` are the plans' exceptions as they were before, by plan and day; nothing where there was none.
    """

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="ck_absences_days"),)

    id: int | None = Field(default=None, primary_key=True)
    way: Way = Field(sa_type=word(Way))
    official_id: int | None = Field(default=None, foreign_key="users.id", index=True)
    first_day: date
    last_day: date
    why: str = Field(default="", max_length=200)
    made_by: int = Field(foreign_key="users.id")
    made_at: datetime = Field(sa_type=UtcDateTime, index=True)
    undo_until: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    exceptions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)


class AbsenceDay(SQLModel, table=True):
    """A reception day that an action changed: whose it was, and when."""

    __tablename__ = "absence_days"

    absence_id: int = Field(foreign_key="absences.id", primary_key=True)
    reception_day_id: int = Field(foreign_key="reception_days.id", primary_key=True)
    official_id: int = Field(foreign_key="users.id")
    day: date


class Displaced(SQLModel, table=True):
    """What an action did to one booking: how it stood (``from_…``), and what it got or was offered (``to_…``).

    ``…_beside`` are the places of others who receive together. ``parts`` is the sentence that explains it.
    ``restored``: the action was undone, and so was this.
    """

    __tablename__ = "displaced"
    __table_args__ = (UniqueConstraint("absence_id", "booking_id", name="uq_displaced_booking"),)

    id: int | None = Field(default=None, primary_key=True)
    absence_id: int = Field(foreign_key="absences.id", index=True)
    booking_id: int = Field(foreign_key="bookings.id", index=True)
    fate: Fate = Field(sa_type=word(Fate))
    from_day_id: int = Field(foreign_key="reception_days.id")
    from_slot: int | None = None
    from_state: BookingState = Field(sa_type=word(BookingState))
    from_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    from_official_id: int = Field(foreign_key="users.id")
    checked_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    to_day_id: int | None = Field(default=None, foreign_key="reception_days.id")
    to_slot: int | None = None
    to_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    to_official_id: int | None = Field(default=None, foreign_key="users.id")
    from_beside: list[list[int]] = Field(default_factory=list, sa_type=JSON)
    to_beside: list[list[int]] = Field(default_factory=list, sa_type=JSON)
    parts: list[list[Any]] = Field(default_factory=list, sa_type=JSON)
    restored: bool = False
