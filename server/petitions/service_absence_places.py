"""The places that an absence takes and gives beside the booked ones: of joint receptions, and on the waitlist.

For services; checks no right.
"""

from datetime import date, datetime

from sqlmodel import Session, col, select

from server.accounts.roles import Actor
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.models_party import JointPlace
from server.scheduling.service_waitlist import LONGEST, Waited, put_on_waitlist
from server.scheduling.states import GONE


def beside_of(db: Session, booking: Booking) -> list[list[int]]:
    """The places of others who receive together with a booking's official, as (reception day, place)."""
    rows = db.exec(select(JointPlace).where(JointPlace.booking_id == booking.id))
    return [[one.reception_day_id, one.slot] for one in rows]


def taken_by_others(db: Session, day_id: int, slot: int, booking_id: int) -> bool:
    """Whether a place is booked, or sat at beside, by somebody else than this booking."""
    booked = select(Booking.id).where(
        Booking.reception_day_id == day_id,
        Booking.slot == slot,
        Booking.id != booking_id,
        col(Booking.state).not_in(GONE),
    )
    beside = db.get(JointPlace, (day_id, slot))
    return db.exec(booked).first() is not None or (beside is not None and beside.booking_id != booking_id)


def receive_beside(db: Session, day: ReceptionDay) -> None:
    """The day's official is another one, in its joint receptions too."""
    for one in db.exec(select(JointPlace).where(JointPlace.reception_day_id == day.id)):
        one.official_id = day.official_id
        db.add(one)


def line_up(db: Session, *, actor: Actor, now: datetime, booking: Booking, first: date) -> None:
    """Put somebody whose time is gone on the waitlist, for anybody who may know of the matter."""
    put_on_waitlist(db, actor=actor, now=now, booking=booking, waited=Waited(first, first + LONGEST))
