"""How long somebody will wait: what is known of past talks, what a visitor is told, and how true it was."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from weakref import WeakKeyDictionary

from sqlalchemy import Pool
from sqlmodel import Session, col, select

from server.accounts.models import User
from server.accounts.roles import Action, Actor, require
from server.clock import local_date
from server.scheduling.calibration import Kept, Row, calibrated
from server.scheduling.durations import Estimate, History, Kind, Talk, told
from server.scheduling.models import Booking, ReceptionDay, WaitPromise
from server.scheduling.words import BookingState

KNOWN_FOR = timedelta(days=180)
MOST_TALKS = 20_000
MOST_PROMISES = 500
FRESH = timedelta(minutes=1)
REPORTED_FOR = timedelta(days=366)
LONGEST_TALK = 240.0
LONGEST_GAP = 20.0


@dataclass(frozen=True)
class Known:
    """What was read, and when."""

    at: datetime
    history: History


_known: WeakKeyDictionary[Pool, Known] = WeakKeyDictionary()
"""By what readers and writers of one database have in common."""


def minutes_between(start: datetime, end: datetime) -> float:
    """How many minutes there are from one instant to another."""
    return (end - start).total_seconds() / 60


def kind_of(booking: Booking, official_id: int) -> Kind:
    """What the length of this visitor's talk depends on."""
    return Kind(official_id, booking.content, booking.people)


def history(db: Session, *, now: datetime) -> History:
    """What past talks and promises say, at most a minute old. For services; checks no right."""
    pool = db.get_bind().engine.pool
    known = _known.get(pool)
    if known is None or not timedelta(0) <= now - known.at < FRESH:
        known = Known(now, _read(db, now))
        _known[pool] = known
    return known.history


def forget_history(db: Session) -> None:
    """A talk has ended: what is known is read anew when it is asked for next."""
    _known.pop(db.get_bind().engine.pool, None)


def _read(db: Session, now: datetime) -> History:
    rows = db.exec(
        select(Booking, ReceptionDay.official_id)
        .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
        .where(col(Booking.state) == BookingState.DONE, col(Booking.ended_at) > now - KNOWN_FOR)
        .where(col(Booking.admitted_at).is_not(None))
        .order_by(col(Booking.admitted_at).desc())
        .limit(MOST_TALKS)
    ).all()
    days: dict[int, list[Booking]] = defaultdict(list)
    talks = []
    for booking, official_id in reversed(rows):
        days[booking.reception_day_id].append(booking)
        minutes = _length(booking)
        if 0 < minutes <= LONGEST_TALK:
            talks.append(Talk(kind_of(booking, official_id), minutes))
    return History(talks, _gaps(days.values()), _errors(db))


def _length(booking: Booking) -> float:
    if booking.admitted_at is None or booking.ended_at is None:
        return 0.0
    return minutes_between(booking.admitted_at, booking.ended_at)


def _gaps(days: Iterable[list[Booking]]) -> list[float]:
    """The pauses after a talk while the next one already waited."""
    found = []
    for day in days:
        for one, following in pairwise(day):
            ended, came, called = one.ended_at, following.checked_in_at, following.admitted_at
            if ended is not None and came is not None and called is not None and came <= ended <= called:
                found.append(minutes_between(ended, called))
    return [one for one in found if one <= LONGEST_GAP]


def _errors(db: Session) -> list[float]:
    rows = db.exec(
        select(WaitPromise, Booking.admitted_at)
        .join(Booking, col(Booking.id) == WaitPromise.booking_id)
        .where(col(Booking.admitted_at).is_not(None), Booking.checked_in_at == WaitPromise.promised_at)
        .order_by(col(WaitPromise.promised_at).desc())
        .limit(MOST_PROMISES)
    )
    return [
        (minutes_between(one.promised_at, admitted) - one.middle) / one.spread
        for one, admitted in rows
        if admitted is not None
    ]


def keep_promise(
    db: Session, *, now: datetime, booking: Booking, official_id: int, ahead: int, found: Estimate
) -> None:
    """Write down what the visitor is told at check-in; who comes back is told anew. For services; checks no right."""
    wait = told(found, history(db, now=now))
    promise = WaitPromise(
        booking_id=booking.id or 0,
        official_id=official_id,
        promised_at=now,
        ahead=ahead,
        middle=found.middle,
        spread=found.spread,
        least=wait.least if wait is not None else None,
        most=wait.most if wait is not None else None,
    )
    db.merge(promise)


def calibration(db: Session, *, actor: Actor, now: datetime) -> tuple[Row, list[Row]]:
    """How often the truth fell inside the promised range in the last year, over all and by official and month.

    Who was absent and came back counts from the promise made then.
    """
    require(actor, Action.SET_UP)
    rows = db.exec(
        select(WaitPromise, Booking.admitted_at, User.display_name)
        .join(Booking, col(Booking.id) == WaitPromise.booking_id)
        .join(User, col(User.id) == WaitPromise.official_id)
        .where(col(Booking.admitted_at).is_not(None), Booking.checked_in_at == WaitPromise.promised_at)
        .where(col(WaitPromise.promised_at) > now - REPORTED_FOR)
    )
    return calibrated(
        Kept(
            official=name,
            month=f"{local_date(one.promised_at):%Y-%m}",
            least=one.least,
            most=one.most,
            expected=one.middle,
            truth=minutes_between(one.promised_at, admitted),
        )
        for one, admitted, name in rows
        if admitted is not None
    )
