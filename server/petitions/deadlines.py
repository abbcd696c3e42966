"""The clocks of a petition (信访工作条例 art. 22, 23, 34) and the reason for each date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.scheduling.workdays import DAY, Calendar, Counted, Counting, DayOff, days_after


class Clock(StrEnum):
    """What is counted."""

    DISPATCH = "dispatch"
    ACCEPT = "accept"
    TARGET = "target"
    HANDLE = "handle"


@dataclass(frozen=True)
class Limits:
    """Days, as the district has set them."""

    dispatch: int = 15
    accept: int = 15
    target: int = 20
    handle: int = 60


@dataclass(frozen=True)
class Due:
    """A clock with the date it ends on and how that date came about."""

    clock: Clock
    counted: Counted

    @property
    def due_on(self) -> date:
        """The last day, a day off moved on."""
        return self.counted.day


def due(clock: Clock, starts_on: date, days: int, calendar: Calendar) -> Due:
    """Count ``days`` from the day after ``starts_on``; a day off moves the end on (Civil Code art. 203)."""
    return Due(clock, days_after(calendar, starts_on, days))


def clocks_at_approval(
    received_on: date, approved_on: date, limits: Limits, calendar: Calendar, *, accepted: bool
) -> Sequence[Due]:
    """The clocks an approval starts; handling counts from acceptance, which an accepting official has declared."""
    started = [
        due(Clock.DISPATCH, received_on, limits.dispatch, calendar),
        due(Clock.ACCEPT, received_on, limits.accept, calendar),
    ]
    if accepted:
        started.append(due(Clock.TARGET, approved_on, limits.target, calendar))
        started.append(due(Clock.HANDLE, approved_on, limits.handle, calendar))
    return started


def as_counted(starts_on: date, counted_on: date, due_on: date, calendar: Calendar, *, provisional: bool) -> Counted:
    """How a stored date came about: the days from the bare count to its end were all skipped."""
    skipped = tuple(
        DayOff(day, calendar.holiday(day))
        for day in (counted_on + away * DAY for away in range((due_on - counted_on).days))
    )
    made_up = (due_on,) if due_on.weekday() > 4 else ()
    days = (counted_on - starts_on).days
    return Counted(Counting.DAYS, starts_on, days, counted_on, due_on, skipped, made_up, provisional)
