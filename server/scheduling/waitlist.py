"""The waitlist's rules: who is offered a time that became free, and until when the answer counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.clock import DISTRICT_ZONE
from server.scheduling.plan import Audience

FAIR = (
    "Whoever asked first is offered a time first, if it suits. Who does not answer in time keeps the place in the line;"
    " that time goes to the next one."
)
MORNING, EVENING = 8, 20
"""People are asked for answers between these hours."""
LEAD = timedelta(hours=1)
"""What is left before the talk for the way to the point."""
LEAST = timedelta(minutes=15)
"""Nobody is offered a time with less to answer."""


@dataclass(frozen=True)
class Wish:
    """What somebody waits for; ``refused`` are the times (reception day, minute) that were offered before."""

    booking_id: int
    since: datetime
    first_day: date
    last_day: date
    township_id: int | None
    content: str
    official_id: int | None = None
    unit_id: int | None = None
    barred: frozenset[int] = frozenset()
    refused: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Opening:
    """A free time. ``units`` is whose matters the official receives."""

    reception_day_id: int
    slot: int
    day: date
    minute: int
    official_id: int
    units: frozenset[int]
    audience: Audience


def suits(wish: Wish, opening: Opening) -> bool:
    """Whether the time is one that was waited for: day, official, unit, township, content; and not refused before."""
    wanted = wish.official_id in {None, opening.official_id} and opening.official_id not in wish.barred
    of_unit = wish.unit_id is None or wish.unit_id in opening.units
    in_days = wish.first_day <= opening.day <= wish.last_day
    new = (opening.reception_day_id, opening.minute) not in wish.refused
    return (
        wanted
        and of_unit
        and in_days
        and new
        and opening.audience.admits(township_id=wish.township_id, content=wish.content)
    )


def in_line(wishes: Iterable[Wish]) -> list[Wish]:
    """Who asked first is first."""
    return sorted(wishes, key=lambda one: (one.since, one.booking_id))


def shared_out(wishes: Iterable[Wish], openings: Sequence[Opening]) -> list[tuple[Wish, Opening]]:
    """Each in the line gets the soonest time that suits, as long as there are any; nobody gets two."""
    left = sorted(openings, key=lambda one: (one.day, one.minute, one.official_id, one.slot))
    pairs = []
    for wish in in_line(wishes):
        found = next((one for one in left if suits(wish, one)), None)
        if found is not None:
            left.remove(found)
            pairs.append((wish, found))
    return pairs


def answer_by(now: datetime, begins: datetime, patience: timedelta) -> datetime | None:
    """Until when an offer made now can be answered: ``patience`` of daytime, and early enough to come.

    Nothing where that leaves too little: such a time is not offered.
    """
    asked = _daytime(now)
    until, left = asked, patience
    while until + left > _at(until, EVENING):
        left -= _at(until, EVENING) - until
        until = _at(until + timedelta(days=1), MORNING)
    until = min(until + left, begins - LEAD)
    return until if until - asked >= LEAST else None


def _daytime(now: datetime) -> datetime:
    """``now``, or the next morning's first minute at which people are asked."""
    local = now.astimezone(DISTRICT_ZONE)
    if local >= _at(local, EVENING):
        return _at(local + timedelta(days=1), MORNING)
    return max(local, _at(local, MORNING))


def _at(day: datetime, hour: int) -> datetime:
    return day.astimezone(DISTRICT_ZONE).replace(hour=hour, minute=0, second=0, microsecond=0)
