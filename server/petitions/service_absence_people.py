"""Who was promised something on reception days, and what is free besides, as the rule of the re-plan knows it.

Reads only; checks no right.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from server.accounts.models import Exclusion, User
from server.accounts.roles import Role
from server.clock import DISTRICT_ZONE, local_date
from server.notices.models import Notice
from server.notices.planning import REMINDERS
from server.notices.words import NoticeState
from server.petitions.models_absence import Displaced
from server.places.models import VillagePoint
from server.scheduling.identity import age_on
from server.scheduling.models import Booking, Petitioner, ReceptionDay
from server.scheduling.models_party import JointPlace
from server.scheduling.replan import Opening, Person
from server.scheduling.service_audience import EVERYBODY, audiences
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.service_holds import held
from server.scheduling.service_order import rules_in_use
from server.scheduling.states import GONE
from server.scheduling.words import BookingState, Priority

OPEN = (BookingState.BOOKED, BookingState.WAITING, BookingState.HELD)
MOST_DAYS = 31
LEAD = timedelta(hours=1)
"""A place that begins sooner helps nobody: it must be told, and the way is long."""


@dataclass(frozen=True)
class Promised:
    """A booking that stands on a reception day, with what the rule knows of it."""

    booking: Booking
    day: ReceptionDay
    point: str
    person: Person
    at: datetime | None


def promised_on(db: Session, *, days: Collection[ReceptionDay], keeps: bool = False) -> list[Promised]:
    """Everybody who is still expected on these days, in the order of the promises; ``keeps``: the places stand."""
    by_id = {one.id or 0: one for one in days}
    rows = db.exec(
        select(Booking, Petitioner, VillagePoint)
        .join(Petitioner, col(Petitioner.id) == Booking.petitioner_id)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .where(col(Booking.reception_day_id).in_(by_id), col(Booking.state).in_(OPEN))
    ).all()
    units = {one.id: one.unit_id or 0 for one in db.exec(select(User).where(User.role == Role.OFFICIAL))}
    barred = barred_from(db, {petitioner.id or 0 for _, petitioner, _ in rows})
    confirmed = _confirmed(db, [booking.id or 0 for booking, _, _ in rows])
    together = _together(db, [booking.id or 0 for booking, _, _ in rows])
    found = []
    for booking, petitioner, point in rows:
        day = by_id[booking.reception_day_id]
        minute = _minute(booking, day)
        person = Person(
            number=booking.number,
            day=day.day.toordinal(),
            minute=minute,
            official=day.official_id,
            unit=units.get(day.official_id, 0),
            priority=booking.priority or _by_age(petitioner, day.day),
            confirmed=confirmed.get(booking.id or 0, 0),
            refused=barred.get(booking.petitioner_id, frozenset()),
            township=point.township_id,
            content=booking.content or None,
            holds=(day.id or 0, booking.slot) if keeps and booking.slot is not None else None,
            others=together.get(booking.id or 0, frozenset()),
        )
        at = instant_of(day.day, minute) if booking.slot is not None else None
        found.append(Promised(booking, day, point.name, person, at))
    return sorted(found, key=lambda one: one.person.promised)


def joined_on(db: Session, days: Collection[ReceptionDay]) -> list[Promised]:
    """Those who are received on these days together with somebody on whose day they are booked."""
    ids = {one.id for one in days}
    rows = db.exec(
        select(Booking.id, ReceptionDay)
        .join(JointPlace, col(JointPlace.booking_id) == Booking.id)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .where(col(JointPlace.reception_day_id).in_(ids))
    ).all()
    own = {day.id: day for _, day in rows if day.id not in ids}
    wanted = {booking_id for booking_id, _ in rows}
    return [one for one in promised_on(db, days=list(own.values())) if one.booking.id in wanted]


def _minute(booking: Booking, day: ReceptionDay) -> int:
    if booking.slot is not None:
        return hours_of(day).minute(booking.slot)
    came = (booking.checked_in_at or booking.booked_at).astimezone(DISTRICT_ZONE)
    return came.hour * 60 + came.minute


def _by_age(petitioner: Petitioner, day: date) -> Priority | None:
    number = petitioner.id_number
    return Priority.OLD if number is not None and age_on(number, day) >= rules_in_use().old_age else None


def barred_from(db: Session, petitioner_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Which officials must know nothing of somebody's matters, by petitioner: themselves, or by their unit."""
    officials = db.exec(select(User).where(User.role == Role.OFFICIAL)).all()
    rows = db.exec(
        select(Exclusion.petitioner_id, Exclusion.user_id, Exclusion.unit_id).where(
            col(Exclusion.petitioner_id).in_(petitioner_ids)
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for petitioner_id, user_id, unit_id in rows:
        found[petitioner_id] |= {
            one.id or 0 for one in officials if one.id == user_id or (unit_id is not None and one.unit_id == unit_id)
        }
    return {key: frozenset(some) for key, some in found.items()}


def _confirmed(db: Session, booking_ids: Sequence[int]) -> dict[int, int]:
    """How often the promise was repeated by a reminder, or broken already."""
    reminded = db.exec(
        select(Notice.booking_id, func.count(func.distinct(Notice.event)))
        .where(col(Notice.booking_id).in_(booking_ids), col(Notice.event).in_(REMINDERS))
        .where(Notice.state == NoticeState.SENT)
        .group_by(col(Notice.booking_id))
    ).all()
    moved = db.exec(
        select(Displaced.booking_id, func.count())
        .where(col(Displaced.booking_id).in_(booking_ids), col(Displaced.restored).is_(False))
        .group_by(col(Displaced.booking_id))
    ).all()
    counted: dict[int, int] = defaultdict(int)
    for booking_id, count in (*reminded, *moved):
        counted[booking_id or 0] += count
    return counted


def _together(db: Session, booking_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for one in db.exec(select(JointPlace).where(col(JointPlace.booking_id).in_(booking_ids))):
        found[one.booking_id].add(one.official_id)
    return {key: frozenset(some) for key, some in found.items()}


def openings(db: Session, *, now: datetime, first: date, last: date, without: Collection[int]) -> list[Opening]:
    """The free places of all officials in use on these days, those ``without`` left out; sooner ones than ``LEAD`` too.

    Places that are held, or that belong to a joint reception, are not free.
    """
    rows = db.exec(
        select(ReceptionDay, User.unit_id)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(ReceptionDay.day >= max(first, local_date(now)), ReceptionDay.day <= last, col(User.active))
        .where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.id))
    ).all()
    days = [(day, unit_id or 0) for day, unit_id in rows if day.id not in without]
    ids = [day.id or 0 for day, _ in days]
    taken, kept = _taken(db, ids), held(db, now=now)
    whom = audiences(db, {day.rule_id for day, _ in days if day.rule_id is not None})
    found = []
    for day, unit_id in days:
        key, hours, soonest = day.id or 0, hours_of(day), now + LEAD
        gone = taken.get(key, set()) | kept.get(key, set())
        places = ((hours.minute(place), place) for place in range(hours.count) if place not in gone)
        free = tuple(one for one in places if instant_of(day.day, one[0]) >= soonest)
        audience = whom.get(day.rule_id or 0, EVERYBODY)
        found.append(Opening(key, day.day.toordinal(), day.official_id, unit_id, free, audience))
    return found


def _taken(db: Session, day_ids: Sequence[int]) -> dict[int, set[int]]:
    own = select(Booking.reception_day_id, Booking.slot).where(
        col(Booking.reception_day_id).in_(day_ids), col(Booking.slot).is_not(None), col(Booking.state).not_in(GONE)
    )
    beside = select(JointPlace.reception_day_id, JointPlace.slot).where(col(JointPlace.reception_day_id).in_(day_ids))
    found: dict[int, set[int]] = defaultdict(set)
    for day_id, slot in (*db.exec(own).all(), *db.exec(beside).all()):
        if slot is not None:
            found[day_id].add(slot)
    return found


def lost_days(db: Session, *, now: datetime, official_id: int | None, first: date, last: date) -> list[ReceptionDay]:
    """The receptions of an official, or of everybody, on these days; past ones are left out."""
    last = min(last, first + timedelta(days=MOST_DAYS))
    query = (
        select(ReceptionDay)
        .where(ReceptionDay.day >= max(first, local_date(now)), ReceptionDay.day <= last)
        .where(col(ReceptionDay.cancelled).is_(False))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.opens_minute), col(ReceptionDay.id))
    )
    if official_id is not None:
        query = query.where(ReceptionDay.official_id == official_id)
    return list(db.exec(query))


def expected(db: Session, days: Collection[ReceptionDay]) -> int:
    """How many people are still expected on these days."""
    query = select(Booking.id).where(
        col(Booking.reception_day_id).in_([one.id for one in days]), col(Booking.state).in_(OPEN)
    )
    return len(db.exec(query).all())
