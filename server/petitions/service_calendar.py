"""A new notice of holidays: what it changes, and putting it in force with every date that follows from it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from server.accounts.roles import Action, Actor, require
from server.audit.service import record
from server.clock import local_date
from server.errors import Conflict
from server.petitions.models import Deadline
from server.scheduling.holiday_notice import changed_days
from server.scheduling.plan import Step
from server.scheduling.service_calendar import add_version, calendar_in_force, calendar_with
from server.scheduling.service_days import DayRow, days_on
from server.scheduling.service_plan_days import extend_plans, published_outcomes
from server.scheduling.words import Source
from server.scheduling.workdays import Calendar, Counted, Special, days_after


@dataclass(frozen=True)
class ClockChange:
    """A running clock whose date moves, or is no longer provisional."""

    deadline: Deadline
    after: Counted


@dataclass(frozen=True)
class Effects:
    """What a notice changes.

    ``steps`` are those of the published plans. ``receptions`` stand on a day that becomes a day off and move with no
    plan, or are booked: they stay until somebody acts.
    """

    changed: list[date]
    clocks: list[ClockChange]
    steps: list[Step]
    receptions: list[DayRow]

    def of(self, fate: str) -> list[Step]:
        """The steps of this fate."""
        return [one for one in self.steps if one.fate.value == fate]

    @property
    def moved(self) -> list[ClockChange]:
        """Clocks that end on another day."""
        return [one for one in self.clocks if one.after.day != one.deadline.due_on]

    @property
    def digest(self) -> str:
        """A name for exactly these effects: what was shown is what is put in force."""
        told = [
            *(day.isoformat() for day in self.changed),
            *(f"{one.deadline.id}:{one.after.day}:{one.after.provisional}" for one in self.clocks),
            *(f"{one.fate}:{one.day}" for one in self.steps),
            *(f"{one.day.id}:{one.taken}" for one in self.receptions),
        ]
        return hashlib.sha256("|".join(told).encode()).hexdigest()


def effects(db: Session, *, actor: Actor, now: datetime, year: int, days: Mapping[date, Special]) -> Effects:
    """What would follow from these days for ``year``; nothing is written."""
    require(actor, Action.SET_UP)
    before, after = calendar_in_force(db), calendar_with(db, year, days)
    changed, today = changed_days(before, after), local_date(now)
    off = [day for day in changed if not after.is_working(day) and day >= today]
    plans = published_outcomes(db, now=now, calendar=after)
    steps = [step for _, one in plans for step in one.of("new", "changed", "gone", "kept")]
    receptions = [one for one in days_on(db, actor=actor, days=off) if one.taken or one.day.rule_id is None]
    return Effects(changed, _clocks(db, after, [*changed, *days]), steps, receptions)


def _clocks(db: Session, after: Calendar, named: list[date]) -> list[ClockChange]:
    """Clocks that still run and come out otherwise under the calendar ``after``."""
    query = select(Deadline).where(
        col(Deadline.met_at).is_(None), or_(col(Deadline.provisional), Deadline.due_on >= min(named))
    )
    found = []
    for deadline in db.exec(query.order_by(col(Deadline.due_on), col(Deadline.id))):
        counted = days_after(after, deadline.starts_on, (deadline.counted_on - deadline.starts_on).days)
        if (counted.day, counted.provisional) != (deadline.due_on, deadline.provisional):
            found.append(ClockChange(deadline, counted))
    return found


def adopt(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    year: int,
    days: Mapping[date, Special],
    source: Source,
    why: str,
    seen: str,
) -> Effects:
    """Put the days in force and move the clocks, all or nothing.

    ``seen`` is the digest of the effects that were shown; others raise ``Conflict("effects_changed")``.
    """
    found = effects(db, actor=actor, now=now, year=year, days=days)
    if found.digest != seen:
        raise Conflict("effects_changed", "Something has changed meanwhile. Please look at the effects once more.")
    add_version(db, actor=actor, now=now, year=year, days=days, source=source, why=why)
    for one in found.clocks:
        _move(db, actor, now, one)
    extend_plans(db, actor=actor, now=now)
    return found


def _move(db: Session, actor: Actor, now: datetime, change: ClockChange) -> None:
    deadline, after = change.deadline, change.after
    detail: dict[str, object] = {"kind": deadline.kind}
    if after.day != deadline.due_on:
        detail["due_on"] = {"from": deadline.due_on.isoformat(), "to": after.day.isoformat()}
    if after.provisional != deadline.provisional:
        detail["provisional"] = {"from": deadline.provisional, "to": after.provisional}
    deadline.due_on, deadline.counted_on, deadline.provisional = after.day, after.counted_on, after.provisional
    db.add(deadline)
    record(
        db,
        actor=actor,
        now=now,
        action="deadline.recomputed",
        subject="petition",
        subject_id=deadline.petition_id,
        detail=detail,
    )
