"""Closing a village point together with everything that is booked there."""

from datetime import datetime

from sqlmodel import Session, and_, col, or_, select

from server.accounts.roles import Action, Actor, require
from server.clock import local_date
from server.errors import Conflict
from server.places import service_admin as places
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import move
from server.scheduling.service_days import TAKEN
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState


def bookings_to_come(db: Session, *, actor: Actor, now: datetime, point_id: int) -> list[tuple[Booking, ReceptionDay]]:
    """Who waits for a time at a point, then who is still expected there, today or later, the soonest first."""
    require(actor, Action.SET_UP)
    waits = col(Booking.state) == BookingState.WAITLISTED
    rows = db.exec(
        select(Booking, ReceptionDay)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .where(Booking.point_id == point_id)
        .where(or_(waits, and_(col(Booking.state).in_(TAKEN), col(ReceptionDay.day) >= local_date(now))))
        .order_by(col(ReceptionDay.day), col(Booking.slot), col(Booking.id))
    )
    found = [(booking, day) for booking, day in rows]
    return sorted(found, key=lambda one: one[0].state is not BookingState.WAITLISTED)


def close_point(db: Session, *, actor: Actor, now: datetime, point_id: int) -> int:
    """Close a point with everything booked there; how many bookings. Refused while somebody is in a talk."""
    bookings = [one for one, _ in bookings_to_come(db, actor=actor, now=now, point_id=point_id)]
    if any(one.state is BookingState.IN_SESSION for one in bookings):
        raise Conflict("talk_under_way_here", "A talk is under way at this point. Please wait until it is over.")
    for one in bookings:
        move(db, actor=actor, now=now, booking=one, event=BookingEvent.CANCEL)
    places.close_point(db, actor=actor, now=now, point_id=point_id)
    return len(bookings)
