"""From a plan to its reception days. A plan never cancels a booking: days with bookings stay until a person acts."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.scheduling.joining import Met, Share, Terms, joined
from server.scheduling.models import Booking, PlanChange, ReceptionDay, ReceptionRule
from server.scheduling.plan import LAST, Change, Fate, Planned, Rule, Standing, Step, planned, steps
from server.scheduling.service_audience import EVERYBODY, audiences
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_days import TAKEN, lay_out
from server.scheduling.service_free import hours_of
from server.scheduling.slots import Hours, carried_over
from server.scheduling.words import PlanState
from server.scheduling.workdays import Calendar

DAYS_PLANNED = 182
UNKEPT = 1_000_000_000
"""The number of a plan that is not kept yet: it comes after all others."""


@dataclass(frozen=True)
class Outcome:
    """What a plan means: the days it names, the steps to them, and where it meets other plans of the same official.

    A plan that is not published takes no steps; whom it would meet is told all the same.
    """

    days: list[Planned]
    steps: list[Step]
    met: list[Met]

    def of(self, *fates: str) -> list[Step]:
        """The steps of these fates."""
        return [one for one in self.steps if one.fate.value in fates]

    def meeting(self, how: str) -> list[Met]:
        """Where it meets other plans in this way."""
        return [one for one in self.met if one.meeting.value == how]

    @property
    def digest(self) -> str:
        """A name for exactly this outcome: what was shown is what is done."""
        told = [f"{one.day}{one.hours}" for one in self.days]
        told += [f"{one.fate}{one.day}{sorted(one.standing.taken) if one.standing else ''}" for one in self.steps]
        told += [f"{one.meeting}{one.day}{one.spans}" for one in self.met]
        return hashlib.sha256("|".join(told).encode()).hexdigest()


def rule_of(row: ReceptionRule) -> Rule:
    """The plan as the rules know it."""
    spans = tuple((opens, closes) for opens, closes in row.spans)
    return Rule(
        row.repeat,
        Hours(spans, row.slot_minutes, row.buffer_minutes, row.capacity),
        row.valid_from,
        row.valid_until,
        frozenset(bit for bit in range(7) if row.weekdays >> bit & 1),
        frozenset(LAST if bit == 6 else bit for bit in range(1, 7) if row.ordinals >> bit & 1),
        frozenset(bit for bit in range(1, 32) if row.month_days >> bit & 1),
        row.on_day_off,
    )


def changes_of(db: Session, rule_id: int) -> list[PlanChange]:
    """The exceptions of a plan, by day."""
    return list(db.exec(select(PlanChange).where(PlanChange.rule_id == rule_id).order_by(col(PlanChange.day))))


def change_of(row: PlanChange) -> Change:
    """An exception as the rules know it."""
    return Change(row.kind, row.day, tuple((opens, closes) for opens, closes in row.spans))


@dataclass(frozen=True)
class Drawn:
    """A plan as it stands or as it is typed; ``rule_id`` is empty for one that is not kept yet."""

    official_id: int
    rule_id: int | None
    rule: Rule
    changes: Sequence[Change]
    terms: Terms
    state: PlanState


def drawn(db: Session, row: ReceptionRule) -> Drawn:
    """A plan as it stands. For services; checks no right."""
    rule_id = row.id or 0
    terms = Terms(audiences(db, [rule_id]).get(rule_id, EVERYBODY), row.notice_days, row.horizon_days)
    changes = [change_of(one) for one in changes_of(db, rule_id)]
    return Drawn(row.official_id, row.id, rule_of(row), changes, terms, row.state)


def outcome(db: Session, *, now: datetime, plan: Drawn, calendar: Calendar | None = None) -> Outcome:
    """What the plan would mean from tomorrow on, beside the official's other plans; nothing is written.

    For services; checks no right.
    """
    first = local_date(now) + timedelta(days=1)
    last = first + timedelta(days=DAYS_PLANNED - 1)
    in_force = calendar or calendar_in_force(db)
    own = Share(plan.rule_id or UNKEPT, plan.terms, planned(plan.rule, in_force, plan.changes, first, last))
    others = [
        Share(one.rule_id or 0, one.terms, planned(one.rule, in_force, one.changes, first, last))
        for one in _published_of(db, plan.official_id)
        if one.rule_id != plan.rule_id
    ]
    everybody = sorted([*others, own], key=lambda one: one.rule_id)
    published = everybody if plan.state is PlanState.PUBLISHED else others
    wanted, _ = joined(published)
    _, met = joined(everybody)
    found = steps(wanted, _standing(db, plan.official_id, first))
    return Outcome(
        list(own.days),
        [one for one in found if one.concerns(own.rule_id)],
        [one for one in met if own.rule_id in {one.rule_id, one.other}],
    )


def _published_of(db: Session, official_id: int) -> list[Drawn]:
    """The official's published plans, the oldest first."""
    query = select(ReceptionRule).where(
        ReceptionRule.official_id == official_id, ReceptionRule.state == PlanState.PUBLISHED
    )
    return [drawn(db, row) for row in db.exec(query.order_by(col(ReceptionRule.id))).all()]


def _standing(db: Session, official_id: int, first: date) -> list[Standing]:
    days = db.exec(
        select(ReceptionDay).where(
            ReceptionDay.official_id == official_id, ReceptionDay.day >= first, col(ReceptionDay.cancelled).is_(False)
        )
    ).all()
    taken: dict[int, dict[str, int | None]] = {}
    bookings = select(Booking).where(col(Booking.reception_day_id).in_([one.id for one in days]))
    for one in db.exec(bookings.where(col(Booking.state).in_(TAKEN))):
        taken.setdefault(one.reception_day_id, {})[one.number] = one.slot
    return [
        Standing(
            day.id or 0, day.day, hours_of(day), bool(day.rules), day.off_plan, taken.get(day.id or 0, {}), day.rules
        )
        for day in days
    ]


def carry_out(db: Session, *, actor: Actor, now: datetime, row: ReceptionRule, found: Outcome) -> None:
    """Take the steps and write down how many of each. For services; checks no right."""
    done: Counter[str] = Counter()
    for step in found.steps:
        if _take(db, row, step):
            done[step.fate.value] += 1
    db.flush()
    if done:
        told: dict[str, object] = dict(sorted(done.items()))
        record(db, actor=actor, now=now, action="plan.carried_out", subject="plan", subject_id=row.id or 0, detail=told)


def _take(db: Session, row: ReceptionRule, step: Step) -> bool:
    if step.fate is Fate.NEW and step.planned is not None:
        _make(db, row.official_id, step.planned)
        return True
    if step.standing is None or step.fate is Fate.CLASH:
        return False
    day = db.get_one(ReceptionDay, step.standing.day_id)
    if step.planned is not None:
        _belong(day, step.planned)
    before = (day.cancelled, day.off_plan, hours_of(day))
    if step.fate is Fate.GONE:
        day.cancelled = True
    day.off_plan = step.fate is Fate.KEPT
    if step.planned is not None and step.fate is Fate.CHANGED:
        lay_out(db, day, step.planned.hours)
    db.add(day)
    return before != (day.cancelled, day.off_plan, hours_of(day))


def _belong(day: ReceptionDay, one: Planned) -> None:
    """The day is of these plans from now on."""
    day.rule_id, *day.joined_rule_ids = one.rules
    day.planned_on = one.counted.start if one.counted else None


def _make(db: Session, official_id: int, one: Planned) -> None:
    hours = one.hours
    day = ReceptionDay(
        official_id=official_id,
        day=one.day,
        opens_minute=hours.opens,
        closes_minute=hours.closes,
        slot_minutes=hours.length,
        spans=[list(span) for span in hours.spans],
        buffer_minutes=hours.buffer,
        capacity=hours.capacity,
    )
    _belong(day, one)
    db.add(day)


def published_outcomes(db: Session, *, now: datetime, calendar: Calendar) -> Iterator[tuple[ReceptionRule, Outcome]]:
    """Every published plan with what it would mean under a calendar, each after what was done for the one before."""
    query = select(ReceptionRule).where(ReceptionRule.state == PlanState.PUBLISHED).order_by(col(ReceptionRule.id))
    for row in db.exec(query).all():
        yield row, outcome(db, now=now, plan=drawn(db, row), calendar=calendar)


def without_room(db: Session, *, day: ReceptionDay, bookings: Sequence[Booking]) -> list[Booking]:
    """Those of a day's bookings whose time its plans do not have any more. For services; checks no right."""
    room, kept, found = _room_on(db, day), list[int](), list[Booking]()
    for one in bookings:
        places = [*kept] if one.slot is None else [*kept, one.slot]
        if room is None or carried_over(hours_of(day), room, places) is None:
            found.append(one)
        else:
            kept = places
    return found


def _room_on(db: Session, day: ReceptionDay) -> Hours | None:
    """The hours that published plans have on a day of theirs; none where nothing names it."""
    calendar, every = calendar_in_force(db), _published_of(db, day.official_id) if day.rules else []
    shares = [
        Share(one.rule_id or 0, one.terms, planned(one.rule, calendar, one.changes, day.day, day.day)) for one in every
    ]
    return next((one.hours for one in joined(shares)[0]), None)


def settle(db: Session, *, actor: Actor, now: datetime, day: ReceptionDay) -> None:
    """Open a day that waited for its bookings again once its plans have room. For services; checks no right."""
    for plan in _published_of(db, day.official_id) if day.off_plan else []:
        row = db.get_one(ReceptionRule, plan.rule_id)
        carry_out(db, actor=actor, now=now, row=row, found=outcome(db, now=now, plan=plan))


def extend_plans(db: Session, *, actor: Actor, now: datetime) -> None:
    """Bring the days of every published plan up to date: half a year ahead, under the calendar in force."""
    require(actor, Action.SET_UP)
    for row, found in published_outcomes(db, now=now, calendar=calendar_in_force(db)):
        carry_out(db, actor=actor, now=now, row=row, found=found)
