"""Changing and cancelling a booking: at its point, or anywhere with its number and code."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict, Invalid
from server.notices.words import NoticeEvent
from server.petitions.models import Petition
from server.petitions.service_ask import petition_by_code
from server.petitions.service_petition import move as move_petition
from server.petitions.states import PetitionEvent
from server.petitions.words import CancelReason, PetitionState
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import booking_by_number, move, require_bookable, wanted_for
from server.scheduling.service_free import DAYS_AHEAD, Wanted, free_days, hours_of, not_before
from server.scheduling.service_freed import share_out
from server.scheduling.service_moving import close_or_reopen, place_booking
from server.scheduling.service_notices import tell
from server.scheduling.service_offers import Times, times_of
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState

CANCELLABLE = (BookingState.BOOKED, BookingState.WAITING, BookingState.HELD, BookingState.WAITLISTED)


@dataclass(frozen=True)
class Own:
    """A booking with its day, for who may change it. ``open``: it is still to come and nobody checked in."""

    booking: Booking
    petition: Petition
    day: ReceptionDay
    open: bool


def own_booking(db: Session, *, actor: Actor, now: datetime, number: str, code: str | None) -> Own:
    """The booking with this number: with a code for anybody who has both, without one for its own point and clerks."""
    if code is None:
        require(actor, Action.CANCEL_BOOKING)
        booking = booking_by_number(db, actor=actor, number=number)
        petition = db.exec(select(Petition).where(Petition.booking_id == booking.id)).one()
    else:
        petition, booking = petition_by_code(db, actor=actor, number=number, code=code)
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    return Own(booking, petition, day, booking.state is BookingState.BOOKED and not _over(booking, day, now))


def _over(booking: Booking, day: ReceptionDay, now: datetime) -> bool:
    if booking.slot is None:
        return day.day < local_date(now)
    return hours_of(day).minute(booking.slot) < not_before(day.day, now)


def _wanted(db: Session, own: Own) -> Wanted:
    who, where = own.booking.petitioner_id, own.booking.point_id
    return wanted_for(db, petitioner_id=who, point_id=where, content=own.petition.content)


def other_times(db: Session, *, actor: Actor, now: datetime, own: Own, others: bool, day: str) -> Times:
    """The free times with the same official, or (``others``) with anybody; ``day`` is the one looked at."""
    wanted = _wanted(db, own)
    free = free_days(db, actor=actor, now=now, from_day=local_date(now), days=DAYS_AHEAD, wanted=wanted)
    return times_of([one for one in free if others or one.official_id == own.day.official_id], day)


def change_time(
    db: Session, *, actor: Actor, now: datetime, number: str, code: str | None, reception_day_id: int, slot: int
) -> Booking:
    """Move the booking to another time, also of another official; its number stays. Again: nothing changes.

    A time that is gone raises ``Conflict("slot_taken")`` with the nearest, and the old time stays.
    """
    own = own_booking(db, actor=actor, now=now, number=number, code=code)
    booking, wanted = own.booking, _wanted(db, own)
    if not own.open:
        raise _too_late()
    if booking.reception_day_id == reception_day_id and _together(own, slot):
        return booking
    day = require_bookable(db, actor=actor, now=now, reception_day_id=reception_day_id, slot=slot, wanted=wanted)
    place_booking(db, actor=actor, now=now, booking=booking, day=day, slot=slot, wanted=wanted)
    own.petition.official_id = day.official_id
    db.add(own.petition)
    detail = {"day": {"from": own.day.day.isoformat(), "to": day.day.isoformat()}}
    record(
        db,
        actor=actor,
        now=now,
        action="booking.changed",
        subject="booking",
        subject_id=booking.id or 0,
        detail=detail,
    )
    tell(db, now=now, event=NoticeEvent.CHANGED, booking=booking)
    close_or_reopen(db, actor=actor, now=now, day=own.day)
    share_out(db, now=now)
    return booking


def _together(own: Own, slot: int) -> bool:
    return own.booking.slot is not None and slot in hours_of(own.day).together(own.booking.slot)


def _too_late() -> Conflict:
    return Conflict("too_late_to_change", "This booking cannot be changed any more. Please ask the staff at the point.")


def cancel_booking(db: Session, *, actor: Actor, now: datetime, number: str, code: str | None, reason: str) -> Booking:
    """Give the place back at once and take the matter back; ``reason`` may be empty. Again: nothing changes."""
    own = own_booking(db, actor=actor, now=now, number=number, code=code)
    if reason not in {"", *CancelReason}:
        raise Invalid("choice_missing", "Please choose one of these.", field="reason")
    if own.booking.state is BookingState.CANCELLED:
        return own.booking
    if own.booking.state not in CANCELLABLE:
        raise _too_late()
    move(db, actor=actor, now=now, booking=own.booking, event=BookingEvent.CANCEL, why=reason)
    if own.petition.state is PetitionState.BOOKED:
        move_petition(db, actor=actor, now=now, petition=own.petition, event=PetitionEvent.WITHDRAW, why=reason)
    close_or_reopen(db, actor=actor, now=now, day=own.day)
    return own.booking
