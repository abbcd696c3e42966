"""What is told when a time is gone: the three nearest that are free, with the same official first. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from server.accounts.roles import Actor
from server.clock import local_date
from server.errors import Conflict
from server.scheduling.models import ReceptionDay
from server.scheduling.service_free import (
    ANYTHING,
    DAYS_AHEAD,
    FreeSlot,
    Wanted,
    days_named,
    free_days,
    hours_of,
    slots_of,
)
from server.scheduling.slots import nearest

OFFERED = 3


def slot_taken(
    db: Session, *, actor: Actor, now: datetime, day: ReceptionDay, slot: int, wanted: Wanted = ANYTHING
) -> Conflict:
    """The refusal, with the nearest free times as ``nearest``: pairs of reception day and slot.

    ``wanted`` says whom it is for. Whoever is excluded is left out and looks like somebody without a free time.
    """
    chosen = nearest_free(db, actor=actor, now=now, day=day, slot=slot, wanted=wanted)
    return Conflict(
        "slot_taken",
        "This time was just booked by somebody else. Please choose another; the nearest free ones are shown first.",
        field="slot",
        params={"nearest": [(one.reception_day_id, one.slot) for one in chosen]},
    )


def nearest_free(
    db: Session, *, actor: Actor, now: datetime, day: ReceptionDay, slot: int, wanted: Wanted
) -> list[FreeSlot]:
    """The nearest free times with the official of ``day``; where there are too few, with others too."""
    from_day, hours = local_date(now), hours_of(day)
    anybody = replace(wanted, official_id=None, unit_id=None, township_id=None)
    free = slots_of(free_days(db, actor=actor, now=now, from_day=from_day, days=DAYS_AHEAD, wanted=anybody))
    at = (day.day.toordinal(), hours.minute(slot) if hours.has(slot) else hours.opens)
    own = _nearest([one for one in free if one.official_id == day.official_id], at, OFFERED)
    others = [one for one in free if one.official_id != day.official_id]
    return own + _nearest(others, at, OFFERED - len(own))


def _nearest(free: Sequence[FreeSlot], at: tuple[int, int], count: int) -> list[FreeSlot]:
    by_time: dict[tuple[int, int], FreeSlot] = {}
    for one in free:
        by_time.setdefault((one.day.toordinal(), one.minute), one)
    return [by_time[pair] for pair in nearest(by_time, at, count)]


def slots_named(db: Session, pairs: Collection[tuple[int, int]]) -> list[FreeSlot]:
    """These pairs of reception day and slot, to be shown, in their order; days that are gone are left out."""
    days = {one.reception_day_id: one for one in days_named(db, {day_id for day_id, _ in pairs})}
    return [days[day_id].slot(slot) for day_id, slot in pairs if day_id in days and days[day_id].hours.has(slot)]
