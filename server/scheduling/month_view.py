"""A year as twelve months of whole weeks, for pages."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from server.scheduling.workdays import Special


@dataclass(frozen=True)
class Cell:
    """One day of a month; ``mark`` is ``off``, ``made_up``, or empty for a day like any other."""

    day: date
    mark: str
    special: Special | None


@dataclass(frozen=True)
class Month:
    """A month with its weeks from Monday on; places that belong to other months are empty."""

    first: date
    weeks: list[list[Cell | None]]


def months_of(year: int, days: Mapping[date, Special]) -> list[Month]:
    """The twelve months of a year."""
    weeks = calendar.Calendar()
    return [
        Month(
            date(year, month, 1),
            [
                [_cell(day, days) if day.month == month else None for day in week]
                for week in weeks.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def _cell(day: date, days: Mapping[date, Special]) -> Cell:
    special = days.get(day)
    mark = "" if special is None else "made_up" if special.working else "off"
    return Cell(day, mark, special)
