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
from server.scheduling.models import Booking, PlanChange, ReceptionDay, ReceptionRule
from server.scheduling.plan import LAST, Change, Fate, Planned, Rule, Standing, Step, planned, steps
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_days import TAKEN, lay_out
from server.scheduling.service_free import hours_of
from server.scheduling.slots import Hours
from server.scheduling.words import PlanState
from server.scheduling.workdays import Calendar

DAYS_PLANNED = 182


@dataclass(frozen=True)
class Outcome:
    """What a plan means: the days it names, and the steps to them. A plan that is not published takes no steps."""

    days: list[Planned]
    steps: list[Step]

    def of(self, *fates: str) -> list[Step]:
        """The steps of these fates."""
        return [one for one in self.steps if one.fate.value in fates]

    @property
    def digest(self) -> str:
        """A name for exactly this outcome: what was shown is what is done."""
        told = [f"{one.day}{one.hours}" for one in self.days]
        told += [f"{one.fate}{one.day}{sorted(one.standing.taken) if one.standing else ''}" for one in self.steps]
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


def outcome(
    db: Session,
    *,
    now: datetime,
    official_id: int,
    rule_id: int | None,
    rule: Rule,
    changes: Sequence[Change],
    state: PlanState,
    calendar: Calendar | None = None,
) -> Outcome:
    """What the plan would mean from tomorrow on; nothing is written. For services; checks no right."""
    first = local_date(now) + timedelta(days=1)
    last = first + timedelta(days=DAYS_PLANNED - 1)
    days = planned(rule, calendar or calendar_in_force(db), changes, first, last)
    wanted = days if state is PlanState.PUBLISHED else []
    return Outcome(days, steps(wanted, _standing(db, official_id, rule_id, first)))


def _standing(db: Session, official_id: int, rule_id: int | None, first: date) -> list[Standing]:
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
            day.id or 0,
            day.day,
            hours_of(day),
            rule_id is not None and day.rule_id == rule_id,
            day.off_plan,
            taken.get(day.id or 0, {}),
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
        _make(db, row, step.planned)
        return True
    if step.standing is None or step.fate is Fate.CLASH:
        return False
    day = db.get_one(ReceptionDay, step.standing.day_id)
    if step.planned is not None and step.fate in {Fate.SAME, Fate.CHANGED}:
        day.planned_on = step.planned.counted.start if step.planned.counted else None
    before = (day.cancelled, day.off_plan, hours_of(day))
    if step.fate is Fate.GONE:
        day.cancelled = True
    day.off_plan = step.fate is Fate.KEPT
    if step.planned is not None and step.fate is Fate.CHANGED:
        lay_out(db, day, step.planned.hours)
    db.add(day)
    return before != (day.cancelled, day.off_plan, hours_of(day))


def _make(db: Session, row: ReceptionRule, one: Planned) -> None:
    hours = one.hours
    db.add(
        ReceptionDay(
            official_id=row.official_id,
            day=one.day,
            opens_minute=hours.opens,
            closes_minute=hours.closes,
            slot_minutes=hours.length,
            spans=[list(span) for span in hours.spans],
            buffer_minutes=hours.buffer,
            capacity=hours.capacity,
            rule_id=row.id,
            planned_on=one.counted.start if one.counted else None,
        )
    )


def published_outcomes(db: Session, *, now: datetime, calendar: Calendar) -> Iterator[tuple[ReceptionRule, Outcome]]:
    """Every published plan with what it would mean under a calendar, each after what was done for the one before."""
    query = select(ReceptionRule).where(ReceptionRule.state == PlanState.PUBLISHED).order_by(col(ReceptionRule.id))
    for row in db.exec(query).all():
        yield (
            row,
            outcome(
                db,
                now=now,
                official_id=row.official_id,
                rule_id=row.id,
                rule=rule_of(row),
                changes=[change_of(one) for one in changes_of(db, row.id or 0)],
                state=row.state,
                calendar=calendar,
            ),
        )


def extend_plans(db: Session, *, actor: Actor, now: datetime) -> None:
    """Bring the days of every published plan up to date: half a year ahead, under the calendar in force."""
    require(actor, Action.SET_UP)
    for row, found in published_outcomes(db, now=now, calendar=calendar_in_force(db)):
        carry_out(db, actor=actor, now=now, row=row, found=found)
