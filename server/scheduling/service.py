"""Booking: petitioners, free slots, taking one, giving it back. Writes that collide lose to the unique indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record
from server.clock import DISTRICT_ZONE, local_date
from server.errors import Conflict, Invalid, NotFound
from server.places.models import Unit, VillagePoint
from server.scheduling import identity
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.slots import Window, free, nearest
from server.scheduling.states import BOOKING, BookingEvent
from server.scheduling.words import BookingState
from server.sealing import current_sealer
from server.transitions import advance

GONE = (BookingState.CANCELLED, BookingState.ABSENT)


@dataclass(frozen=True)
class FreeSlot:
    """A slot somebody could take. ``minute`` counts from local midnight."""

    reception_day_id: int
    slot: int
    day: date
    minute: int
    official_id: int
    official: str
    post: str
    unit: str


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


def window_of(day: ReceptionDay) -> Window:
    """The day's opening as a rule's value."""
    return Window(day.opens_minute, day.closes_minute, day.slot_minutes)


def instant_of(day: date, minute: int) -> datetime:
    """The instant of a minute after local midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=DISTRICT_ZONE) + timedelta(minutes=minute)


def free_slots(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    from_day: date,
    days: int,
    official_id: int | None = None,
    unit_id: int | None = None,
) -> list[FreeSlot]:
    """Every free slot from ``from_day`` on for ``days`` days, soonest first; past ones are left out."""
    require(actor, Action.BOOK)
    query = (
        select(ReceptionDay, User, Unit.name)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .join(Unit, col(Unit.id) == User.unit_id, isouter=True)
        .where(col(ReceptionDay.cancelled).is_(False), col(User.active).is_(True))
        .where(ReceptionDay.day >= from_day, ReceptionDay.day < from_day + timedelta(days=days))
    )
    if official_id is not None:
        query = query.where(ReceptionDay.official_id == official_id)
    if unit_id is not None:
        query = query.where(User.unit_id == unit_id)
    rows = db.exec(query).all()
    taken = _taken(db, [day.id or 0 for day, _, _ in rows])
    found: list[FreeSlot] = []
    for day, official, unit in rows:
        window = window_of(day)
        for slot in free(window, taken.get(day.id or 0, set()), not_before=_not_before(day.day, now)):
            minute = window.minute(slot)
            names = (official.id or 0, official.display_name, official.post, unit or "")
            found.append(FreeSlot(day.id or 0, slot, day.day, minute, *names))
    return sorted(found, key=lambda one: (one.day, one.minute, one.official_id))


def _taken(db: Session, day_ids: Sequence[int]) -> dict[int, set[int]]:
    rows = db.exec(
        select(Booking.reception_day_id, Booking.slot).where(
            col(Booking.reception_day_id).in_(day_ids),
            col(Booking.slot).is_not(None),
            col(Booking.state).not_in(GONE),
        )
    )
    taken: dict[int, set[int]] = {}
    for day_id, slot in rows:
        if slot is not None:
            taken.setdefault(day_id, set()).add(slot)
    return taken


def _not_before(day: date, now: datetime) -> int:
    today = local_date(now)
    if day != today:
        return 0 if day > today else 24 * 60
    local = now.astimezone(DISTRICT_ZONE)
    return local.hour * 60 + local.minute + 1


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
    again = db.exec(select(Booking).where(Booking.request_key == request_key)).first()
    if again is not None:
        require_own_point(actor, again.point_id)
        return again
    day = _open_day(db, reception_day_id, slot, now)
    _refuse_closed(db, point_id)
    booking = Booking(
        number=_next_number(db, day.day, point_id),
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
    return booking


def _refuse_closed(db: Session, point_id: int) -> None:
    point = db.get(VillagePoint, point_id)
    if point is None or point.closed_at is not None:
        raise Invalid("no_such_point", "Please choose the village point.", field="point_id")


def _insert(db: Session, booking: Booking, actor: Actor, now: datetime, day: ReceptionDay) -> None:
    try:
        with db.begin_nested():
            db.add(booking)
            db.flush()
    except IntegrityError:
        options = free_slots(db, actor=actor, now=now, from_day=local_date(now), days=28, official_id=day.official_id)
        wanted = (day.day.toordinal(), window_of(day).minute(booking.slot or 0))
        by_time = {(one.day.toordinal(), one.minute): one for one in options}
        chosen = [by_time[pair] for pair in nearest(by_time, wanted)]
        raise Conflict(
            "slot_taken",
            "This time was just booked by somebody else. Please choose another; the nearest free ones are shown first.",
            field="slot",
            params={"nearest": [(one.reception_day_id, one.slot) for one in chosen]},
        ) from None


def _open_day(db: Session, reception_day_id: int, slot: int | None, now: datetime) -> ReceptionDay:
    day = db.get(ReceptionDay, reception_day_id)
    if day is None or day.cancelled or day.day < local_date(now):
        raise Invalid("no_such_day", "There is no reception on this day. Please choose another day.", field="slot")
    if slot is None:
        if day.day != local_date(now):
            raise Invalid("slot_missing", "Please choose a time.", field="slot")
    elif not window_of(day).has(slot) or window_of(day).minute(slot) < _not_before(day.day, now):
        raise Invalid("no_such_slot", "This time is over or does not exist. Please choose another.", field="slot")
    return day


def _next_number(db: Session, day: date, point_id: int) -> str:
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
    """Take one step of the table, and write down who, when and why. For services; checks no right."""
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
    return booking


def cancel(db: Session, *, actor: Actor, now: datetime, number: str) -> Booking:
    """Give the place back."""
    require(actor, Action.CANCEL_BOOKING)
    booking = booking_by_number(db, actor=actor, number=number)
    return move(db, actor=actor, now=now, booking=booking, event=BookingEvent.CANCEL)
