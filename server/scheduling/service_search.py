"""Searching for a free time by official, unit, township, category and date. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.clock import local_date
from server.places.models import Township, Unit
from server.scheduling.service_free import DAYS_AHEAD, FreeDay, FreeSlot, Wanted, free_days

FURTHEST = timedelta(days=400)


@dataclass(frozen=True)
class Found:
    """What a search finds: the first free time of all, the days with how many there are, and one day in full."""

    soonest: FreeSlot | None
    days: list[tuple[date, int]]
    shown: date | None
    officials: list[FreeDay]


@dataclass(frozen=True)
class Choices:
    """What can be searched for."""

    officials: list[User]
    units: list[Unit]
    townships: list[Township]


def search(
    db: Session, *, actor: Actor, now: datetime, wanted: Wanted, from_day: date | None = None, day: str = ""
) -> Found:
    """The free times of four weeks from ``from_day``, or today, on; ``day`` is the one shown in full."""
    require(actor, Action.BOOK)
    today = local_date(now)
    begin = min(max(from_day or today, today), today + FURTHEST)
    return found_in(free_days(db, actor=actor, now=now, from_day=begin, days=DAYS_AHEAD, wanted=wanted), day)


def found_in(free: Sequence[FreeDay], day: str = "") -> Found:
    """The same of what is free already, in the order of the days."""
    counts: dict[date, int] = {}
    for one in free:
        counts[one.day] = counts.get(one.day, 0) + one.count
    shown = next((one for one in counts if one.isoformat() == day), next(iter(counts), None))
    first = (one.soonest for one in free if one.day == free[0].day)
    soonest = min(first, key=lambda one: (one.minute, one.official_id), default=None)
    return Found(soonest, list(counts.items()), shown, [one for one in free if one.day == shown])


def search_choices(db: Session, *, actor: Actor) -> Choices:
    """Officials, units and townships, in the order of their entry."""
    require(actor, Action.BOOK)
    officials = select(User).where(User.role == Role.OFFICIAL, col(User.active)).order_by(col(User.id))
    units = select(Unit).where(col(Unit.active)).order_by(col(Unit.id))
    townships = select(Township).order_by(col(Township.area_code))
    return Choices(list(db.exec(officials)), list(db.exec(units)), list(db.exec(townships)))
