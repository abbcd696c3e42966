"""The day itself: one list for booked and walk-in visitors, run by the official."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.clock import local_date
from server.errors import Conflict, Forbidden, Invalid
from server.places.models import VillagePoint
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service import booking_by_number, move, no_such_booking
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.states import BookingEvent
from server.scheduling.waiting import LATE, Visitor, Wait, expected, in_order
from server.scheduling.words import BookingState

SHOWN = (
    BookingState.IN_SESSION,
    BookingState.WAITING,
    BookingState.HELD,
    BookingState.BOOKED,
    BookingState.ABSENT,
    BookingState.DONE,
)
GRACE = timedelta(minutes=10)


@dataclass(frozen=True)
class Entry:
    """One visitor on the list. ``position`` counts from 1 among those who wait, and is empty for everybody else."""

    booking: Booking
    petitioner: Petitioner
    point: str
    slot_at: datetime | None
    position: int | None
    reason: str

    @property
    def late(self) -> bool:
        """Whether the visitor came so late that the arrival counts."""
        return self.reason is LATE


@dataclass(frozen=True)
class Place:
    """Where a visitor stands: how many are before, the one in session not counted, and how long that may take."""

    booking: Booking
    position: int | None
    ahead: int
    official_id: int
    official: str
    post: str
    slot_at: datetime | None
    wait: Wait


def check_in(db: Session, *, actor: Actor, now: datetime, number: str) -> Booking:
    """The visitor is there. Again: nothing changes. After an absence the slot is lost and the arrival counts."""
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
    return move(db, actor=actor, now=now, booking=booking, event=BookingEvent.CHECK_IN)


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


def waiting_list(db: Session, *, actor: Actor, official_id: int, day: date) -> list[Entry]:
    """Everybody on an official's list of that day: in session, waiting in order, held, expected, absent, done."""
    require(actor, Action.SEE_WAITING_LIST)
    if actor.role is Role.OFFICIAL and actor.id != official_id:
        raise Forbidden("not_your_list", "This is the list of another official.")
    return _entries(db, official_id=official_id, day=day)


def _entries(db: Session, *, official_id: int, day: date) -> list[Entry]:
    rows = db.exec(
        select(Booking, Petitioner, VillagePoint.name, ReceptionDay)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .join(Petitioner, col(Petitioner.id) == Booking.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .where(ReceptionDay.official_id == official_id, ReceptionDay.day == day, col(Booking.state).in_(SHOWN))
    ).all()
    slots = {booking.number: _slot_at(booking, opened) for booking, _, _, opened in rows}
    waiting = [
        Visitor(booking.number, booking.checked_in_at or booking.booked_at, slots[booking.number])
        for booking, _, _, _ in rows
        if booking.state is BookingState.WAITING
    ]
    placed = {one.visitor.number: (index, one.reason) for index, one in enumerate(in_order(waiting, grace=GRACE), 1)}
    entries = [
        Entry(booking, petitioner, point, slots[booking.number], *placed.get(booking.number, (None, "")))
        for booking, petitioner, point, _ in rows
    ]
    return sorted(entries, key=_shown_order)


def _slot_at(booking: Booking, day: ReceptionDay) -> datetime | None:
    return None if booking.slot is None else instant_of(day.day, hours_of(day).minute(booking.slot))


def _shown_order(entry: Entry) -> tuple[int, int, datetime]:
    booking = entry.booking
    return SHOWN.index(booking.state), entry.position or 0, entry.slot_at or booking.checked_in_at or booking.booked_at


def place_in_list(db: Session, *, actor: Actor, now: datetime, number: str) -> Place:
    """Where the visitor with this number stands now."""
    booking = booking_by_number(db, actor=actor, number=number)
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    official = db.get_one(User, day.official_id)
    entries = _entries(db, official_id=day.official_id, day=day.day)
    position = next((one.position for one in entries if one.booking.number == booking.number), None)
    ahead = position - 1 if position is not None else 0
    talking = any(one.booking.state is BookingState.IN_SESSION for one in entries)
    opens_in = max(0, round((instant_of(day.day, day.opens_minute) - now).total_seconds() / 60))
    wait = expected(ahead, talking=talking, minutes=day.slot_minutes, opens_in=opens_in)
    slot_at = _slot_at(booking, day)
    return Place(booking, position, ahead, day.official_id, official.display_name, official.post, slot_at, wait)


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


def next_in_list(db: Session, *, actor: Actor, official_id: int, day: date) -> Booking | None:
    """The first one who waits."""
    entries = waiting_list(db, actor=actor, official_id=official_id, day=day)
    return next((one.booking for one in entries if one.position == 1), None)
