"""The clocks against known days of 2026 (the State Council's notice)."""

from datetime import date

import pytest

from server.petitions.deadlines import Clock, Limits, as_counted, clocks_at_approval, due
from server.scheduling.workdays import library_calendar

CALENDAR = library_calendar()
KNOWN = [
    (date(2026, 11, 24), 15, date(2026, 12, 9), date(2026, 12, 9)),
    (date(2026, 1, 31), 15, date(2026, 2, 15), date(2026, 2, 24)),
    (date(2026, 9, 16), 15, date(2026, 10, 1), date(2026, 10, 8)),
    (date(2026, 9, 5), 15, date(2026, 9, 20), date(2026, 9, 20)),
    (date(2026, 4, 17), 15, date(2026, 5, 2), date(2026, 5, 6)),
    (date(2026, 3, 3), 60, date(2026, 5, 2), date(2026, 5, 6)),
    (date(2026, 5, 30), 20, date(2026, 6, 19), date(2026, 6, 22)),
    (date(2026, 3, 16), 20, date(2026, 4, 5), date(2026, 4, 7)),
]


@pytest.mark.parametrize(("start", "days", "counted", "ends"), KNOWN)
def test_known_dates(start: date, days: int, counted: date, ends: date) -> None:
    """Days off move the end, make-up workdays do not; both dates are kept."""
    found = due(Clock.HANDLE, start, days, CALENDAR)
    assert (found.counted.counted_on, found.due_on, found.counted.provisional) == (counted, ends, False)
    assert len(found.counted.skipped) == (ends - counted).days


@pytest.mark.parametrize(("start", "days", "counted", "ends"), KNOWN)
def test_a_stored_date_is_explained_as_it_was_counted(start: date, days: int, counted: date, ends: date) -> None:
    found = due(Clock.HANDLE, start, days, CALENDAR).counted
    assert as_counted(start, counted, ends, CALENDAR, provisional=False) == found


def test_a_year_without_a_notice_is_provisional() -> None:
    """2027 is not announced: the date is given, and marked."""
    found = due(Clock.HANDLE, date(2026, 11, 24), 60, CALENDAR)
    assert (found.counted.counted_on, found.due_on, found.counted.provisional) == (
        date(2027, 1, 23),
        date(2027, 1, 25),
        True,
    )


def test_which_clocks_start() -> None:
    """Handling is counted from acceptance; a matter that was not accepted has no handling clock."""
    received, approved = date(2026, 11, 24), date(2026, 11, 26)
    started = clocks_at_approval(received, approved, Limits(), CALENDAR, accepted=True)
    assert [(one.clock, one.counted.start, one.counted.days) for one in started] == [
        (Clock.DISPATCH, received, 15),
        (Clock.ACCEPT, received, 15),
        (Clock.TARGET, approved, 20),
        (Clock.HANDLE, approved, 60),
    ]
    refused = clocks_at_approval(received, approved, Limits(), CALENDAR, accepted=False)
    assert [one.clock for one in refused] == [Clock.DISPATCH, Clock.ACCEPT]
