"""The State Council's yearly notice as it is typed: holidays with their days off, and the weekend days worked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from server.errors import Invalid
from server.scheduling.words import Holiday
from server.scheduling.workdays import DAY, Calendar, Special

MOST_DAYS = 31


@dataclass(frozen=True)
class Line:
    """One holiday: its first and last day off, and the days that make up for it. Nothing typed is empty."""

    holiday: str = ""
    first: date | None = None
    last: date | None = None
    made_up: tuple[date, ...] = ()


def days_of(year: int, lines: Sequence[Line]) -> dict[date, Special]:
    """The days that the lines name. Raises ``Invalid`` with the field to look at; lines count from 1."""
    days: dict[date, Special] = {}
    for number, line in enumerate(lines, 1):
        if line.first is None and line.last is None and not line.made_up:
            continue
        for day, special in _days_of_line(year, line, field=f"first_{number}"):
            if day in days:
                raise Invalid("day_twice", "This day is named twice in the notice.", field=f"first_{number}")
            days[day] = special
    if not days:
        raise Invalid("no_days", "Please enter the holidays of the notice.", field="first_1")
    return days


def _days_of_line(year: int, line: Line, *, field: str) -> Iterator[tuple[date, Special]]:
    holiday = Holiday(line.holiday) if line.holiday in {one.value for one in Holiday} else Holiday.OTHER
    last = line.last or line.first
    if line.first is None or last is None or not 0 <= (last - line.first).days < MOST_DAYS:
        raise Invalid("bad_stretch", "Please give the first and the last day off, in this order.", field=field)
    for day in (line.first, last, *line.made_up):
        if not date(year - 1, 12, 20) <= day <= date(year, 12, 31):
            raise Invalid("other_year", "This day does not belong to the year of the notice.", field=field)
    for away in range((last - line.first).days + 1):
        yield line.first + away * DAY, Special(False, holiday)
    for day in line.made_up:
        if day.weekday() < 5:
            raise Invalid("not_a_weekend", "A make-up workday is a Saturday or a Sunday.", field=field)
        yield day, Special(True, holiday)


def lines_of(days: Mapping[date, Special]) -> list[Line]:
    """The lines that name ``days``: what a form shows of a version that is there already."""
    off = sorted(day for day, one in days.items() if not one.working)
    stretches = [
        [day for _, day in run]
        for _, run in groupby(enumerate(off), key=lambda pair: (pair[1] - pair[0] * DAY, days[pair[1]].holiday))
    ]
    made_up = {
        holiday: [day for day, one in sorted(days.items()) if one.working and one.holiday is holiday]
        for holiday in Holiday
    }
    return [
        Line(days[run[0]].holiday.value, run[0], run[-1], tuple(made_up.pop(days[run[0]].holiday, ())))
        for run in stretches
    ]


def changed_days(before: Calendar, after: Calendar) -> list[date]:
    """Days that are worked in one of the calendars only, in order."""
    named = sorted({*before.specials, *after.specials})
    return [day for day in named if before.is_working(day) != after.is_working(day)]
