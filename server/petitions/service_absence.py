"""What would become of everybody if receptions are taken over, swapped or given up. Nothing is written."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, Role, require
from server.clock import local_date
from server.errors import Conflict, Invalid
from server.petitions.service_absence_people import Promised, joined_on, lost_days, openings, promised_on
from server.petitions.words import Fate, Way
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.replan import Given, Opening, explain
from server.scheduling.replan_flow import replan
from server.scheduling.service_calendar import calendar_in_force
from server.scheduling.service_free import instant_of
from server.scheduling.waitlist import answer_by
from server.scheduling.words import BookingState, Priority

WEEKS = timedelta(weeks=4)
PATIENCE = timedelta(hours=24)
"""How much daytime somebody has to answer an offer made because of an absence."""
BEARABLE = 14
"""Days that somebody whose deadline is near can wait longer."""
STAYS = "day and time stay, another official receives"
LATER = "the same official at the same hour, {days} days later"
SOONER = "the same official at the same hour, {days} days sooner"
ALONE = "day and time stay, the other officials receive without the absent one"
SENTENCES = (STAYS, LATER, SOONER, ALONE)
Part = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """What is asked: whose receptions (empty: everybody's) of which days, and the way.

    ``other``: the deputy (``user:3``), or what is swapped with: a reception (``day:17``) or a date without one.
    """

    official_id: int | None
    first: date
    last: date
    way: Way
    other: str = ""

    def part(self, kind: str) -> int | None:
        """The number in ``other``, if it is of this kind."""
        start, _, number = self.other.partition(":")
        return int(number) if start == kind and number.isdecimal() and len(number) < 10 else None


@dataclass(frozen=True)
class Turn:
    """A reception day with the official and the date it gets; both empty: it is not held."""

    day: ReceptionDay
    official_id: int | None = None
    on: date | None = None


@dataclass(frozen=True)
class Line:
    """What becomes of one booking, and why. ``until``: when the answer to an offer is due."""

    promised: Promised
    fate: Fate
    at: datetime | None = None
    official_id: int | None = None
    parts: tuple[Part, ...] = ()
    given: Given | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Proposal:
    """One way, with everything that it means."""

    asked: Asked
    turns: list[Turn]
    lines: list[Line] = field(default_factory=list)

    @property
    def counted(self) -> Counter[Fate]:
        """How many of each fate."""
        return Counter(one.fate for one in self.lines)

    @property
    def digest(self) -> str:
        """A name for exactly this: what was shown is what is done."""
        told = [f"{one.day.id}:{one.official_id}:{one.on}" for one in self.turns]
        told += [f"{one.promised.booking.number}:{one.fate}:{one.at}:{one.official_id}" for one in self.lines]
        return hashlib.sha256("|".join((*told, str(self.asked))).encode()).hexdigest()


def propose(db: Session, *, actor: Actor, now: datetime, asked: Asked) -> Proposal:
    """What this way would mean for everybody. Raises ``Conflict`` or ``Invalid`` where it cannot be gone."""
    require(actor, Action.REPLAN)
    days = lost_days(db, now=now, official_id=asked.official_id, first=asked.first, last=asked.last)
    if not days:
        raise Invalid("nothing_lost", "There is no reception on these days.", field="official")
    return WAYS[asked.way](db, now, asked, days)


def _deputise(db: Session, now: datetime, asked: Asked, days: list[ReceptionDay]) -> Proposal:
    deputy = _official(db, asked.part("user"))
    _free_on(db, deputy, [one.day for one in days])
    _nobody_talks(db, days)
    return _taken_over(db, now, asked, [Turn(one, deputy.id, one.day) for one in days])


def _swap(db: Session, now: datetime, asked: Asked, days: list[ReceptionDay]) -> Proposal:
    if len(days) != 1:
        raise Invalid("swap_one", "Only one reception can be swapped at a time. Please choose one day.", field="other")
    (lost,) = days
    other = db.get(ReceptionDay, asked.part("day") or 0)
    if other is not None and (other.cancelled or other.day <= local_date(now) or other.id == lost.id):
        other = None
    _nobody_talks(db, [lost])
    if other is not None and other.official_id != lost.official_id:
        _free_on(db, db.get_one(User, other.official_id), [lost.day])
        _free_on(db, db.get_one(User, lost.official_id), [other.day])
        turns = [Turn(lost, other.official_id, lost.day), Turn(other, lost.official_id, other.day)]
        return _taken_over(db, now, asked, turns)
    if other is not None:
        turns = [Turn(lost, lost.official_id, other.day), Turn(other, lost.official_id, lost.day)]
        return _redated(db, now, asked, turns)
    day = _date(asked.other)
    if day is None or day <= local_date(now) or not calendar_in_force(db).is_working(day):
        raise Invalid("swap_with", "Please choose with which reception or working day to swap.", field="other")
    _free_on(db, db.get_one(User, lost.official_id), [day])
    return _redated(db, now, asked, [Turn(lost, lost.official_id, day)])


def _date(text: str) -> date | None:
    start, _, day = text.partition(":")
    try:
        return date.fromisoformat(day) if start == "date" else None
    except ValueError:
        return None


def _give_up(db: Session, now: datetime, asked: Asked, days: list[ReceptionDay]) -> Proposal:
    _nobody_talks(db, days)
    turns = [Turn(one) for one in days]
    lost = [*promised_on(db, days=days), *joined_on(db, days)]
    return Proposal(asked, turns, _placed(db, now, turns, lost))


WAYS: dict[Way, Callable[[Session, datetime, Asked, list[ReceptionDay]], Proposal]] = {
    Way.DEPUTY: _deputise,
    Way.SWAP: _swap,
    Way.MOVE: _give_up,
}


def _taken_over(db: Session, now: datetime, asked: Asked, turns: list[Turn]) -> Proposal:
    """Days get another official; whose matter that one must not know is given another place."""
    receives = {one.day.id: one.official_id for one in turns}
    everybody = promised_on(db, days=[one.day for one in turns])
    barred = [one for one in everybody if receives[one.day.id] in one.person.refused | one.person.others]
    beside = [one for turn in turns for one in joined_on(db, [turn.day]) if turn.official_id in one.person.refused]
    stay = [
        Line(one, Fate.DEPUTY, one.at, receives[one.day.id], ((STAYS, 0),)) for one in everybody if one not in barred
    ]
    lines = [*stay, *_placed(db, now, turns, [*barred, *beside])]
    return Proposal(asked, turns, sorted(lines, key=lambda one: one.promised.person.promised))


def _redated(db: Session, now: datetime, asked: Asked, turns: list[Turn]) -> Proposal:
    """Days get another date; the official and the hours stay. Joint receptions need a new time together."""
    days = [one.day for one in turns]
    joint = [*(one for one in promised_on(db, days=days) if one.person.others), *joined_on(db, days)]
    lines = _placed(db, now, turns, joint)
    for turn in turns:
        for one in (each for each in promised_on(db, days=[turn.day]) if not each.person.others):
            on = turn.on or turn.day.day
            later = (on - turn.day.day).days
            part = (LATER, later) if later > 0 else (SOONER, -later)
            at = instant_of(on, one.person.minute) if one.at is not None else None
            lines.append(Line(one, Fate.DATE, at, turn.official_id, (part,)))
    return Proposal(asked, turns, sorted(lines, key=lambda one: one.promised.person.promised))


def _placed(db: Session, now: datetime, turns: Sequence[Turn], lost: Sequence[Promised]) -> list[Line]:
    """Other places for those who lost theirs; who gets none stands on the waitlist."""
    if not lost:
        return []
    dates = [one.day.day for one in lost]
    without = {one.day.id or 0 for one in turns}
    free = openings(db, now=now, first=min(dates), last=max(dates) + WEEKS, without=without)
    given = replan([one.person for one in lost], free)
    standing = _standing(db, free, lost) if any(_too_long(one) for one in given) else []
    if standing:
        given = replan([one.person for one in (*lost, *standing)], free)
    known = {one.person.number: one for one in (*lost, *standing)}
    kept = {one.person.number for one in lost if one.day.id not in without}
    return [
        _kept(known[one.person.number], one)
        if one.opening is None and one.person.number in kept
        else _line(now, known[one.person.number], one, tuple(parts))
        for one, parts in zip(given, explain(given), strict=True)
        if not one.keeps
    ]


def _kept(one: Promised, given: Given) -> Line:
    """A joint reception that finds no other time is held without the one who is absent."""
    return Line(one, Fate.KEPT, one.at, one.day.official_id, ((ALONE, 0),), given)


def _too_long(given: Given) -> bool:
    """Whether somebody would miss a deadline: only then a place may be taken from somebody who still has it."""
    urgent = given.person.priority is Priority.DEADLINE
    return urgent and (given.opening is None or given.opening.day - given.person.day > BEARABLE)


def _standing(db: Session, free: Sequence[Opening], lost: Sequence[Promised]) -> list[Promised]:
    """Those with places in the coming weeks with the same officials."""
    officials = {one.day.official_id for one in lost}
    ids = [one.key for one in free if one.official in officials and one.day > min(each.person.day for each in lost)]
    days = db.exec(select(ReceptionDay).where(col(ReceptionDay.id).in_(ids))).all()
    there = promised_on(db, days=days, keeps=True)
    return [one for one in there if one.person.holds and not one.person.others]


def _line(now: datetime, one: Promised, given: Given, parts: tuple[Part, ...]) -> Line:
    opening = given.opening
    if opening is None:
        return Line(one, Fate.LISTED, parts=parts, given=given)
    at = instant_of(date.fromordinal(opening.day), given.minute)
    if opening.official == one.person.official:
        return Line(one, Fate.MOVED, at, opening.official, parts, given)
    until = answer_by(now, at, PATIENCE)
    fate = Fate.LISTED if until is None else Fate.OFFERED
    return Line(one, fate, at if until else None, opening.official if until else None, parts, given, until)


def _official(db: Session, official_id: int | None) -> User:
    found = db.get(User, official_id) if official_id is not None else None
    if found is None or found.role is not Role.OFFICIAL or not found.active:
        raise Invalid("deputy_missing", "Please choose who takes over.", field="other")
    return found


def _free_on(db: Session, official: User, days: Collection[date]) -> None:
    query = select(ReceptionDay.id).where(
        ReceptionDay.official_id == official.id, col(ReceptionDay.day).in_(days), col(ReceptionDay.cancelled).is_(False)
    )
    if db.exec(query).first() is not None:
        raise Conflict("receives_too", "This official receives on that day already.", field="other")


def _nobody_talks(db: Session, days: Collection[ReceptionDay]) -> None:
    talking = select(Booking.id).where(
        col(Booking.reception_day_id).in_([one.id for one in days]), Booking.state == BookingState.IN_SESSION
    )
    if db.exec(talking).first() is not None:
        raise Conflict("talk_under_way_today", "A talk is under way on this day. Please wait until it is over.")
