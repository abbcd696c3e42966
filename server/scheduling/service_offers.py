"""What a visitor can choose from, and who comes to a point today. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.clock import DISTRICT_ZONE, local_date
from server.places.models import Unit, VillagePoint
from server.places.service_readiness import is_due
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.service_audience import Bookable
from server.scheduling.service_free import (
    ANYTHING,
    DAYS_AHEAD,
    FreeDay,
    FreeSlot,
    Wanted,
    free_days,
    hours_of,
    instant_of,
    of_unit,
    slots_of,
)
from server.scheduling.words import BookingState

OPEN = (BookingState.BOOKED, BookingState.WAITING, BookingState.HELD, BookingState.IN_SESSION)
SHOWN_AT_POINT = (*OPEN, BookingState.ABSENT)


@dataclass(frozen=True)
class Offer:
    """An official somebody can talk to: the next free slot, or (empty) today without a time only."""

    official_id: int
    official: str
    post: str
    unit_id: int
    unit: str
    soonest: FreeSlot | None


@dataclass(frozen=True)
class Times:
    """What is free, a day at a time: the days, the one that is shown, and its times."""

    days: list[date]
    shown: date | None
    times: list[FreeSlot]


@dataclass(frozen=True)
class WalkIn:
    """A reception of today that somebody can join without a time; ``expected`` people are on its list."""

    reception_day_id: int
    official_id: int
    official: str
    post: str
    expected: int


@dataclass(frozen=True)
class AtPoint:
    """A booking of today at a point."""

    booking: Booking
    name: str | None
    slot_at: datetime | None
    official: str
    post: str


def walk_ins(db: Session, *, actor: Actor, now: datetime, wanted: Wanted = ANYTHING) -> list[WalkIn]:
    """Receptions of today that are still open, the shortest list first."""
    require(actor, Action.BOOK)
    local = now.astimezone(DISTRICT_ZONE)
    expected = (
        select(func.count())
        .select_from(Booking)
        .where(Booking.reception_day_id == ReceptionDay.id, col(Booking.state).in_(OPEN))
        .scalar_subquery()
    )
    query = (
        select(ReceptionDay, User, expected)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False), col(User.active))
        .where(ReceptionDay.day == local_date(now), ReceptionDay.closes_minute > local.hour * 60 + local.minute)
    )
    if wanted.official_id is not None:
        query = query.where(ReceptionDay.official_id == wanted.official_id)
    if wanted.unit_id is not None:
        query = query.where(of_unit(wanted.unit_id))
    rows = db.exec(query).all()
    plans = {day.rule_id for day, _, _ in rows if day.rule_id is not None}
    bookable = Bookable(db, plans, actor=actor, point_id=wanted.point_id, content=wanted.content)
    found = [
        WalkIn(day.id or 0, one.id or 0, one.display_name, one.post, count)
        for day, one, count in rows
        if bookable.admits(day) and not wanted.excluded.concerns(user_id=one.id or 0, unit_id=one.unit_id)
    ]
    return sorted(found, key=lambda one: (one.expected, one.official_id))


def offers(db: Session, *, actor: Actor, now: datetime, wanted: Wanted = ANYTHING) -> list[Offer]:
    """Every official who receives in the coming weeks, in the order of the officials' entry."""
    require(actor, Action.BOOK)
    soonest: dict[int, FreeSlot] = {}
    for day in free_days(db, actor=actor, now=now, from_day=local_date(now), days=DAYS_AHEAD, wanted=wanted):
        soonest.setdefault(day.official_id, day.soonest)
    found = set(soonest) | {one.official_id for one in walk_ins(db, actor=actor, now=now, wanted=wanted)}
    rows = db.exec(
        select(User, Unit)
        .join(Unit, col(Unit.id) == User.unit_id, isouter=True)
        .where(col(User.id).in_(found))
        .order_by(col(User.id))
    )
    return [
        Offer(
            user.id or 0,
            user.display_name,
            user.post,
            user.unit_id or 0,
            unit.name if unit is not None else "",
            soonest.get(user.id or 0),
        )
        for user, unit in rows
    ]


def times_for(db: Session, *, actor: Actor, now: datetime, wanted: Wanted, day: str = "") -> Times:
    """The days of the coming weeks with a free time, and the times of ``day``, or of the first of them."""
    require(actor, Action.BOOK)
    return times_of(free_days(db, actor=actor, now=now, from_day=local_date(now), days=DAYS_AHEAD, wanted=wanted), day)


def times_of(free: Sequence[FreeDay], day: str = "") -> Times:
    """The same of what is free already; where several officials are free at one time, the first of them."""
    days = sorted({one.day for one in free})
    shown = next((one for one in days if one.isoformat() == day), days[0] if days else None)
    by_minute: dict[int, FreeSlot] = {}
    for one in slots_of(one for one in free if one.day == shown):
        by_minute.setdefault(one.minute, one)
    return Times(days, shown, list(by_minute.values()))


def today_at_point(db: Session, *, actor: Actor, now: datetime) -> list[AtPoint]:
    """Today's open bookings of the actor's own point, by time; those in a talk or waiting first."""
    require(actor, Action.CHECK_IN)
    rows = db.exec(
        select(Booking, Petitioner, ReceptionDay, User)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .join(Petitioner, col(Petitioner.id) == Booking.petitioner_id)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(Booking.point_id == actor.point_id, ReceptionDay.day == local_date(now))
        .where(col(Booking.state).in_(SHOWN_AT_POINT))
    )
    found = [_at_point(*row) for row in rows]
    late = now + timedelta(days=1)
    order = (BookingState.IN_SESSION, BookingState.WAITING, BookingState.HELD, BookingState.BOOKED, BookingState.ABSENT)
    return sorted(found, key=lambda one: (order.index(one.booking.state), one.slot_at or late, one.booking.number))


def check_is_due(db: Session, *, actor: Actor, now: datetime) -> bool:
    """Whether the actor's point expects visitors today and should try itself before they come."""
    return bool(today_at_point(db, actor=actor, now=now)) and is_due(db, actor=actor, now=now)


def booked_view(db: Session, *, booking: Booking) -> AtPoint:
    """A booking as its visitor sees it; the caller has found it for the actor."""
    day = db.get_one(ReceptionDay, booking.reception_day_id)
    return _at_point(booking, db.get_one(Petitioner, booking.petitioner_id), day, db.get_one(User, day.official_id))


def _at_point(booking: Booking, petitioner: Petitioner, day: ReceptionDay, official: User) -> AtPoint:
    slot_at = None if booking.slot is None else instant_of(day.day, hours_of(day).minute(booking.slot))
    return AtPoint(booking, petitioner.name, slot_at, official.display_name, official.post)


def day_of(db: Session, *, booking: Booking) -> ReceptionDay:
    """The reception day of a booking."""
    return db.get_one(ReceptionDay, booking.reception_day_id)


def point_choices(db: Session, *, actor: Actor) -> list[VillagePoint]:
    """Village points with video, for somebody who books for any of them."""
    require(actor, Action.BOOK)
    return list(db.exec(select(VillagePoint).where(col(VillagePoint.has_video)).order_by(VillagePoint.area_code)))


def point_of(db: Session, *, booking: Booking) -> VillagePoint:
    """Where the visitor goes to."""
    return db.get_one(VillagePoint, booking.point_id)
