"""What is free: the slots of reception days that somebody can take. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.clock import DISTRICT_ZONE, local_date
from server.places.models import Unit
from server.scheduling.models import Booking, ReceptionDay, RuleAudience
from server.scheduling.service_audience import Bookable
from server.scheduling.service_holds import held, holder
from server.scheduling.service_holds import hours_of as hours_of
from server.scheduling.slots import bits, free
from server.scheduling.states import GONE


@dataclass(frozen=True)
class FreeSlot:
    """A slot somebody could take. ``minute`` counts from local midnight."""

    reception_day_id: int
    slot: int
    day: date
    minute: int
    official_id: int
    official: str
    post: str
    unit: str


def instant_of(day: date, minute: int) -> datetime:
    """The instant of a minute after local midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=DISTRICT_ZONE) + timedelta(minutes=minute)


def free_slots(
    db: Session,
    *,
    actor: Actor,
    now: datetime,
    from_day: date,
    days: int,
    official_id: int | None = None,
    unit_id: int | None = None,
    point_id: int | None = None,
    content: str | None = None,
) -> list[FreeSlot]:
    """Every free slot from ``from_day`` on for ``days`` days, soonest first; past ones are left out.

    What somebody else than the actor holds is not free. Plans that do not receive people of ``point_id`` (a kiosk's or
    agent's own) or matters of ``content`` are left out, and days outside their notice and horizon.
    """
    require(actor, Action.BOOK)
    asked = [col(ReceptionDay.day) >= from_day, col(ReceptionDay.day) < from_day + timedelta(days=days)]
    if official_id is not None:
        asked.append(col(ReceptionDay.official_id) == official_id)
    if unit_id is not None:
        asked.append(of_unit(unit_id))
    rows, today = _open_days(db, *asked), local_date(now)
    plans = {day.rule_id for day, _, _ in rows if day.rule_id is not None}
    bookable = Bookable(db, plans, actor=actor, point_id=point_id, content=content)
    admitted = [row for row in rows if bookable.admits(row[0]) and bookable.in_time(row[0], today)]
    return _free(db, now, admitted, owner=holder(actor))


def free_of_official(db: Session, *, now: datetime, official_id: int) -> list[FreeSlot]:
    """Every free slot of an official from tomorrow on, whoever it is for. For services; checks no right."""
    asked = (col(ReceptionDay.official_id) == official_id, col(ReceptionDay.day) > local_date(now))
    return _free(db, now, _open_days(db, *asked))


def _open_days(db: Session, *asked: ColumnElement[bool]) -> list[tuple[ReceptionDay, User, str | None]]:
    rows = db.exec(
        select(ReceptionDay, User, Unit.name)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .join(Unit, col(Unit.id) == User.unit_id, isouter=True)
        .where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False), col(User.active))
        .where(*asked)
    )
    return [(day, official, unit) for day, official, unit in rows]


def _free(
    db: Session, now: datetime, rows: Sequence[tuple[ReceptionDay, User, str | None]], owner: str = ""
) -> list[FreeSlot]:
    taken = _taken(db, now, [day.id or 0 for day, _, _ in rows], owner)
    found: list[FreeSlot] = []
    for day, official, unit in rows:
        hours = hours_of(day)
        for slot in free(hours, bits(taken.get(day.id or 0, ())), not_before=not_before(day.day, now)):
            names = (official.id or 0, official.display_name, official.post, unit or "")
            found.append(FreeSlot(day.id or 0, slot, day.day, hours.minute(slot), *names))
    return sorted(found, key=lambda one: (one.day, one.minute, one.official_id))


def of_unit(unit_id: int) -> ColumnElement[bool]:
    """Days of the unit's own officials, and of plans that receive its matters."""
    plans = select(RuleAudience.rule_id).where(RuleAudience.unit_id == unit_id)
    return or_(col(User.unit_id) == unit_id, col(ReceptionDay.rule_id).in_(plans))


def _taken(db: Session, now: datetime, day_ids: Sequence[int], owner: str) -> dict[int, set[int]]:
    rows = db.exec(
        select(Booking.reception_day_id, Booking.slot).where(
            col(Booking.reception_day_id).in_(day_ids),
            col(Booking.slot).is_not(None),
            col(Booking.state).not_in(GONE),
        )
    )
    taken = held(db, now=now, day_ids=day_ids, besides=owner)
    for day_id, slot in rows:
        if slot is not None:
            taken.setdefault(day_id, set()).add(slot)
    return taken


def not_before(day: date, now: datetime) -> int:
    """The first minute of ``day`` that is not over."""
    today = local_date(now)
    if day != today:
        return 0 if day > today else 24 * 60
    local = now.astimezone(DISTRICT_ZONE)
    return local.hour * 60 + local.minute + 1
