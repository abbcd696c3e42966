"""The clocks against known days of 2026 (the State Council's notice)."""

from datetime import date

import pytest

from server.petitions.deadlines import Clock, Limits, clocks_at_approval, due

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
    found = due(Clock.HANDLE, start, days)
    assert (found.counted_on, found.due_on, found.provisional) == (counted, ends, False)
    assert len(found.skipped) == (ends - counted).days


def test_a_year_without_a_notice_is_provisional() -> None:
    """2027 is not announced: the date is given, and marked."""
    found = due(Clock.HANDLE, date(2026, 11, 24), 60)
    assert (found.counted_on, found.due_on, found.provisional) == (date(2027, 1, 23), date(2027, 1, 25), True)


def test_which_clocks_start() -> None:
    """Handling is counted from acceptance; a matter that was not accepted has no handling clock."""
    received, approved = date(2026, 11, 24), date(2026, 11, 26)
    started = clocks_at_approval(received, approved, Limits(), accepted=True)
    assert [(one.clock, one.starts_on, one.days) for one in started] == [
        (Clock.DISPATCH, received, 15),
        (Clock.ACCEPT, received, 15),
        (Clock.TARGET, approved, 20),
        (Clock.HANDLE, approved, 60),
    ]
    refused = clocks_at_approval(received, approved, Limits(), accepted=False)
    assert [one.clock for one in refused] == [Clock.DISPATCH, Clock.ACCEPT]
