"""The published list of receptions, for anybody: who receives when, and whom. Nothing about those who come."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.audit.service import record
from server.clock import local_date
from server.errors import NotFound
from server.places.models import Township, Unit, VillagePoint
from server.scheduling.icalendar import Status
from server.scheduling.models import CalendarFeed, ReceptionDay
from server.scheduling.plan import Audience
from server.scheduling.service_audience import EVERYBODY, audiences
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_free import hours_of
from server.scheduling.slots import Hours
from server.scheduling.workdays import Counted, as_named
from server.sealing import current_sealer

WEEKS = 8
WEEKS_OF_FEED = 26


@dataclass(frozen=True)
class Published:
    """A reception of the list. ``counted`` says why it is that day, where a plan named it."""

    day_id: int
    day: date
    hours: Hours
    official: str
    post: str
    unit: str
    townships: list[str]
    contents: list[str]
    counted: Counted | None
    status: Status = Status.CONFIRMED


def published(
    db: Session,
    *,
    now: datetime,
    weeks: int = WEEKS,
    official_id: int | None = None,
    township_id: int | None = None,
    cancelled: bool = False,
) -> list[Published]:
    """Receptions from today on, for anybody; with those called off or in doubt where that must be told."""
    first = local_date(now)
    query = (
        select(ReceptionDay, User, Unit.name)
        .join(User, col(User.id) == ReceptionDay.official_id)
        .join(Unit, col(Unit.id) == User.unit_id, isouter=True)
        .where(ReceptionDay.day >= first, ReceptionDay.day < first + timedelta(weeks=weeks), col(User.active))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.opens_minute), col(User.id))
    )
    if official_id is not None:
        query = query.where(User.id == official_id)
    if not cancelled:
        query = query.where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False))
    rows = db.exec(query).all()
    known = audiences(db, {day.rule_id for day, _, _ in rows if day.rule_id is not None})
    towns, calendar = {one.id: one.name for one in db.exec(select(Township))}, calendar_in_force(db)
    found = []
    for day, user, unit in rows:
        audience: Audience = known.get(day.rule_id or 0, EVERYBODY)
        if audience.admits(township_id=township_id, content=None):
            homes = [towns[key] for key in sorted(audience.townships)]
            counted = None if day.planned_on is None else as_named(calendar, day.planned_on, day.day)
            who = (user.display_name, user.post, unit or "", homes, sorted(audience.contents))
            found.append(Published(day.id or 0, day.day, hours_of(day), *who, counted, _status(day)))
    return found


def _status(day: ReceptionDay) -> Status:
    if day.cancelled:
        return Status.CANCELLED
    return Status.TENTATIVE if day.off_plan else Status.CONFIRMED


def townships(db: Session) -> list[Township]:
    """What the list can be narrowed to."""
    return list(db.exec(select(Township).order_by(Township.area_code)))


@dataclass(frozen=True)
class Feed:
    """A secret address: whose it is, and its token, empty until it is made."""

    kind: str
    key: int
    name: str
    token: str
    made_at: datetime | None


def feeds(db: Session, *, actor: Actor) -> list[Feed]:
    """The feed of every official in use and of every open point."""
    require(actor, Action.SET_UP)
    people = db.exec(select(User).where(User.role == Role.OFFICIAL, col(User.active)).order_by(col(User.id)))
    points = db.exec(select(VillagePoint).where(col(VillagePoint.closed_at).is_(None)).order_by(VillagePoint.area_code))
    known = list(db.exec(select(CalendarFeed)))
    of_official = {one.official_id: one for one in known}
    of_point = {one.point_id: one for one in known}
    whose = [("official", one.id or 0, one.display_name, of_official.get(one.id)) for one in people]
    whose += [("point", one.id or 0, one.name, of_point.get(one.id)) for one in points]
    return [
        Feed(kind, key, name, made.token if made else "", made.made_at if made else None)
        for kind, key, name, made in whose
    ]


def renew_feed(db: Session, *, actor: Actor, now: datetime, kind: str, key: int) -> CalendarFeed:
    """A new secret address; the old one ends at once."""
    require(actor, Action.SET_UP)
    official = db.get(User, key) if kind == "official" else None
    point = db.get(VillagePoint, key) if kind == "point" else None
    if (official is None or official.role is not Role.OFFICIAL) and point is None:
        raise NotFound("no_such_feed", "This calendar address does not exist.")
    column = CalendarFeed.official_id if kind == "official" else CalendarFeed.point_id
    token = secrets.token_urlsafe(24)
    row = db.exec(select(CalendarFeed).where(column == key)).first()
    row = row or CalendarFeed(**{f"{kind}_id": key}, token=token, token_hash="", made_at=now)
    row.token, row.token_hash, row.made_at = token, current_sealer().index(token), now
    db.add(row)
    db.flush()
    record(db, actor=actor, now=now, action="feed.renewed", subject="feed", subject_id=row.id or 0)
    return row


def receptions_of_feed(db: Session, *, now: datetime, token: str) -> tuple[str, list[Published]]:
    """The name and the receptions behind a secret address; an old or invented one answers as an absent one."""
    index = current_sealer().index(token)
    feed = db.exec(select(CalendarFeed).where(CalendarFeed.token_hash == index)).first()
    if feed is None:
        raise NotFound("no_such_feed", "This calendar address does not exist.")
    if feed.official_id is not None:
        name = db.get_one(User, feed.official_id).display_name
        told = {"official_id": feed.official_id}
    else:
        point = db.get_one(VillagePoint, feed.point_id)
        name, told = point.name, {"township_id": point.township_id}
    return name, published(db, now=now, weeks=WEEKS_OF_FEED, cancelled=True, **told)
