"""What a trial rests on, read from the receptions of the last half year and of the coming four weeks. Reads only."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from server.accounts.models import User
from server.clock import DISTRICT_ZONE, local_date
from server.places.models import VillagePoint
from server.planning.facts import CYCLE, Coming, Facts, PastDay, Visit
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.service_free import hours_of, instant_of
from server.scheduling.words import BookingState

KNOWN_FOR = timedelta(days=180)
MOST_DAYS = 5_000


def facts(db: Session, *, now: datetime) -> Facts:
    """For services and the house itself; checks no right."""
    today = local_date(now)
    past = _past(db, today)
    days = [day.day for day, _ in past]
    weeks = ((days[0] - days[-1]).days + 7) / 7 if days else 1.0
    monday = today + timedelta(days=7 - today.weekday())
    points = select(func.count()).select_from(VillagePoint)
    open_points = points.where(col(VillagePoint.has_video), col(VillagePoint.closed_at).is_(None))
    held = tuple(_past_day(day, visits) for day, visits in past)
    return Facts(weeks, held, tuple(_coming(db, monday)), db.exec(open_points).one())


def _past(db: Session, today: date) -> list[tuple[ReceptionDay, list[Booking]]]:
    """The latest receptions, the newest first, with everybody who was to come."""
    held = db.exec(
        select(ReceptionDay)
        .where(ReceptionDay.day < today, ReceptionDay.day >= today - KNOWN_FOR)
        .where(col(ReceptionDay.cancelled).is_(False))
        .order_by(col(ReceptionDay.day).desc(), col(ReceptionDay.id))
        .limit(MOST_DAYS)
    ).all()
    visits: dict[int, list[Booking]] = defaultdict(list)
    bookings = select(Booking).where(col(Booking.reception_day_id).in_([one.id for one in held]))
    for one in db.exec(bookings.where(Booking.state != BookingState.CANCELLED).order_by(col(Booking.id))):
        visits[one.reception_day_id].append(one)
    return [(day, visits[day.id or 0]) for day in held]


def _past_day(day: ReceptionDay, bookings: list[Booking]) -> PastDay:
    return PastDay(day.official_id, day.opens_minute, day.closes_minute, tuple(_visit(day, one) for one in bookings))


def _visit(day: ReceptionDay, booking: Booking) -> Visit:
    hours = hours_of(day)
    slot = hours.minute(booking.slot) if booking.slot is not None and hours.has(booking.slot) else None
    return Visit(
        official=day.official_id,
        content=booking.content,
        people=booking.people,
        point=booking.point_id,
        priority=booking.priority.value if booking.priority is not None else "",
        slot=slot,
        came=_minute(day, booking.checked_in_at),
        admitted=_minute(day, booking.admitted_at),
        ended=_minute(day, booking.ended_at),
    )


def _minute(day: ReceptionDay, instant: datetime | None) -> float | None:
    """Minutes after the midnight of the reception; nothing for what was written down on another day."""
    if instant is None or instant.astimezone(DISTRICT_ZONE).date() != day.day:
        return None
    return (instant - instant_of(day.day, 0)).total_seconds() / 60


def _coming(db: Session, monday: date) -> list[Coming]:
    rows = db.exec(
        select(ReceptionDay)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(ReceptionDay.day >= monday, ReceptionDay.day < monday + timedelta(days=CYCLE), col(User.active))
        .where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.id))
    )
    return [
        Coming(day.official_id, (day.day - monday).days, hours.spans, hours.length, hours.buffer, hours.capacity)
        for day, hours in ((day, hours_of(day)) for day in rows)
    ]
