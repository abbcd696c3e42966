"""What is free: the slots of reception days that somebody can take. Reads only.

However many officials and days there are, it takes the same few questions to the database: the days, what is taken of
them as numbers with a bit a place, and whom they are for. Slots are made out of them where somebody looks at one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from json import loads
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, cast, func, literal, or_, select, text, union_all
from sqlmodel import Session, col

from server.accounts.exclusion import NOBODY, Excluded
from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.clock import DISTRICT_ZONE, local_date
from server.database import table_of
from server.places.models import Unit
from server.scheduling.models import SLOT_TAKEN, Booking, ReceptionDay, RuleAudience
from server.scheduling.service_audience import Bookable
from server.scheduling.service_holds import held, holder
from server.scheduling.service_holds import hours_of as hours_of
from server.scheduling.slots import Hours, bits, places_in, vacant

DAY, USER, UNIT, BOOKING = (table_of(one).c for one in (ReceptionDay, User, Unit, Booking))
DAYS_AHEAD = 28
PLACES = 62
"""How many places go into one number of the database."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A reception day with room: ``places`` has a bit for the first free place of every slot that has one."""

    reception_day_id: int
    day: date
    official_id: int
    official: str
    post: str
    unit_id: int
    unit: str
    hours: Hours
    places: int

    @property
    def count(self) -> int:
        """How many slots can be taken."""
        return self.places.bit_count()

    def slot(self, place: int) -> FreeSlot:
        """One of them."""
        names = (self.official_id, self.official, self.post, self.unit)
        return FreeSlot(self.reception_day_id, place, self.day, self.hours.minute(place), *names)

    @property
    def soonest(self) -> FreeSlot:
        """The first of them."""
        return self.slot((self.places & -self.places).bit_length() - 1)

    @property
    def slots(self) -> list[FreeSlot]:
        """All of them, in order."""
        return [self.slot(place) for place in places_in(self.places)]


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty restricts nothing. ``township_id``: where the unit of the official is.

    ``point_id`` is where the visitor comes to (empty: a kiosk's or agent's own), ``content`` what the matter is about.
    """

    official_id: int | None = None
    unit_id: int | None = None
    township_id: int | None = None
    point_id: int | None = None
    content: str | None = None
    excluded: Excluded = NOBODY


ANYTHING = Wanted()


def instant_of(day: date, minute: int) -> datetime:
    """The instant of a minute after local midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=DISTRICT_ZONE) + timedelta(minutes=minute)


def free_days(
    db: Session, *, actor: Actor, now: datetime, from_day: date, days: int, wanted: Wanted = ANYTHING
) -> list[FreeDay]:
    """Every day with a free slot from ``from_day`` on for ``days`` days, by day and official; past slots are left out.

    What somebody else than the actor holds is not free. Plans that do not receive people of the point or matters of the
    content are left out, and days outside their notice and horizon; and whoever is excluded. For services; checks no
    right.
    """
    span = [DAY.day >= from_day, DAY.day < from_day + timedelta(days=days)]
    rows = _open_days(db, [*span, *_wanted(wanted)])
    bookable = Bookable(db, {row[2] for row in rows}, actor=actor, point_id=wanted.point_id, content=wanted.content)
    today = local_date(now)
    windows = {rule_id: bookable.window(rule_id, today) for rule_id in {row[2] for row in rows}}
    received = [row for row in rows if windows[row[2]][0] <= row[1] <= windows[row[2]][1]]
    return _with_room(received, now, _taken(db, now, rows, span, holder(actor)), wanted.excluded)


def _wanted(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.official_id is not None:
        yield DAY.official_id == wanted.official_id
    if wanted.unit_id is not None:
        yield of_unit(wanted.unit_id)
    if wanted.township_id is not None:
        yield UNIT.township_id == wanted.township_id


def slots_of(days: Iterable[FreeDay]) -> list[FreeSlot]:
    """Every slot of these days, soonest first."""
    found = [slot for day in days for slot in day.slots]
    return sorted(found, key=lambda one: (one.day, one.minute, one.official_id))


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
    excluded: Excluded = NOBODY,
) -> list[FreeSlot]:
    """The slots of ``free_days``, soonest first."""
    require(actor, Action.BOOK)
    wanted = Wanted(official_id, unit_id, None, point_id, content, excluded)
    return slots_of(free_days(db, actor=actor, now=now, from_day=from_day, days=days, wanted=wanted))


def free_of_official(db: Session, *, now: datetime, official_id: int) -> list[FreeSlot]:
    """Every free slot of an official from tomorrow on, whoever it is for. For services; checks no right."""
    asked = [DAY.official_id == official_id, DAY.day > local_date(now)]
    rows = _open_days(db, asked)
    return slots_of(_with_room(rows, now, _taken(db, now, rows, asked, "")))


def days_named(db: Session, day_ids: Collection[int]) -> list[FreeDay]:
    """These days as if every place of them were free. For services, to show what was chosen."""
    return [_free_day(row, 0) for row in _open_days(db, [DAY.id.in_(day_ids)])]


def _open_days(db: Session, asked: Sequence[ColumnElement[bool]]) -> Sequence[tuple[Any, ...]]:
    """Columns and no objects: there may be thousands."""
    hours = (DAY.opens_minute, DAY.closes_minute, DAY.slot_minutes, DAY.buffer_minutes, DAY.capacity)
    official = (USER.id, USER.display_name, USER.post, USER.unit_id, UNIT.name)
    query = (
        select(DAY.id, DAY.day, DAY.rule_id, *hours, cast(DAY.spans, String), *official)
        .select_from(table_of(ReceptionDay).join(table_of(User), USER.id == DAY.official_id))
        .outerjoin(table_of(Unit), UNIT.id == USER.unit_id)
        .where(DAY.cancelled.is_(False), DAY.off_plan.is_(False), USER.active, *asked)
        .order_by(DAY.day, DAY.official_id)
    )
    return [tuple(row) for row in db.connection().execute(query).all()]


@lru_cache(maxsize=1024)
def _hours(opens: int, closes: int, length: int, buffer: int, capacity: int, spans: str) -> Hours:
    """As ``hours_of``, once for all days that are alike."""
    several = tuple((one[0], one[1]) for one in loads(spans))
    return Hours(several or ((opens, closes),), length, buffer, capacity)


def _with_room(
    rows: Iterable[tuple[Any, ...]], now: datetime, taken: Mapping[int, int], excluded: Excluded = NOBODY
) -> list[FreeDay]:
    found = []
    started: dict[date, int] = {}
    for row in rows:
        day = row[1]
        if day not in started:
            started[day] = not_before(day, now)
        one = _free_day(row, taken.get(row[0], 0), started[day])
        if one.places and not excluded.concerns(user_id=one.official_id, unit_id=one.unit_id):
            found.append(one)
    return found


def _free_day(row: tuple[Any, ...], taken: int, begins: int = 0) -> FreeDay:
    day_id, day, _, opens, closes, length, buffer, capacity, spans, official_id, name, post, unit_id, unit = row
    hours = _hours(opens, closes, length, buffer, capacity, spans)
    places = vacant(hours, taken, not_before=begins)
    return FreeDay(day_id, day, official_id, name, post, unit_id or 0, unit or "", hours, places)


def of_unit(unit_id: int) -> ColumnElement[bool]:
    """Days of the unit's own officials, and of plans that receive its matters."""
    plans = select(col(RuleAudience.rule_id)).where(col(RuleAudience.unit_id) == unit_id)
    return or_(col(User.unit_id) == unit_id, col(ReceptionDay.rule_id).in_(plans))


def _taken(
    db: Session, now: datetime, rows: Iterable[tuple[Any, ...]], asked: Sequence[ColumnElement[bool]], owner: str
) -> dict[int, int]:
    """What is booked or held by others of the days asked for, a bit a place; the database puts the bits together.

    The first number of every day is counted without sorting; further ones are asked for if one of ``rows``, the open
    days, has so many places.
    """
    connection = db.connection()
    booked: list[Any] = [BOOKING.reception_day_id.in_(select(DAY.id).where(*asked)), text(SLOT_TAKEN)]
    bit = cast(1, BigInteger).bitwise_lshift(BOOKING.slot % PLACES)
    # PostgreSQL adds whole numbers up as decimal ones, several times slower; SQLite knows no other way.
    all_of = func.bit_or(bit) if connection.dialect.name == "postgresql" else func.sum(bit)
    part = BOOKING.slot // PLACES
    first = select(BOOKING.reception_day_id, literal(0), all_of).where(*booked, BOOKING.slot < PLACES)
    queries: list[Any] = [first.group_by(BOOKING.reception_day_id)]
    if any(_hours(*kind).count > PLACES for kind in {row[3:9] for row in rows}):
        others = select(BOOKING.reception_day_id, part, all_of).where(*booked, BOOKING.slot >= PLACES)
        queries.append(others.group_by(BOOKING.reception_day_id, part))
    taken = {day_id: bits(places) for day_id, places in held(db, now=now, besides=owner).items()}
    for day_id, at, some in connection.execute(union_all(*queries)).all():
        taken[day_id] = taken.get(day_id, 0) | int(some) << at * PLACES
    return taken


def not_before(day: date, now: datetime) -> int:
    """The first minute of ``day`` that is not over."""
    today = local_date(now)
    if day != today:
        return 0 if day > today else 24 * 60
    local = now.astimezone(DISTRICT_ZONE)
    return local.hour * 60 + local.minute + 1
