"""Telling a visitor what became of the booking. For services; checks no right."""

from datetime import datetime

from sqlmodel import Session

from server.accounts.models import User
from server.notices.planning import PLACED, REMINDERS, reminders
from server.notices.service import Addressee, Place, drop, put
from server.notices.words import NoticeEvent
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.words import BookingState


def tell(
    db: Session,
    *,
    now: datetime,
    event: NoticeEvent,
    booking: Booking,
    reception_day_id: int | None = None,
    slot: int | None = None,
    at: datetime | None = None,
) -> None:
    """Put a notice into the outbox, in the caller's transaction, after the change. The same event at ``now`` is one.

    It speaks of the booking's own place, or of ``reception_day_id`` and ``slot`` (of an offer). ``at``: until when to
    answer, or when to be back. Reminders follow the place.
    """
    to = addressee_of(db, booking)
    if reception_day_id is not None:
        place = place_of(db, reception_day_id, slot)
    else:
        place = place_of(db, booking.reception_day_id, booking.slot)
    put(db, now=now, event=event, to=to, place=place, at=at)
    if event in PLACED and place.starts_at is not None and booking.state is BookingState.BOOKED:
        for reminder, due_at in reminders(place.starts_at, now=now):
            put(db, now=now, event=reminder, to=to, place=place, due_at=due_at, about=place.starts_at)


def forget_reminders(db: Session, *, booking: Booking) -> None:
    """Who is there, or not expected any more, is not reminded."""
    drop(db, to=addressee_of(db, booking), events=REMINDERS)


def addressee_of(db: Session, booking: Booking) -> Addressee:
    """Whom a booking's notices go to."""
    petitioner = db.get_one(Petitioner, booking.petitioner_id)
    return Addressee(
        number=booking.number,
        petitioner_id=booking.petitioner_id,
        point_id=booking.point_id,
        phone=petitioner.phone is not None,
        booking_id=booking.id,
        private=booking.private,
    )


def place_of(db: Session, reception_day_id: int, slot: int | None) -> Place:
    """A place as notices name it."""
    day = db.get_one(ReceptionDay, reception_day_id)
    official = db.get_one(User, day.official_id)
    starts_at = None if slot is None else instant_of(day.day, hours_of(day).minute(slot))
    return Place(day.day, starts_at, f"{official.post}{official.display_name}")
