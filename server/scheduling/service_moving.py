"""Days that are planned no more but booked, and moving their bookings to a free time of the same official."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict, Invalid, NotFound
from server.notices.words import NoticeEvent
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service import no_such_booking, wanted_for
from server.scheduling.service_days import TAKEN, DayRow, day_rows
from server.scheduling.service_free import ANYTHING, FreeSlot, Wanted, free_of_official, hours_of
from server.scheduling.service_freed import share_out
from server.scheduling.service_holds import held, holder
from server.scheduling.service_joint import dissolve
from server.scheduling.service_nearest import OFFERED, slot_taken
from server.scheduling.service_notices import tell
from server.scheduling.service_party import require_mandate
from server.scheduling.service_plan_days import settle, without_room
from server.scheduling.slots import nearest
from server.scheduling.words import BookingState


def off_plan_days(db: Session, *, actor: Actor) -> list[DayRow]:
    """Days that wait for a person: their bookings stand, and the plan has no room for them any more."""
    require(actor, Action.SET_UP)
    return day_rows(db, col(ReceptionDay.off_plan).is_(True))


def other_times(db: Session, *, actor: Actor, now: datetime, day_id: int) -> dict[str, list[FreeSlot]]:
    """For every booking without room on its day, by number, the nearest free times of its official on other days."""
    require(actor, Action.SET_UP)
    day = db.get_one(ReceptionDay, day_id)
    free = {
        (one.day.toordinal(), one.minute): one for one in free_of_official(db, now=now, official_id=day.official_id)
    }
    others = [pair for pair, one in free.items() if one.reception_day_id != day_id]
    found: dict[str, list[FreeSlot]] = {}
    query = select(Booking).where(Booking.reception_day_id == day_id, col(Booking.state).in_(TAKEN))
    bookings = db.exec(query.order_by(col(Booking.slot), col(Booking.id))).all()
    for booking in without_room(db, day=day, bookings=bookings):
        minute = hours_of(day).minute(booking.slot) if booking.slot is not None else day.opens_minute
        chosen = nearest(others, (day.day.toordinal(), minute), OFFERED)
        others = [pair for pair in others if pair not in chosen[:1]]
        found[booking.number] = [free[pair] for pair in chosen]
    return found


def move_booking(db: Session, *, actor: Actor, now: datetime, number: str, reception_day_id: int, slot: int) -> Booking:
    """Give a booking another time of the same official. Its number stays; the unique index decides who was first.

    A day that is planned no more goes with its last booking; one that plans have room for again is opened again.
    """
    require(actor, Action.SET_UP)
    booking = db.exec(select(Booking).where(Booking.number == number)).first()
    if booking is None:
        raise no_such_booking()
    old, new = db.get_one(ReceptionDay, booking.reception_day_id), db.get(ReceptionDay, reception_day_id)
    if new is None or new.cancelled or new.off_plan or new.official_id != old.official_id:
        raise NotFound("unknown_day", "This reception day is not there any more.")
    if booking.state is not BookingState.BOOKED:
        raise Conflict("wrong_state", "This step is not possible now. Please reload the page to see the current state.")
    if new.day <= local_date(now) or not hours_of(new).has(slot):
        raise Invalid("no_such_slot", "This time is over or does not exist. Please choose another.", field="slot")
    who, where = booking.petitioner_id, booking.point_id
    wanted = wanted_for(db, petitioner_id=who, point_id=where, content=booking.content or None)
    place_booking(db, actor=actor, now=now, booking=booking, day=new, slot=slot, wanted=wanted)
    detail = {"day": {"from": old.day.isoformat(), "to": new.day.isoformat()}}
    record(
        db, actor=actor, now=now, action="booking.moved", subject="booking", subject_id=booking.id or 0, detail=detail
    )
    tell(db, now=now, event=NoticeEvent.MOVED, booking=booking)
    close_or_reopen(db, actor=actor, now=now, day=old)
    share_out(db, now=now)
    return booking


def place_booking(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    booking: Booking,
    day: ReceptionDay,
    slot: int,
    wanted: Wanted = ANYTHING,
) -> None:
    """Put a booking on another place, or one that begins with it. For services; the caller has checked the place.

    Who received together is asked anew. A mandate must be good on that day.
    What others hold or have raises ``Conflict("slot_taken")`` with the nearest that ``wanted`` may have.
    """
    require_mandate(db, booking=booking, day=day.day)
    others = held(db, now=now, besides=holder(actor)).get(day.id or 0, set())
    for place in (one for one in hours_of(day).together(slot) if one not in others):
        try:
            with db.begin_nested():
                booking.reception_day_id, booking.slot = day.id or 0, place
                db.add(booking)
                db.flush()
        except IntegrityError:
            db.refresh(booking)
            continue
        dissolve(db, actor=actor, now=now, booking=booking)
        return
    raise slot_taken(db, actor=actor, now=now, day=day, slot=slot, wanted=wanted)


def close_or_reopen(db: Session, *, actor: Actor, now: datetime, day: ReceptionDay) -> None:
    """After a booking left the day: one that is planned no more goes with its last, or opens again as planned.

    For services; checks no right.
    """
    left = select(Booking.id).where(Booking.reception_day_id == day.id, col(Booking.state).in_(TAKEN))
    if day.off_plan and db.exec(left).first() is None:
        day.cancelled = True
        db.add(day)
        db.flush()
    settle(db, actor=actor, now=now, day=day)
