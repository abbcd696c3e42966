"""The clocks of a petition (信访工作条例 art. 22, 23, 34) and the reason for each date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from server.scheduling.workdays import working_day_on_or_after


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
    """``counted_on`` is the bare count; ``due_on`` is that day or the working day after the days off ``skipped``."""

    clock: Clock
    starts_on: date
    days: int
    counted_on: date
    due_on: date
    skipped: tuple[date, ...]
    provisional: bool


def due(clock: Clock, starts_on: date, days: int) -> Due:
    """Count ``days`` from the day after ``starts_on``; a day off moves the end on (Civil Code art. 203)."""
    counted_on = starts_on + timedelta(days=days)
    worked = working_day_on_or_after(counted_on)
    return Due(clock, starts_on, days, counted_on, worked.day, worked.skipped, worked.provisional)


def clocks_at_approval(received_on: date, approved_on: date, limits: Limits, *, accepted: bool) -> Sequence[Due]:
    """The clocks an approval starts; handling counts from acceptance, which an accepting official has declared."""
    started = [
        due(Clock.DISPATCH, received_on, limits.dispatch),
        due(Clock.ACCEPT, received_on, limits.accept),
    ]
    if accepted:
        started.append(due(Clock.TARGET, approved_on, limits.target))
        started.append(due(Clock.HANDLE, approved_on, limits.handle))
    return started
