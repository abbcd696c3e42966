"""What clerks see of absences: the three ways side by side, what was done, and who is without a place. Reads only."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.clock import local_date
from server.errors import Conflict, Invalid, NotFound
from server.petitions.models_absence import Absence, Displaced
from server.petitions.service_absence import WEEKS, Asked, Proposal, propose
from server.petitions.service_absence_people import expected, lost_days
from server.petitions.words import Fate, Way
from server.places.models import VillagePoint
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.models_waitlist import SlotOffer
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.words import BookingState, OfferState

SHOWN = 50
OWN_DATES = 10


@dataclass(frozen=True)
class Option:
    """What can be chosen for a way: an official, a reception, or (``official`` empty) a date without one."""

    value: str
    official: str = ""
    day: date | None = None
    near: bool = False


@dataclass(frozen=True)
class Column:
    """One way: what can be chosen, what it would mean, or why it cannot be gone."""

    way: Way
    options: list[Option]
    other: str
    proposal: Proposal | None = None
    refusal: Invalid | Conflict | None = None


@dataclass(frozen=True)
class Lost:
    """The receptions in question, and how many people are expected on them."""

    days: list[ReceptionDay]
    people: int


def names(db: Session) -> dict[int, str]:
    """Every official, as people call them."""
    officials = db.exec(select(User).where(User.role == Role.OFFICIAL).order_by(col(User.id)))
    return {one.id or 0: f"{one.post}{one.display_name}" for one in officials}


def receiving(db: Session, *, actor: Actor, now: datetime) -> list[User]:
    """Officials who receive in the coming weeks."""
    require(actor, Action.REPLAN)
    first = local_date(now)
    query = select(ReceptionDay.official_id).where(
        ReceptionDay.day >= first, ReceptionDay.day <= first + WEEKS, col(ReceptionDay.cancelled).is_(False)
    )
    return list(db.exec(select(User).where(col(User.id).in_(query), col(User.active)).order_by(col(User.id))))


def lost(db: Session, *, actor: Actor, now: datetime, asked: Asked) -> Lost:
    """What would not be held."""
    require(actor, Action.REPLAN)
    days = lost_days(db, now=now, official_id=asked.official_id, first=asked.first, last=asked.last)
    return Lost(days, expected(db, days))


def compare(db: Session, *, actor: Actor, now: datetime, asked: Asked, others: dict[Way, str]) -> list[Column]:
    """The three ways; where nothing was chosen for one, the nearest choice."""
    days = lost(db, actor=actor, now=now, asked=asked).days
    found = []
    for way in Way:
        options = list(OPTIONS[way](db, now, asked, days)) if asked.official_id is not None else []
        chosen = others.get(way, "")
        known = {one.value for one in options}
        other = chosen if chosen in known else options[0].value if options else ""
        column = Column(way, options, other)
        try:
            proposal = propose(db, actor=actor, now=now, asked=replace(asked, way=way, other=other))
        except (Invalid, Conflict) as error:
            found.append(replace(column, refusal=error))
        else:
            found.append(replace(column, proposal=proposal))
    return found


def _deputies(db: Session, now: datetime, asked: Asked, days: list[ReceptionDay]) -> Iterator[Option]:
    """Officials who do not receive on these days, those of the same unit first."""
    dates = [one.day for one in days]
    busy = _receive_on(db, dates)
    absent = db.get(User, asked.official_id)
    unit = absent.unit_id if absent is not None else None
    query = select(User).where(User.role == Role.OFFICIAL, col(User.active), User.id != asked.official_id)
    free = [one for one in db.exec(query) if not any((one.id, day) in busy for day in dates)]
    for one in sorted(free, key=lambda each: (each.unit_id != unit, each.id or 0)):
        yield Option(f"user:{one.id}", f"{one.post}{one.display_name}", near=one.unit_id == unit)


def _receive_on(db: Session, dates: Collection[date]) -> set[tuple[int | None, date]]:
    query = select(ReceptionDay).where(col(ReceptionDay.day).in_(dates), col(ReceptionDay.cancelled).is_(False))
    return {(one.official_id, one.day) for one in db.exec(query)}


def _swaps(db: Session, now: datetime, asked: Asked, days: list[ReceptionDay]) -> Iterator[Option]:
    """Working days on which the official does not receive, then receptions of the official and of others."""
    if len(days) != 1:
        return
    (gone,) = days
    first = local_date(now) + timedelta(days=1)
    rows = db.exec(
        select(ReceptionDay)
        .where(ReceptionDay.day >= first, ReceptionDay.day <= gone.day + WEEKS, ReceptionDay.id != gone.id)
        .where(col(ReceptionDay.cancelled).is_(False), col(ReceptionDay.off_plan).is_(False))
        .order_by(col(ReceptionDay.day), col(ReceptionDay.id))
    ).all()
    own = {one.day for one in rows if one.official_id == gone.official_id} | {gone.day}
    calendar = calendar_in_force(db)
    coming = (gone.day + timedelta(days=count) for count in range(1, WEEKS.days))
    for day in [one for one in coming if calendar.is_working(one) and one not in own and one >= first][:OWN_DATES]:
        yield Option(f"date:{day.isoformat()}", day=day)
    known, busy = names(db), {one.official_id for one in rows if one.day == gone.day}
    for one in sorted(rows, key=lambda each: each.official_id != gone.official_id):
        mine = one.official_id == gone.official_id
        if mine or (one.official_id not in busy and one.day not in own):
            yield Option(f"day:{one.id}", known.get(one.official_id, ""), one.day, mine)


def _nothing(db: Session, now: datetime, asked: Asked, days: list[ReceptionDay]) -> Iterator[Option]:
    return iter(())


OPTIONS = {Way.DEPUTY: _deputies, Way.SWAP: _swaps, Way.MOVE: _nothing}


@dataclass(frozen=True)
class Done:
    """An action, who did it, and what became of how many."""

    absence: Absence
    official: str
    by: str
    counted: Counter[Fate]


def actions(db: Session, *, actor: Actor) -> list[Done]:
    """What was done, the newest first."""
    require(actor, Action.REPLAN)
    rows = list(db.exec(select(Absence).order_by(col(Absence.id).desc()).limit(SHOWN)))
    return [_action(db, one) for one in rows]


def _action(db: Session, absence: Absence) -> Done:
    rows = db.exec(select(Displaced).where(Displaced.absence_id == absence.id))
    official = names(db).get(absence.official_id or 0, "")
    return Done(absence, official, db.get_one(User, absence.made_by).display_name, Counter(one.fate for one in rows))


@dataclass(frozen=True)
class Row:
    """What became of a booking, and how it stands now."""

    displaced: Displaced
    booking: Booking
    point: str
    offer: SlotOffer | None


def one_action(db: Session, *, actor: Actor, absence_id: int) -> tuple[Done, list[Row]]:
    """An action and everybody whom it touched."""
    require(actor, Action.REPLAN)
    absence = db.get(Absence, absence_id)
    if absence is None:
        raise NotFound("no_such_absence", "This action is not there.")
    return _action(db, absence), _rows(db, [absence_id])


def without_place(db: Session, *, actor: Actor) -> list[Row]:
    """Those who lost a place by an absence and have no new one yet, those without an offer first."""
    require(actor, Action.REPLAN)
    open_ones = select(Displaced.absence_id).where(
        col(Displaced.fate).in_((Fate.OFFERED, Fate.LISTED)), col(Displaced.restored).is_(False)
    )
    rows = [one for one in _rows(db, db.exec(open_ones.distinct()).all()) if _waits(one)]
    newest = {one.booking.id: one for one in rows}
    return sorted(newest.values(), key=lambda one: (one.offer is not None, one.displaced.id or 0))


def _waits(row: Row) -> bool:
    return row.booking.state is BookingState.WAITLISTED and not row.displaced.restored


def _rows(db: Session, absence_ids: Collection[int]) -> list[Row]:
    rows = db.exec(
        select(Displaced, Booking, VillagePoint.name, SlotOffer)
        .join(Booking, col(Booking.id) == Displaced.booking_id)
        .join(VillagePoint, col(VillagePoint.id) == Booking.point_id)
        .join(SlotOffer, (col(SlotOffer.booking_id) == Booking.id) & (SlotOffer.state == OfferState.OPEN), isouter=True)
        .where(col(Displaced.absence_id).in_(absence_ids))
        .order_by(col(Displaced.id))
    )
    return [Row(displaced, booking, point, offer) for displaced, booking, point, offer in rows]
