"""Counts for those who watch the machine; they say nothing about anybody."""

from sqlmodel import Session, func, select

from server.scheduling.models import Booking
from server.scheduling.words import BookingState


def bookings_by_state(db: Session) -> dict[str, int]:
    """How many bookings are in each state, zero included."""
    found = dict(db.exec(select(Booking.state, func.count()).group_by(Booking.state)).all())
    return {state.value: found.get(state, 0) for state in BookingState}
