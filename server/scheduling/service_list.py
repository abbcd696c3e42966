"""The day itself: one list for booked and walk-in visitors, run by the official."""

from datetime import date, datetime

from sqlmodel import Session, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.clock import local_date
from server.errors import Conflict, Forbidden, Invalid
from server.scheduling.identity import age_on
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service import booking_by_number, move, new_number, no_such_booking
from server.scheduling.service_order import Entry, Place, entries_of, estimated, place_of, rules_in_use
from server.scheduling.service_waits import keep_promise
from server.scheduling.states import BookingEvent
from server.scheduling.words import BookingState, Priority


def check_in(db: Session, *, actor: Actor, now: datetime, number: str, priority: str = "") -> Booking:
    """The visitor is there. Again: nothing changes. After an absence the slot is lost and the arrival counts.

    ``priority`` is the reason to go before others, if there is one; great age is known from the ID number.
    """
    require(actor, Action.CHECK_IN)
    booking = booking_by_number(db, actor=actor, number=number)
    if booking.state in {BookingState.WAITING, BookingState.HELD, BookingState.IN_SESSION}:
        return booking
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    if day.day != local_date(now):
        raise Conflict("not_today", "This reception is not today. Please come on the booked day.")
    if booking.state is BookingState.ABSENT:
        booking.slot = None
    booking.checked_in_at = now
    booking.priority = _checked_priority(priority) or _by_age(db, booking, local_date(now))
    why = booking.priority.value if booking.priority is not None else ""
    move(db, actor=actor, now=now, booking=booking, event=BookingEvent.CHECK_IN, why=why)
    entries = entries_of(db, now=now, official_id=day.official_id, day=day.day)
    ahead, found = estimated(db, now=now, entries=entries, booking=booking, day=day)
    keep_promise(db, now=now, booking=booking, official_id=day.official_id, ahead=ahead, found=found)
    return booking


def _checked_priority(text: str) -> Priority | None:
    if not text:
        return None
    if text not in {one.value for one in rules_in_use().reasons}:
        raise Invalid("bad_priority", "This reason gives no priority here.", field="priority")
    return Priority(text)


def _by_age(db: Session, booking: Booking, today: date) -> Priority | None:
    number = db.get_one(Petitioner, booking.petitioner_id).id_number
    rules = rules_in_use()
    old = number is not None and age_on(number, today) >= rules.old_age and Priority.OLD in rules.reasons
    return Priority.OLD if old else None


def give_consent(db: Session, *, actor: Actor, now: datetime, number: str, consent: bool) -> Booking:
    """Store what the petitioner said to being recorded; it can be changed until the talk begins.

    Somebody who was admitted before answering may still answer once.
    """
    require(actor, Action.GIVE_CONSENT)
    booking = booking_by_number(db, actor=actor, number=number)
    asked_late = booking.state is BookingState.IN_SESSION and booking.consent is None
    if booking.state not in {BookingState.BOOKED, BookingState.WAITING, BookingState.HELD} and not asked_late:
        raise Conflict("too_late_for_consent", "The talk has begun; the answer stands as it was given.")
    booking.consent, booking.consent_at = consent, now
    db.add(booking)
    return booking


def waiting_list(db: Session, *, actor: Actor, now: datetime, official_id: int, day: date) -> list[Entry]:
    """Everybody on an official's list of that day: in session, waiting in order, held, expected, absent, done."""
    require(actor, Action.SEE_WAITING_LIST)
    if actor.role is Role.OFFICIAL and actor.id != official_id:
        raise Forbidden("not_your_list", "This is the list of another official.")
    return entries_of(db, now=now, official_id=official_id, day=day)


def place_in_list(db: Session, *, actor: Actor, now: datetime, number: str) -> Place:
    """Where the visitor with this number stands now."""
    booking = booking_by_number(db, actor=actor, number=number)
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    return place_of(db, now=now, booking=booking, day=day, official=db.get_one(User, day.official_id))


def join_list(db: Session, *, now: datetime, before: Booking, day: ReceptionDay, request_key: str) -> Booking:
    """Somebody who was received on one list joins another of today, aside at first; the first arrival counts.

    For services; checks no right.
    """
    booking = Booking(
        number=new_number(db, day.day, before.point_id),
        reception_day_id=day.id or 0,
        point_id=before.point_id,
        petitioner_id=before.petitioner_id,
        state=BookingState.HELD,
        private=before.private,
        request_key=request_key,
        booked_at=now,
        checked_in_at=before.checked_in_at or now,
        consent=before.consent,
        consent_at=before.consent_at,
        content=before.content,
        people=before.people,
        priority=before.priority,
    )
    db.add(booking)
    db.flush()
    return booking


def on_own_list(db: Session, *, actor: Actor, number: str) -> Booking:
    """A booking of the official's own list; clerks run any list."""
    require(actor, Action.RUN_LIST)
    booking = db.exec(select(Booking).where(Booking.number == number)).first()
    if booking is None:
        raise no_such_booking()
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    if actor.role is Role.OFFICIAL and day.official_id != actor.id:
        raise no_such_booking()
    return booking


def change(db: Session, *, actor: Actor, now: datetime, number: str, event: BookingEvent) -> Booking:
    """Hold, bring back or mark absent. Somebody brought back from absence has lost the slot."""
    if event not in {BookingEvent.HOLD, BookingEvent.BRING_BACK, BookingEvent.MARK_ABSENT}:
        raise Invalid("bad_event", "This step is not one of the list's.")
    booking = on_own_list(db, actor=actor, number=number)
    if event is BookingEvent.BRING_BACK and booking.state is BookingState.ABSENT:
        booking.slot = None
        booking.checked_in_at = booking.checked_in_at or now
    return move(db, actor=actor, now=now, booking=booking, event=event)


def next_in_list(db: Session, *, actor: Actor, now: datetime, official_id: int, day: date) -> Booking | None:
    """The first one who waits."""
    entries = waiting_list(db, actor=actor, now=now, official_id=official_id, day=day)
    return next((one.booking for one in entries if one.position == 1), None)
