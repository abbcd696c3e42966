"""The fictitious district: places, people, reception days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Role
from server.clock import DISTRICT_ZONE, local_date
from server.demonstration import names
from server.places.models import Kiosk, Township, Unit, VillagePoint
from server.places.one_time_codes import code_hash
from server.scheduling.models import ReceptionDay
from server.scheduling.service_calendar import calendar_in_force

KIOSK_CODES = ("LXAA3344", "LXBB3344", "LXCC3344", "LXDD3344")
CODES_LAST = timedelta(days=3650)
MORNING = (9 * 60, 12 * 60)
AFTERNOON = (14 * 60, 17 * 60)
EVENING = timedelta(hours=3)


@dataclass(frozen=True)
class Planted:
    """What the later parts of the demonstration build on."""

    points: list[VillagePoint]
    officials: list[User]
    clerks: list[User]
    handlers: list[User]
    kiosks: list[Kiosk]


def plant_district(db: Session, *, now: datetime, dice: Random, password_hash: str) -> Planted:
    """Places and people of an empty database."""
    townships = [Township(name=one, area_code=f"{names.AREA}{i:03d}") for i, one in enumerate(names.TOWNSHIPS, 1)]
    units = [Unit(name=one) for one in names.UNITS]
    db.add_all([*townships, *units])
    db.flush()
    points = list(_points(townships))
    db.add_all(points)
    db.flush()
    open_points = [one for one in points if one.has_video]
    kiosks = [
        Kiosk(
            point_id=point.id or 0,
            name=f"{point.name}终端",
            code_hash=code_hash(code),
            code_expires_at=now + CODES_LAST,
        )
        for point, code in zip(open_points, KIOSK_CODES, strict=False)
    ]
    people = list(_people(dice, units, points, password_hash))
    db.add_all([*kiosks, *people])
    db.flush()
    by_role = {role: [one for one in people if one.role is role] for role in Role}
    return Planted(open_points, by_role[Role.OFFICIAL], by_role[Role.CLERK], by_role[Role.HANDLER], kiosks)


def _points(townships: list[Township]) -> Iterator[VillagePoint]:
    place_names = names.place_names()
    for township, count, video in zip(townships, names.POINTS_OF_TOWNSHIP, names.VIDEO_OF_TOWNSHIP, strict=True):
        kind = "社区" if township.name.endswith("街道") else "村"
        for index in range(count):
            name = next(place_names) + kind
            yield VillagePoint(
                township_id=township.id or 0,
                name=name,
                area_code=f"{township.area_code}{200 + index}",
                address=f"{names.DISTRICT}{township.name}{name}便民服务中心",
                has_video=index < video,
            )


def _people(dice: Random, units: list[Unit], points: list[VillagePoint], password_hash: str) -> Iterator[User]:
    def person(role: Role, index: int, post: str = "", unit_id: int | None = None, point_id: int | None = None) -> User:
        return User(
            username=role.value if index == 0 else f"{role.value}{index + 1}",
            display_name=names.person_name(dice),
            role=role,
            post=post,
            password_hash=password_hash,
            unit_id=unit_id,
            point_id=point_id,
        )

    for index, (post, unit) in enumerate(names.OFFICIALS):
        yield person(Role.OFFICIAL, index, post=post, unit_id=units[unit].id)
    for index in range(3):
        yield person(Role.CLERK, index, unit_id=units[0].id)
    ordered = [*units[1:], units[0]]
    for index, unit_of in enumerate(ordered):
        yield person(Role.HANDLER, index, unit_id=unit_of.id)
    for index, point in enumerate(sorted(points, key=lambda one: not one.has_video)):
        yield person(Role.AGENT, index, point_id=point.id)
    yield person(Role.ADMINISTRATOR, 0)
    yield person(Role.AUDITOR, 0)


def renew_codes(kiosks: Sequence[Kiosk], *, now: datetime) -> None:
    """Every start prints the codes, so they work again, also after somebody used them."""
    for kiosk, code in zip(kiosks, KIOSK_CODES, strict=False):
        kiosk.code_hash, kiosk.code_expires_at = code_hash(code), now + CODES_LAST


def planted_before(db: Session) -> Planted:
    """What an earlier start planted."""
    people = db.exec(select(User).order_by(col(User.id))).all()
    points = db.exec(select(VillagePoint).where(col(VillagePoint.has_video)).order_by(col(VillagePoint.id)))
    kiosks = db.exec(select(Kiosk).order_by(col(Kiosk.id)))
    by_role = {role: [one for one in people if one.role is role] for role in Role}
    return Planted(list(points), by_role[Role.OFFICIAL], by_role[Role.CLERK], by_role[Role.HANDLER], list(kiosks))


def officials_of(db: Session) -> list[User]:
    """The planted officials in their order."""
    query = select(User).where(User.role == Role.OFFICIAL, col(User.active)).order_by(col(User.id))
    return list(db.exec(query))


def plant_days(db: Session, *, now: datetime, first: date, last: date) -> list[ReceptionDay]:
    """Weekly days between ``first`` and ``last``, and everybody today; days that are there already stay."""
    today, calendar = local_date(now), calendar_in_force(db)
    known = {(one.official_id, one.day) for one in db.exec(select(ReceptionDay).where(ReceptionDay.day >= first))}
    added: list[ReceptionDay] = []
    for index, official in enumerate(officials_of(db)):
        weekly = first
        while weekly.weekday() != index % 5:
            weekly += timedelta(days=1)
        wanted = {weekly + timedelta(days=7 * week) for week in range(((last - weekly).days // 7) + 1)}
        wanted = {one for one in wanted if calendar.is_working(one)} | {today}
        for one in sorted(wanted):
            if (official.id, one) not in known:
                opens, closes = _hours_today(now) if one == today else (MORNING, AFTERNOON)[index % 2]
                added.append(
                    ReceptionDay(official_id=official.id or 0, day=one, opens_minute=opens, closes_minute=closes)
                )
    db.add_all(added)
    db.flush()
    return added


def _hours_today(now: datetime) -> tuple[int, int]:
    """Long enough that somebody who tries the demonstration late in the evening still finds a time."""
    late = (now + EVENING).astimezone(DISTRICT_ZONE)
    end = 24 * 60 if late.date() != local_date(now) else late.hour * 60 + late.minute
    return 8 * 60, max(18 * 60, end)
