"""The reception days of a period for administrators: held, off their plan, cancelled, with how much is taken."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select, true

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.places.models import Township, Unit
from server.scheduling.models import Booking, PlanChange, ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.overview import Mark, Shown
from server.scheduling.plan import Audience
from server.scheduling.service_audience import EVERYBODY, audiences
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_days import TAKEN
from server.scheduling.service_free import hours_of, of_unit
from server.scheduling.service_holds import held
from server.scheduling.service_plan_days import rule_of
from server.scheduling.states import GONE
from server.scheduling.words import BookingState, ChangeKind, PlanState
from server.scheduling.workdays import Calendar, as_named


@dataclass(frozen=True)
class Sieve:
    """What the page is narrowed to: an official, those who receive matters of a unit, or people of a township."""

    official_id: int | None = None
    unit_id: int | None = None
    township_id: int | None = None


@dataclass(frozen=True)
class Counts:
    """How many are booked on a day, were received on it, and how many places are taken or held."""

    booked: int = 0
    done: int = 0
    places: int = 0


NOBODY = Counts()


def receptions(db: Session, *, actor: Actor, now: datetime, first: date, last: date, sieve: Sieve) -> list[Shown]:
    """Every reception from ``first`` to ``last``, and those that a person cancelled, by day and time."""
    require(actor, Action.SET_UP)
    officials = true() if sieve.official_id is None else col(User.id) == sieve.official_id
    standing = _days(db, now, first, last, officials, sieve)
    cancelled = _cancelled(db, first, last, officials, sieve)
    there = {(one.day, one.official_id) for one in standing}
    found = [*standing, *(one for one in cancelled if (one.day, one.official_id) not in there)]
    return sorted(found, key=lambda one: (one.day, one.hours.opens, one.official_id))


def _days(
    db: Session, now: datetime, first: date, last: date, officials: ColumnElement[bool], sieve: Sieve
) -> list[Shown]:
    """Days that stand, and those without a plan that were cancelled."""
    rows = db.exec(
        select(ReceptionDay, User)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(ReceptionDay.day >= first, ReceptionDay.day <= last, officials)
        .where(col(ReceptionDay.cancelled).is_(False))
        .where(true() if sieve.unit_id is None else of_unit(sieve.unit_id))
    ).all()
    known = audiences(db, {day.rule_id for day, _ in rows if day.rule_id is not None})
    counts, calendar = _counts(db, now, [day.id or 0 for day, _ in rows]), calendar_in_force(db)
    return [
        _shown(day, official, counts.get(day.id or 0, NOBODY), calendar)
        for day, official in rows
        if _admits(known.get(day.rule_id or 0, EVERYBODY), sieve)
    ]


def _admits(audience: Audience, sieve: Sieve) -> bool:
    return audience.admits(township_id=sieve.township_id, content=None)


def _shown(day: ReceptionDay, official: User, counts: Counts, calendar: Calendar) -> Shown:
    hours = hours_of(day)
    moved = day.planned_on is not None and day.planned_on != day.day
    return Shown(
        day=day.day,
        official_id=day.official_id,
        official=official.display_name,
        post=official.post,
        hours=hours,
        mark=Mark.OFF_PLAN if day.off_plan else Mark.HELD,
        day_id=day.id,
        rule_id=day.rule_id,
        booked=counts.booked,
        free=0 if day.off_plan else hours.count - counts.places,
        done=counts.done,
        counted=as_named(calendar, day.planned_on, day.day) if moved and day.planned_on else None,
    )


def _counts(db: Session, now: datetime, day_ids: list[int]) -> dict[int, Counts]:
    rows = db.exec(
        select(Booking.reception_day_id, Booking.state, func.count(), func.count(col(Booking.slot)))
        .where(col(Booking.reception_day_id).in_(day_ids))
        .group_by(col(Booking.reception_day_id), col(Booking.state))
    )
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for day_id, state, people, places in rows:
        counted = found[day_id]
        counted[0] += people if state in TAKEN else 0
        counted[1] += people if state is BookingState.DONE else 0
        counted[2] += places if state not in GONE else 0
    for day_id, places_held in held(db, now=now).items():
        found[day_id][2] += len(places_held)
    return {day_id: Counts(*one) for day_id, one in found.items()}


def _cancelled(db: Session, first: date, last: date, officials: ColumnElement[bool], sieve: Sieve) -> list[Shown]:
    """What a person cancelled: single days, and days of published plans with the reason."""
    single = (
        select(ReceptionDay, User)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .where(ReceptionDay.day >= first, ReceptionDay.day <= last, officials)
        .where(col(ReceptionDay.cancelled), col(ReceptionDay.rule_id).is_(None))
        .where(true() if sieve.unit_id is None else of_unit(sieve.unit_id))
    )
    found = {
        (day.day, day.official_id): Shown(
            day.day, day.official_id, official.display_name, official.post, hours_of(day), Mark.CANCELLED
        )
        for day, official in db.exec(single)
    }
    rows = _excepted(db, first, last, officials, sieve)
    known = audiences(db, {rule.id or 0 for _, rule, _ in rows})
    for change, rule, official in rows:
        if _admits(known.get(rule.id or 0, EVERYBODY), sieve):
            who = (official.display_name, official.post, rule_of(rule).hours, Mark.CANCELLED)
            told = Shown(change.day, rule.official_id, *who, rule_id=rule.id, why=change.why)
            found[change.day, rule.official_id] = told
    return list(found.values())


def _excepted(
    db: Session, first: date, last: date, officials: ColumnElement[bool], sieve: Sieve
) -> list[tuple[PlanChange, ReceptionRule, User]]:
    asked = and_(
        col(PlanChange.day) >= first,
        col(PlanChange.day) <= last,
        col(PlanChange.kind) == ChangeKind.CANCELLED,
        col(ReceptionRule.state) == PlanState.PUBLISHED,
    )
    rows = db.exec(
        select(PlanChange, ReceptionRule, User)
        .join(ReceptionRule, col(ReceptionRule.id) == PlanChange.rule_id)
        .join(User, col(User.id) == ReceptionRule.official_id)
        .where(asked, officials, _of_unit(sieve.unit_id))
    )
    return [(change, rule, official) for change, rule, official in rows]


def _of_unit(unit_id: int | None) -> ColumnElement[bool]:
    """Officials of a unit, and plans that receive its matters."""
    if unit_id is None:
        return true()
    plans = select(RuleAudience.rule_id).where(RuleAudience.unit_id == unit_id)
    return or_(col(User.unit_id) == unit_id, col(ReceptionRule.id).in_(plans))


@dataclass(frozen=True)
class Choices:
    """What a page of reception days can be narrowed to."""

    officials: list[User]
    units: list[Unit]
    townships: list[Township]


def sieve_choices(db: Session, *, actor: Actor) -> Choices:
    """Officials, units and townships in use."""
    require(actor, Action.SET_UP)
    officials = select(User).where(User.role == Role.OFFICIAL, col(User.active)).order_by(col(User.id))
    units = select(Unit).where(col(Unit.active)).order_by(col(Unit.id))
    towns = select(Township).order_by(Township.area_code)
    return Choices(list(db.exec(officials)), list(db.exec(units)), list(db.exec(towns)))
