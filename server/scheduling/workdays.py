"""Working days after the State Council's yearly notice, make-up workdays included."""

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """A counted date, the days off it skipped, and whether a year in it is not announced yet."""

    day: date
    skipped: tuple[date, ...] = ()
    provisional: bool = False


def is_working(day: date) -> tuple[bool, bool]:
    """Whether ``day`` is worked, and whether that is provisional: a year without a notice counts Monday to Friday."""
    try:
        return chinese_calendar.is_workday(day), False
    except NotImplementedError:
        return day.weekday() < 5, True


def working_day_on_or_after(day: date) -> Counted:
    """``day``, or the next working day when it is a day off (Civil Code art. 203)."""
    return _walk(day, 0)


def add_working_days(start: date, days: int) -> Counted:
    """The ``days``-th working day after ``start``; the day of ``start`` itself is not counted."""
    return _walk(start + DAY, days - 1) if days > 0 else _walk(start, 0)


def _walk(day: date, more: int) -> Counted:
    skipped: list[date] = []
    provisional = False
    while True:
        working, guess = is_working(day)
        provisional = provisional or guess
        if working and more == 0:
            return Counted(day, tuple(skipped), provisional)
        if working:
            more -= 1
        else:
            skipped.append(day)
        day += DAY
