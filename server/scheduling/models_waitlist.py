"""Who waits for a time to become free, and the times that were offered."""

from datetime import date, datetime

from sqlalchemy import JSON, text
from sqlmodel import CheckConstraint, Field, Index, SQLModel

from server.database import UtcDateTime, word
from server.scheduling.words import OfferState


class WaitlistPlace(SQLModel, table=True):
    """What somebody on the waitlist waits for. The line goes by ``since``; the booking is in state ``waitlisted``.

    Official and unit are empty for whoever has time. ``barred`` officials are never offered.
    """

    __tablename__ = "waitlist_places"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="ck_waitlist_places_days"),)

    booking_id: int = Field(foreign_key="bookings.id", primary_key=True)
    official_id: int | None = Field(default=None, foreign_key="users.id")
    unit_id: int | None = Field(default=None, foreign_key="units.id")
    first_day: date
    last_day: date
    since: datetime = Field(sa_type=UtcDateTime, index=True)
    barred: list[int] = Field(default_factory=list, sa_type=JSON)


class SlotOffer(SQLModel, table=True):
    """A time that was offered to a booking; while it is open, a hold of ``service_holds`` keeps the place.

    ``minute`` is when it begins: what was refused is not offered again.
    """

    __tablename__ = "slot_offers"
    __table_args__ = (
        Index(
            "uq_slot_offers_open",
            "booking_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(foreign_key="bookings.id", index=True)
    reception_day_id: int = Field(foreign_key="reception_days.id", index=True)
    slot: int
    minute: int
    made_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime, index=True)
    state: OfferState = Field(default=OfferState.OPEN, sa_type=word(OfferState))
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
