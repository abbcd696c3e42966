"""The reception days of a day, a week, a month or four weeks, as pages show them, and the way from one to the next."""

from calendar import Calendar as Weeks
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from server.scheduling.slots import Hours
from server.scheduling.workdays import DAY, Calendar, Counted

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 1, 1)
WEEK = timedelta(weeks=1)
LIST_WEEKS = 4


class View(StrEnum):
    """How much is shown."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    LIST = "list"


@dataclass(frozen=True)
class Period:
    """What a view shows around ``day``: from ``first`` to ``last``; ``before`` and ``after`` lead to the next ones."""

    view: View
    day: date
    first: date
    last: date
    before: date
    after: date

    @property
    def weeks(self) -> list[list[date]]:
        """Every day shown, by weeks; of a single day just that one."""
        days = [self.first + away * DAY for away in range((self.last - self.first).days + 1)]
        return [days[at : at + 7] for at in range(0, len(days), 7)]

    def holds(self, day: date) -> bool:
        """Whether the day is of this period: of a month the days that fill up its weeks are not."""
        return day.month == self.day.month if self.view is View.MONTH else self.first <= day <= self.last


def period(view: View, day: date) -> Period:
    """The period around a day; days that no calendar needs are brought near first."""
    day = min(max(day, EARLIEST), LATEST)
    monday = day - day.weekday() * DAY
    if view is View.DAY:
        return Period(view, day, day, day, day - DAY, day + DAY)
    if view is View.MONTH:
        shown = list(Weeks().itermonthdates(day.year, day.month))
        first = day.replace(day=1)
        return Period(view, day, shown[0], shown[-1], (first - DAY).replace(day=1), (first + 31 * DAY).replace(day=1))
    length = WEEK if view is View.WEEK else LIST_WEEKS * WEEK
    return Period(view, day, monday, monday + length - DAY, monday - length, monday + length)


class Mark(StrEnum):
    """Whether a reception is held; ``OFF_PLAN``: it has no place in its plan any more and waits for a person."""

    HELD = "held"
    OFF_PLAN = "off_plan"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Shown:
    """A reception. ``day_id`` is empty where a plan cancels a day; ``free`` are places left, ``done`` talks held.

    ``counted`` says how the date came about, where it was moved; ``why`` the reason of what is not as planned.
    """

    day: date
    official_id: int
    official: str
    post: str
    hours: Hours
    mark: Mark = Mark.HELD
    day_id: int | None = None
    rule_id: int | None = None
    booked: int = 0
    free: int = 0
    done: int = 0
    counted: Counted | None = None
    why: str = ""


@dataclass(frozen=True)
class Head:
    """A day of the page: ``mark`` is ``off``, ``made_up``, ``weekend`` or empty, ``holiday`` says because of what."""

    day: date
    mark: str
    holiday: str
    provisional: bool

    @property
    def works(self) -> bool:
        """Whether it is a working day."""
        return self.mark in {"", "made_up"}


def head(calendar: Calendar, day: date) -> Head:
    """What the calendar says about a day."""
    special = calendar.specials.get(day)
    if special is None:
        return Head(day, "weekend" if day.weekday() > 4 else "", "", calendar.is_provisional(day))
    return Head(day, "made_up" if special.working else "off", special.holiday.value, calendar.is_provisional(day))


@dataclass(frozen=True)
class Row:
    """One official's receptions by day."""

    official_id: int
    official: str
    post: str
    cells: Mapping[date, Sequence[Shown]]


def by_official(receptions: Iterable[Shown]) -> list[Row]:
    """A row for everybody who has a reception, in the order of the officials."""
    rows: dict[int, Row] = {}
    cells: dict[int, dict[date, list[Shown]]] = {}
    for one in receptions:
        days = cells.setdefault(one.official_id, {})
        days.setdefault(one.day, []).append(one)
        rows[one.official_id] = Row(one.official_id, one.official, one.post, days)
    return [rows[key] for key in sorted(rows)]


def by_day(receptions: Iterable[Shown]) -> dict[date, list[Shown]]:
    """The receptions of each day, those that begin first first."""
    days: dict[date, list[Shown]] = {}
    for one in sorted(receptions, key=lambda one: (one.day, one.hours.opens, one.official_id)):
        days.setdefault(one.day, []).append(one)
    return days
