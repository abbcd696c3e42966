"""Free slots of four weeks: all officials, asked from each of 86 points, with 20,000 bookings there.

The peer answers the same question in the way of common booking software: what is booked of each official is read as
objects and made into datetimes, and every candidate, a datetime too, is compared with all that is booked of the
official in these weeks.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, insert, select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.clock import local_date
from server.database import make_engine, reading, writing
from server.migrations.run import migrate
from server.places.models import Township, Unit, VillagePoint
from server.scheduling.models import Booking, Petitioner, ReceptionDay, ReceptionRule, RuleAudience
from server.scheduling.service_free import Wanted, free_days, hours_of, instant_of
from server.scheduling.slots import Hours, bits, vacant
from server.scheduling.words import BookingState, OnDayOff, PlanState, Repeat
from server.sealing import Sealer, use_sealer
from server.settings import DEMONSTRATION_SECRET
from tests.fakes import FakeClock
from tests.postgresql import open_cluster

OFFICIALS, POINTS, BOOKINGS, DAYS = 66, 86, 20_000, 28
SPANS = [[8 * 60 + 30, 11 * 60 + 30], [14 * 60, 17 * 60]]
SLOT_MINUTES = 15
ROUNDS = 3
PEER_ROUNDS = 3
Figure = dict[str, object]


def free_slot_figures(folder: Path) -> Iterator[Figure]:
    """The answer with its database, on both; the rule alone; the peer."""
    use_sealer(Sealer.from_secret(DEMONSTRATION_SECRET))
    now = FakeClock().now()
    engine = make_engine(f"sqlite:///{folder / 'free.sqlite3'}")
    migrate(engine)
    yield from _figures(engine, now)
    engine.dispose()
    with open_cluster() as cluster:
        other = make_engine(cluster.address(cluster.new_database()))
        migrate(other)
        with writing(other) as db:
            _fill(db, now)
        _analyse(other)
        yield from _answered(other, now, "free_slots_p95_postgresql")
        other.dispose()


def _analyse(engine: Engine) -> None:
    """PostgreSQL gathers by itself, a minute later, what it plans by."""
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _figures(engine: Engine, now: datetime) -> Iterator[Figure]:
    with writing(engine) as db:
        _fill(db, now)
    yield from _answered(engine, now, "free_slots_p95")
    with reading(engine) as db:
        rows = db.exec(select(col(ReceptionDay.id), Booking.slot).join(Booking).order_by(col(ReceptionDay.id)))
        taken: dict[int, list[int]] = {}
        for day_id, slot in rows:
            taken.setdefault(day_id or 0, []).append(slot or 0)
        days = [one or 0 for one in db.exec(select(ReceptionDay.id))]
    hours = Hours(tuple((opens, closes) for opens, closes in SPANS), SLOT_MINUTES)
    work = [bits(taken.get(day_id, ())) for day_id in days]
    yield _figure("free_slots_rule_p95", [_ms(lambda: [vacant(hours, one) for one in work]) for _ in range(200)])
    peer: list[int] = []
    times = [_ms(lambda: peer.append(_nested(engine, now))) for _ in range(PEER_ROUNDS)]
    yield _figure("free_slots_nested_datetimes", times)
    if set(peer) != {sum(vacant(hours, one).bit_count() for one in work)}:
        raise RuntimeError("the peer finds other slots")


def _answered(engine: Engine, now: datetime, name: str) -> Iterator[Figure]:
    """From the question to the answer, each point in turn."""
    today = local_date(now)

    def ask(point_id: int) -> None:
        actor = Actor(role=Role.CLERK, id=1)
        with reading(engine) as db:
            free_days(db, actor=actor, now=now, from_day=today, days=DAYS, wanted=Wanted(point_id=point_id))

    ask(1)
    points = [1 + at % POINTS for at in range(POINTS * ROUNDS)]
    yield _figure(name, [_ms(lambda one=one: ask(one)) for one in points])  # type: ignore[misc]


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _figure(name: str, values: list[float]) -> Figure:
    value = sorted(values)[int(len(values) * 0.95)]
    return {"name": name, "value": round(value, 2), "unit": "ms", "n": len(values)}


def _nested(engine: Engine, now: datetime) -> int:
    """How many are free."""
    length, found = timedelta(minutes=SLOT_MINUTES), 0
    with reading(engine) as db:
        for official in db.exec(select(User)):
            days = db.exec(select(ReceptionDay).where(ReceptionDay.official_id == official.id)).all()
            booked = _booked(db, official)
            for day in days:
                for opens, closes in day.spans:
                    begins, until = instant_of(day.day, opens), instant_of(day.day, closes)
                    while begins + length <= until:
                        ends = begins + length
                        if begins > now and not any(start < ends and begins < end for start, end in booked):
                            found += 1
                        begins = ends
    return found


def _booked(db: Session, official: User) -> list[tuple[datetime, datetime]]:
    query = select(Booking, ReceptionDay).join(ReceptionDay).where(ReceptionDay.official_id == official.id)
    times = [instant_of(day.day, hours_of(day).minute(booking.slot or 0)) for booking, day in db.exec(query)]
    return [(start, start + timedelta(minutes=SLOT_MINUTES)) for start in times]


def _fill(db: Session, now: datetime) -> None:
    """66 officials on every weekday of four weeks, half of whose plans receive three townships of twelve only."""
    dice, first = Random(20), local_date(now) + timedelta(days=1)  # noqa: S311 - synthetic bookings
    dates = [one for one in (first + timedelta(days=at) for at in range(DAYS - 1)) if one.weekday() < 5]
    for table, rows in _places(now):
        db.execute(insert(table), rows)
    for official_id in range(1, OFFICIALS + 1):
        db.add(_plan(official_id, first))
        db.flush()
        if official_id % 2:
            for township_id in dice.sample(range(1, 13), 3):
                db.add(RuleAudience(rule_id=official_id, township_id=township_id))
    days = [_day(official_id, day) for day in dates for official_id in range(1, OFFICIALS + 1)]
    db.execute(insert(ReceptionDay), days)
    slots = sum((b - a) // SLOT_MINUTES for a, b in SPANS)
    places = dice.sample([(at + 1, slot) for at in range(len(days)) for slot in range(slots)], BOOKINGS)
    db.execute(insert(Booking), [_booking(index, *place, now) for index, place in enumerate(places)])


def _places(now: datetime) -> Iterator[tuple[type[SQLModel], list[dict[str, Any]]]]:
    yield Township, [{"name": f"乡镇{at}", "area_code": f"9901010{at:02d}"} for at in range(1, 13)]
    yield Unit, [{"name": f"部门{at}", "active": True} for at in range(1, 13)]
    yield (
        VillagePoint,
        [
            {"township_id": 1 + at % 12, "name": f"村{at}", "area_code": f"9901010{1 + at % 12:02d}{at:03d}"}
            for at in range(1, POINTS + 1)
        ],
    )
    yield Petitioner, [{"anonymous": True, "created_at": now}]
    yield (
        User,
        [
            {
                "username": f"official{at}",
                "display_name": f"接访领导{at}",
                "role": Role.OFFICIAL,
                "post": "副区长",
                "password_hash": "!",
                "unit_id": 1 + at % 12,
                "active": True,
                "failed_attempts": 0,
            }
            for at in range(1, OFFICIALS + 1)
        ],
    )


def _plan(official_id: int, first: date) -> ReceptionRule:
    return ReceptionRule(
        official_id=official_id,
        repeat=Repeat.WORKING_DAYS,
        valid_from=first,
        on_day_off=OnDayOff.SKIP,
        spans=SPANS,
        slot_minutes=SLOT_MINUTES,
        state=PlanState.PUBLISHED,
    )


def _day(official_id: int, day: date) -> dict[str, Any]:
    return {
        "official_id": official_id,
        "day": day,
        "opens_minute": SPANS[0][0],
        "closes_minute": SPANS[-1][1],
        "slot_minutes": SLOT_MINUTES,
        "spans": SPANS,
        "rule_id": official_id,
        "planned_on": day,
        "cancelled": False,
        "buffer_minutes": 0,
        "capacity": 1,
        "off_plan": False,
    }


def _booking(index: int, day_id: int, slot: int, now: datetime) -> dict[str, Any]:
    return {
        "number": f"F{index:06d}",
        "reception_day_id": day_id,
        "slot": slot,
        "point_id": 1 + index % POINTS,
        "petitioner_id": 1,
        "state": BookingState.BOOKED,
        "request_key": f"free-{index}",
        "booked_at": now,
        "private": False,
        "content": "",
        "people": 1,
    }
