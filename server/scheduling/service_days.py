"""Reception days, set up by the administrator: single ones and weekly series, changed, cancelled."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict, Invalid, NotFound
from server.places.models import VillagePoint
from server.scheduling.models import Booking, PlanChange, ReceptionDay
from server.scheduling.service import move
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_free import hours_of
from server.scheduling.service_joint import leave_day
from server.scheduling.slots import Hours, carried_over
from server.scheduling.states import GONE, BookingEvent
from server.scheduling.words import BookingState, ChangeKind

MAX_WEEKS = 52
LEAST_SLOT, MOST_SLOT = 5, 120
TAKEN = (BookingState.BOOKED, BookingState.WAITING, BookingState.HELD, BookingState.IN_SESSION)


@dataclass(frozen=True)
class DayForm:
    """What is typed of a day; minutes after local midnight. ``weeks`` repeats it weekly."""

    official_id: int | None
    day: date | None
    opens: int | None
    closes: int | None
    slot_minutes: int | None
    weeks: int = 1


@dataclass(frozen=True)
class DayRow:
    """A day with its official and how much of it is taken."""

    day: ReceptionDay
    official: User
    taken: int
    slots: int


@dataclass(frozen=True)
class Added:
    """What came of a series: days made, days left out because nobody works or the official receives already."""

    made: list[date]
    left_out: list[date]


def officials(db: Session, *, actor: Actor) -> list[User]:
    """Officials whose accounts are in use, by name."""
    require(actor, Action.SET_UP)
    query = select(User).where(User.role == Role.OFFICIAL, col(User.active).is_(True))
    return list(db.exec(query.order_by(col(User.id))))


def days_on(db: Session, *, actor: Actor, days: Collection[date]) -> list[DayRow]:
    """Who receives on these days."""
    require(actor, Action.SET_UP)
    return day_rows(db, col(ReceptionDay.day).in_(days))


def day_rows(db: Session, which: ColumnElement[bool]) -> list[DayRow]:
    """Days that are held, by a condition. For services; checks no right."""
    return [DayRow(day, user, count, _slots(day)) for day, user, count in db.exec(_query().where(which))]


def _query() -> Select[ReceptionDay, User, Any]:
    taken = (
        select(func.count())
        .select_from(Booking)
        .where(Booking.reception_day_id == ReceptionDay.id, col(Booking.state).in_(TAKEN))
        .scalar_subquery()
    )
    return (
        select(ReceptionDay, User, taken)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(col(ReceptionDay.cancelled).is_(False))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.opens_minute), col(User.id))
    )


def _slots(day: ReceptionDay) -> int:
    return hours_of(day).count


def get_day(db: Session, *, actor: Actor, day_id: int) -> tuple[ReceptionDay, User]:
    """One day and its official."""
    require(actor, Action.SET_UP)
    day = db.get(ReceptionDay, day_id)
    if day is None or day.cancelled:
        raise NotFound("unknown_day", "This reception day is not there any more.")
    return day, db.get_one(User, day.official_id)


def open_bookings(db: Session, *, actor: Actor, day_id: int) -> list[tuple[Booking, str]]:
    """Who is still expected on a day, with the point where they come to."""
    require(actor, Action.SET_UP)
    rows = db.exec(
        select(Booking, VillagePoint)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .where(Booking.reception_day_id == day_id, col(Booking.state).in_(TAKEN))
        .order_by(col(Booking.slot), col(Booking.id))
    )
    return [(booking, point.name) for booking, point in rows]


def _checked_window(form: DayForm) -> tuple[int, int, int]:
    if form.opens is None or form.closes is None or form.opens >= form.closes:
        raise Invalid("bad_window", "Please give the times: the end lies after the beginning.", field="closes")
    length = form.slot_minutes
    if length is None or not LEAST_SLOT <= length <= MOST_SLOT:
        raise Invalid("bad_slot", "A talk takes between 5 and 120 minutes.", field="slot_minutes")
    if form.closes - form.opens < length:
        raise Invalid("bad_slot", "A talk takes between 5 and 120 minutes.", field="slot_minutes")
    return form.opens, form.closes, length


def add_days(db: Session, *, actor: Actor, now: datetime, form: DayForm) -> Added:
    """A day, or the same weekday for some weeks; days off and days on which the official receives are left out."""
    require(actor, Action.SET_UP)
    official = db.get(User, form.official_id) if form.official_id is not None else None
    if official is None or official.role is not Role.OFFICIAL:
        raise Invalid("official_missing", "Please choose the official.", field="official_id")
    if form.day is None or form.day < local_date(now):
        raise Invalid("day_missing", "Please choose a day that is not over.", field="day")
    opens, closes, length = _checked_window(form)
    wanted = [form.day + timedelta(weeks=week) for week in range(max(1, min(form.weeks, MAX_WEEKS)))]
    known, calendar = _days_of(db, official.id or 0, wanted), calendar_in_force(db)
    made = [one for one in wanted if one not in known and calendar.is_working(one)]
    if not made:
        raise Conflict("no_day_left", "On these days nobody works, or the official receives already.", field="day")
    for one in made:
        day = ReceptionDay(
            official_id=official.id or 0, day=one, opens_minute=opens, closes_minute=closes, slot_minutes=length
        )
        db.add(day)
        db.flush()
        _noted(db, actor, now, "reception_day.added", day)
    return Added(made, [one for one in wanted if one not in made])


def _days_of(db: Session, official_id: int, wanted: list[date]) -> set[date]:
    query = select(ReceptionDay).where(
        ReceptionDay.official_id == official_id,
        col(ReceptionDay.cancelled).is_(False),
        col(ReceptionDay.day).in_(wanted),
    )
    return {one.day for one in db.exec(query)}


def change_day(db: Session, *, actor: Actor, now: datetime, day_id: int, form: DayForm) -> ReceptionDay:
    """Other times. Refused where a booked time would be lost; the end may always be moved on."""
    day, _ = get_day(db, actor=actor, day_id=day_id)
    opens, closes, length = _checked_window(form)
    after = replace(hours_of(day), spans=((opens, closes),), length=length)
    if not lay_out(db, day, after):
        raise Conflict(
            "times_booked", "Times are booked on this day that would be lost. Cancel the day instead.", field="closes"
        )
    except_from_plan(db, day, ChangeKind.CHANGED)
    _noted(db, actor, now, "reception_day.changed", day)
    return day


def cancel_day(db: Session, *, actor: Actor, now: datetime, day_id: int) -> int:
    """Cancel a day with everything booked on it; how many bookings. Refused while somebody is in a talk."""
    day, _ = get_day(db, actor=actor, day_id=day_id)
    bookings = [one for one, _ in open_bookings(db, actor=actor, day_id=day_id)]
    if any(one.state is BookingState.IN_SESSION for one in bookings):
        raise Conflict("talk_under_way_today", "A talk is under way on this day. Please wait until it is over.")
    # Before the places become free: none of this day may be offered to somebody who waits.
    day.cancelled = True
    db.add(day)
    leave_day(db, actor=actor, now=now, day_id=day_id)
    for one in bookings:
        move(db, actor=actor, now=now, booking=one, event=BookingEvent.CANCEL)
    except_from_plan(db, day, ChangeKind.CANCELLED)
    _noted(db, actor, now, "reception_day.cancelled", day)
    return len(bookings)


def lay_out(db: Session, day: ReceptionDay, hours: Hours) -> bool:
    """Give a day other hours, every booking at its time as before. Without room for one: no, and nothing is changed.

    Cancelled and absent ones hold no place; theirs is forgotten where the new hours do not have it.
    """
    held = select(Booking).where(Booking.reception_day_id == day.id, col(Booking.slot).is_not(None))
    bookings = list(db.exec(held.where(col(Booking.state).not_in(GONE))))
    carried = carried_over(hours_of(day), hours, [one.slot for one in bookings if one.slot is not None])
    if carried is None:
        return False
    places = {one.number: carried[one.slot] for one in bookings if one.slot is not None}
    for one in db.exec(held.where(col(Booking.state).in_(GONE))):
        one.slot = (carried_over(hours_of(day), hours, [one.slot or 0]) or {}).get(one.slot or 0)
    if any(places[one.number] != one.slot for one in bookings):
        for one in bookings:
            one.slot = None
        db.flush()
        for one in bookings:
            one.slot = places[one.number]
    day.spans, day.opens_minute, day.closes_minute = [list(one) for one in hours.spans], hours.opens, hours.closes
    day.slot_minutes, day.buffer_minutes, day.capacity = hours.length, hours.buffer, hours.capacity
    db.add(day)
    db.flush()
    return True


def except_from_plan(db: Session, day: ReceptionDay, kind: ChangeKind) -> None:
    """What a person did to a day of plans by hand stays: they get exceptions; of several the first keeps the day."""
    for index, rule_id in enumerate(day.rules):
        query = select(PlanChange).where(PlanChange.rule_id == rule_id, PlanChange.day == day.day)
        change = db.exec(query).first() or PlanChange(rule_id=rule_id, day=day.day, kind=kind)
        change.kind = kind if index == 0 else ChangeKind.CANCELLED
        change.spans = day.spans if change.kind is ChangeKind.CHANGED else []
        db.add(change)
    db.flush()


def _noted(db: Session, actor: Actor, now: datetime, action: str, day: ReceptionDay) -> None:
    detail = {"day": day.day.isoformat(), "official": day.official_id}
    record(db, actor=actor, now=now, action=action, subject="reception_day", subject_id=day.id or 0, detail=detail)
