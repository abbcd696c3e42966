"""Booking: petitioners, free slots, taking one, giving it back. Writes that collide lose to the unique indexes."""

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict, Invalid, NotFound
from server.notices.words import NoticeEvent
from server.places.models import VillagePoint
from server.scheduling import identity
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_audience import Bookable
from server.scheduling.service_free import free_slots, hours_of, not_before
from server.scheduling.service_freed import share_out, take_back
from server.scheduling.service_holds import held, holder, release
from server.scheduling.service_notices import forget_reminders, tell
from server.scheduling.slots import nearest
from server.scheduling.states import BOOKING, GONE, BookingEvent
from server.scheduling.words import BookingState
from server.sealing import current_sealer
from server.transitions import advance

TOLD = {BookingEvent.CANCEL: NoticeEvent.CANCELLED, BookingEvent.MARK_ABSENT: NoticeEvent.MISSED}


def require_own_point(actor: Actor, point_id: int) -> None:
    """Kiosks and agents know no other point than their own."""
    if actor.role in {Role.KIOSK, Role.AGENT} and actor.point_id != point_id:
        raise no_such_booking()


def no_such_booking() -> NotFound:
    """Absent and forbidden answer alike."""
    return NotFound("no_such_booking", "There is no reception with this number here. Please check the number.")


def register_petitioner(
    db: Session, *, actor: Actor, now: datetime, name: str, id_number: str, phone: str, anonymous: bool
) -> Petitioner:
    """The petitioner with this identity, found again or new. The newest name and phone are kept."""
    require(actor, Action.BOOK)
    who = identity.checked(name=name, id_number=id_number, phone=phone, anonymous=anonymous)
    known = None
    if who.id_number is not None:
        index = current_sealer().index(who.id_number)
        known = db.exec(select(Petitioner).where(Petitioner.id_index == index)).first()
    petitioner = known or Petitioner(anonymous=who.anonymous, created_at=now)
    petitioner.name = who.name
    if who.id_number is not None:
        petitioner.id_number, petitioner.id_index = who.id_number, current_sealer().index(who.id_number)
    if who.phone is not None:
        petitioner.phone, petitioner.phone_index = who.phone, current_sealer().index(who.phone)
    db.add(petitioner)
    db.flush()
    return petitioner


def book(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    reception_day_id: int,
    slot: int | None,
    point_id: int,
    petitioner_id: int,
    request_key: str,
    private: bool = False,
    content: str | None = None,
) -> Booking:
    """Take a slot, or join today's list as a walk-in (``slot`` empty). ``content`` is what the matter is about.

    The same ``request_key`` gives the same booking again. A taken slot raises ``Conflict("slot_taken")`` with the
    three nearest free ones as ``nearest`` (pairs of reception day and slot).
    """
    require(actor, Action.BOOK)
    require_own_point(actor, point_id)
    again = booked_before(db, actor=actor, request_key=request_key)
    if again is not None:
        return again
    day = _open_day(db, reception_day_id, slot, now)
    _refuse_strangers(db, actor, now, day, slot, point_id, content)
    booking = Booking(
        number=new_number(db, day.day, point_id),
        reception_day_id=reception_day_id,
        slot=slot,
        point_id=point_id,
        petitioner_id=petitioner_id,
        request_key=request_key,
        private=private,
        booked_at=now,
        content=content or "",
    )
    _insert(db, booking, actor, now, day)
    record(db, actor=actor, now=now, action="booking.booked", subject="booking", subject_id=booking.id or 0)
    if slot is not None:
        tell(db, now=now, event=NoticeEvent.BOOKED, booking=booking)
    return booking


def booked_before(db: Session, *, actor: Actor, request_key: str) -> Booking | None:
    """What was made under this key already. For services."""
    again = db.exec(select(Booking).where(Booking.request_key == request_key)).first()
    if again is not None:
        require_own_point(actor, again.point_id)
    return again


def _refuse_strangers(
    db: Session, actor: Actor, now: datetime, day: ReceptionDay, slot: int | None, point_id: int, content: str | None
) -> None:
    point = db.get(VillagePoint, point_id)
    if point is None or point.closed_at is not None:
        raise Invalid("no_such_point", "Please choose the village point.", field="point_id")
    plans = [day.rule_id] if day.rule_id is not None else []
    bookable = Bookable(db, plans, actor=actor, point_id=point_id, content=content)
    if not bookable.admits(day):
        raise Invalid("not_received_here", "This reception is for others. Please choose another one.", field="slot")
    if slot is not None and not bookable.in_time(day, local_date(now)):
        raise Invalid(
            "not_in_time",
            "This day cannot be booked now: it is too near or too far. Please choose another.",
            field="slot",
        )


def _insert(db: Session, booking: Booking, actor: Actor, now: datetime, day: ReceptionDay) -> None:
    """Take the place, or another that begins with it; each is tried against the unique index.

    What others hold is not tried. The actor's own hold is let go.
    """
    hours, owner = hours_of(day), holder(actor)
    others = held(db, now=now, day_ids=[booking.reception_day_id], besides=owner).get(booking.reception_day_id, set())
    places: list[int | None] = [None] if booking.slot is None else [*hours.together(booking.slot)]
    for place in (one for one in places if one not in others):
        booking.slot = place
        try:
            with db.begin_nested():
                db.add(booking)
                db.flush()
        except IntegrityError:
            continue
        release(db, owner=owner)
        return
    options = free_slots(
        db,
        actor=actor,
        now=now,
        from_day=local_date(now),
        days=28,
        official_id=day.official_id,
        point_id=booking.point_id,
    )
    wanted = (day.day.toordinal(), hours.minute(booking.slot or 0))
    by_time = {(one.day.toordinal(), one.minute): one for one in options}
    chosen = [by_time[pair] for pair in nearest(by_time, wanted)]
    raise Conflict(
        "slot_taken",
        "This time was just booked by somebody else. Please choose another; the nearest free ones are shown first.",
        field="slot",
        params={"nearest": [(one.reception_day_id, one.slot) for one in chosen]},
    )


def _open_day(db: Session, reception_day_id: int, slot: int | None, now: datetime) -> ReceptionDay:
    day = db.get(ReceptionDay, reception_day_id)
    if day is None or day.cancelled or day.off_plan or day.day < local_date(now):
        raise Invalid("no_such_day", "There is no reception on this day. Please choose another day.", field="slot")
    if slot is None:
        if day.day != local_date(now):
            raise Invalid("slot_missing", "Please choose a time.", field="slot")
    elif not hours_of(day).has(slot) or hours_of(day).minute(slot) < not_before(day.day, now):
        raise Invalid("no_such_slot", "This time is over or does not exist. Please choose another.", field="slot")
    return day


def new_number(db: Session, day: date, point_id: int) -> str:
    """The number a new booking of this point gets, by the day it is for. For services."""
    start = f"{day:%y%m%d}-{point_id:03d}-"
    count = db.exec(select(func.count()).select_from(Booking).where(col(Booking.number).startswith(start))).one()
    return f"{start}{count + 1}"


def booking_by_number(db: Session, *, actor: Actor, number: str) -> Booking:
    """The booking with this number; kiosks and agents see those of their own point only."""
    require(actor, Action.CHECK_IN)
    found = db.exec(select(Booking).where(Booking.number == number.strip())).first()
    if found is None:
        raise no_such_booking()
    require_own_point(actor, found.point_id)
    return found


def move(db: Session, *, actor: Actor, now: datetime, booking: Booking, event: BookingEvent, why: str = "") -> Booking:
    """Take one step of the table, write down who, when and why, and tell the visitor. For services; checks no right.

    A place that becomes free by it is offered to the first one who waits for it.
    """
    before = booking.state
    booking.state = advance(BOOKING, before, event)
    db.add(booking)
    db.flush()
    detail = {"from": before.value, "to": booking.state.value, "why": why}
    record(
        db,
        actor=actor,
        now=now,
        action=f"booking.{event.value}",
        subject="booking",
        subject_id=booking.id or 0,
        detail=detail,
    )
    if event in TOLD:
        tell(db, now=now, event=TOLD[event], booking=booking)
    elif before is BookingState.BOOKED:
        forget_reminders(db, booking=booking)
    if booking.state in GONE:
        take_back(db, now=now, booking=booking, actor=actor)
        share_out(db, now=now)
    return booking


def cancel(db: Session, *, actor: Actor, now: datetime, number: str) -> Booking:
    """Give the place back. Again: nothing changes."""
    require(actor, Action.CANCEL_BOOKING)
    booking = booking_by_number(db, actor=actor, number=number)
    if booking.state is BookingState.CANCELLED:
        return booking
    return move(db, actor=actor, now=now, booking=booking, event=BookingEvent.CANCEL)
