"""Booking: petitioners, free slots, taking one, giving it back. Writes that collide lose to the unique indexes."""

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from server.accounts.exclusion import NOBODY, Excluded
from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.accounts.service_exclusions import excluded_for
from server.audit.service import record
from server.clock import local_date
from server.errors import Invalid, NotFound
from server.notices.words import NoticeEvent
from server.places.models import VillagePoint
from server.scheduling import identity
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_audience import Bookable
from server.scheduling.service_free import Wanted, hours_of, not_before
from server.scheduling.service_freed import share_out, take_back
from server.scheduling.service_holds import held, hold, holder, release
from server.scheduling.service_joint import dissolve
from server.scheduling.service_nearest import slot_taken
from server.scheduling.service_notices import forget_reminders, tell
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


def petitioner_with(db: Session, *, id_number: str) -> Petitioner | None:
    """Who has this identity number, if they were here before. For services; checks no right."""
    index = current_sealer().index(id_number)
    return db.exec(select(Petitioner).where(Petitioner.id_index == index)).first()


def register_petitioner(
    db: Session, *, actor: Actor, now: datetime, name: str, id_number: str, phone: str, anonymous: bool
) -> Petitioner:
    """The petitioner with this identity, found again or new. The newest name and phone are kept."""
    require(actor, Action.BOOK)
    who = identity.checked(name=name, id_number=id_number, phone=phone, anonymous=anonymous)
    known = petitioner_with(db, id_number=who.id_number) if who.id_number is not None else None
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
    excluded: Excluded = NOBODY,
) -> Booking:
    """Take a slot, or join today's list as a walk-in (``slot`` empty). ``content`` is what the matter is about.

    The same ``request_key`` gives the same booking again. A taken slot raises ``Conflict("slot_taken")`` with the
    three nearest free ones as ``nearest`` (pairs of reception day and slot); so does an ``excluded`` official.
    """
    require(actor, Action.BOOK)
    require_own_point(actor, point_id)
    if (again := booked_before(db, actor=actor, request_key=request_key)) is not None:
        return again
    wanted = wanted_for(db, petitioner_id=petitioner_id, point_id=point_id, content=content, excluded=excluded)
    day = require_bookable(db, actor=actor, now=now, reception_day_id=reception_day_id, slot=slot, wanted=wanted)
    booking = Booking(
        number=new_number(db, day.day, point_id),
        petitioner_id=petitioner_id,
        request_key=request_key,
        private=private,
        booked_at=now,
        content=content or "",
        reception_day_id=reception_day_id,
        slot=slot,
        point_id=point_id,
    )
    _insert(db, booking, actor, now, day, wanted)
    _note_and_tell(db, actor, now, booking)
    return booking


def booked_before(db: Session, *, actor: Actor, request_key: str) -> Booking | None:
    """What was made under this key already. For services."""
    again = db.exec(select(Booking).where(Booking.request_key == request_key)).first()
    if again is not None:
        require_own_point(actor, again.point_id)
    return again


def wanted_for(
    db: Session, *, petitioner_id: int, point_id: int, content: str | None, excluded: Excluded = NOBODY
) -> Wanted:
    """What this person can be offered: nobody who is excluded by this matter, or by another of this person."""
    aside = excluded | excluded_for(db, petitioner_id=petitioner_id)
    return Wanted(point_id=point_id, content=content, excluded=aside)


def require_bookable(
    db: Session, *, actor: Actor, now: datetime, reception_day_id: int, slot: int | None, wanted: Wanted
) -> ReceptionDay:
    """The day, if ``slot`` of it can be asked for by whoever ``wanted`` describes; whether it is free is not asked.

    For services. Raises ``Invalid`` with what to do, or for an excluded official what a taken time would raise.
    """
    day = open_day(db, reception_day_id, slot, now)
    _refuse_strangers(db, actor, now, day, slot, wanted.point_id or 0, wanted.content)
    refuse_excluded(db, actor, now, day, slot, wanted)
    return day


def _note_and_tell(db: Session, actor: Actor, now: datetime, booking: Booking) -> None:
    """Whoever came without a booking stands there, and is told nothing."""
    record(db, actor=actor, now=now, action="booking.booked", subject="booking", subject_id=booking.id or 0)
    if booking.slot is not None:
        tell(db, now=now, event=NoticeEvent.BOOKED, booking=booking)


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


def refuse_excluded(
    db: Session, actor: Actor, now: datetime, day: ReceptionDay, slot: int | None, wanted: Wanted
) -> None:
    """With the words for a time that somebody else took, or a reception that is over: nobody learns the reason.

    For services.
    """
    official = db.get_one(User, day.official_id)
    if not wanted.excluded.concerns(user_id=day.official_id, unit_id=official.unit_id):
        return
    if slot is None:
        raise _no_such_day()
    raise slot_taken(db, actor=actor, now=now, day=day, slot=slot, wanted=wanted)


def hold_slot(
    db: Session, *, actor: Actor, now: datetime, until: datetime, reception_day_id: int, slot: int, wanted: Wanted
) -> int:
    """Keep a time for the form the actor fills in; everything that booking it would refuse is refused here already.

    Returns the place that is held.
    """
    require(actor, Action.BOOK)
    require_own_point(actor, wanted.point_id or 0)
    day = require_bookable(db, actor=actor, now=now, reception_day_id=reception_day_id, slot=slot, wanted=wanted)
    place = hold(db, now=now, owner=holder(actor), reception_day_id=reception_day_id, slot=slot, until=until)
    if place is None:
        raise slot_taken(db, actor=actor, now=now, day=day, slot=slot, wanted=wanted)
    return place


def _insert(db: Session, booking: Booking, actor: Actor, now: datetime, day: ReceptionDay, wanted: Wanted) -> None:
    """Take the place, or another that begins with it; each is tried against the unique index.

    What others hold is not tried. The actor's own hold is let go.
    """
    hours, owner = hours_of(day), holder(actor)
    others = held(db, now=now, besides=owner).get(booking.reception_day_id, set())
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
    raise slot_taken(db, actor=actor, now=now, day=day, slot=booking.slot or 0, wanted=wanted)


def open_day(db: Session, reception_day_id: int, slot: int | None, now: datetime) -> ReceptionDay:
    """The day, if it has this time and it is not over; walk-ins can come today. For services."""
    day = db.get(ReceptionDay, reception_day_id)
    if day is None or day.cancelled or day.off_plan or day.day < local_date(now):
        raise _no_such_day()
    if slot is None:
        if day.day != local_date(now):
            raise Invalid("slot_missing", "Please choose a time.", field="slot")
    elif not hours_of(day).has(slot) or hours_of(day).minute(slot) < not_before(day.day, now):
        raise Invalid("no_such_slot", "This time is over or does not exist. Please choose another.", field="slot")
    return day


def _no_such_day() -> Invalid:
    return Invalid("no_such_day", "There is no reception on this day. Please choose another day.", field="slot")


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
        dissolve(db, actor=actor, now=now, booking=booking)
        share_out(db, now=now)
    return booking


def cancel(db: Session, *, actor: Actor, now: datetime, number: str) -> Booking:
    """Give the place back. Again: nothing changes."""
    require(actor, Action.CANCEL_BOOKING)
    booking = booking_by_number(db, actor=actor, number=number)
    if booking.state is BookingState.CANCELLED:
        return booking
    return move(db, actor=actor, now=now, booking=booking, event=BookingEvent.CANCEL)
