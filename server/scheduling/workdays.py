"""Working days after the State Council's yearly notice, make-up workdays included, and how a date came about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from chinese_calendar import constants

from server.scheduling.words import Holiday

DAY = timedelta(days=1)
OF_LIBRARY: dict[str, Holiday] = {
    "New Year's Day": Holiday.NEW_YEAR,
    "Spring Festival": Holiday.SPRING_FESTIVAL,
    "Tomb-sweeping Day": Holiday.TOMB_SWEEPING,
    "Labour Day": Holiday.LABOUR,
    "Dragon Boat Festival": Holiday.DRAGON_BOAT,
    "Mid-autumn Festival": Holiday.MID_AUTUMN,
    "National Day": Holiday.NATIONAL,
}


@dataclass(frozen=True)
class Special:
    """A day that a notice names: a day off, or a weekend day worked to make up for one."""

    working: bool
    holiday: Holiday


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. A year that is not ``announced`` counts Monday to Friday, provisionally."""

    specials: Mapping[date, Special] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        special = self.specials.get(day)
        return day.weekday() < 5 if special is None else special.working

    def is_provisional(self, day: date) -> bool:
        """Whether the notice for ``day`` is still to come."""
        return day.year not in self.announced

    def holiday(self, day: date) -> Holiday | None:
        """The holiday that makes ``day`` a day off; none on a plain weekend."""
        special = self.specials.get(day)
        return None if special is None or special.working else special.holiday


def library_years() -> dict[int, dict[date, Special]]:
    """Every year that the installed chinesecalendar knows, the seed of the day table."""
    years: dict[int, dict[date, Special]] = {}
    for days, working in ((constants.holidays, False), (constants.workdays, True)):
        for day, name in days.items():
            years.setdefault(day.year, {})[day] = Special(working, OF_LIBRARY.get(name, Holiday.OTHER))
    return years


def library_calendar() -> Calendar:
    """The seed as one calendar."""
    years = library_years()
    return Calendar({day: one for days in years.values() for day, one in days.items()}, frozenset(years))


class Counting(StrEnum):
    """How a date was found."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    NAMED = "named"


@dataclass(frozen=True)
class DayOff:
    """A day that was skipped; ``holiday`` is empty for a plain weekend."""

    day: date
    holiday: Holiday | None = None


@dataclass(frozen=True)
class Counted:
    """A date and how it came about.

    ``days`` after ``start`` lead to ``counted_on``; the days off ``skipped`` lead to ``day``. ``made_up`` are weekend
    days that counted because they are worked; ``provisional`` says that a notice to come may change it.
    """

    counting: Counting
    start: date
    days: int
    counted_on: date
    day: date
    skipped: tuple[DayOff, ...] = ()
    made_up: tuple[date, ...] = ()
    provisional: bool = False


def on_or_after(calendar: Calendar, day: date) -> Counted:
    """``day``, or the next working day when it is a day off (Civil Code art. 203)."""
    return _walk(calendar, Counting.NAMED, day, 0, day, 0)


def days_after(calendar: Calendar, start: date, days: int) -> Counted:
    """``days`` days after ``start``; a day off moves the end on."""
    return _walk(calendar, Counting.DAYS, start, days, start + timedelta(days=days), 0)


def working_days_after(calendar: Calendar, start: date, days: int) -> Counted:
    """The ``days``-th working day after ``start``; the day of ``start`` itself is not counted."""
    return _walk(calendar, Counting.WORKING_DAYS, start, days, start + DAY if days else start, max(0, days - 1))


def _walk(calendar: Calendar, counting: Counting, start: date, days: int, first: date, more: int) -> Counted:
    skipped: list[DayOff] = []
    made_up: list[date] = []
    provisional, day = calendar.is_provisional(first), first
    while not (working := calendar.is_working(day)) or more:
        if working:
            more -= 1
            made_up += [day] if day.weekday() > 4 else []
        else:
            skipped.append(DayOff(day, calendar.holiday(day)))
        day += DAY
        provisional = provisional or calendar.is_provisional(day)
    made_up += [day] if day.weekday() > 4 else []
    counted_on = day if counting is Counting.WORKING_DAYS else first
    return Counted(counting, start, days, counted_on, day, tuple(skipped), tuple(made_up), provisional)


def as_named(calendar: Calendar, named: date, day: date) -> Counted:
    """How a stored ``day`` came from the one a plan ``named``: the days between were all skipped."""
    skipped = tuple(
        DayOff(one, calendar.holiday(one)) for one in (named + away * DAY for away in range((day - named).days))
    )
    made_up = (day,) if day.weekday() > 4 else ()
    return Counted(Counting.NAMED, named, 0, named, day, skipped, made_up, calendar.is_provisional(day))
