"""Working days against the library's own answer and a second way of counting; and the sentence that explains them."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Invalid
from server.scheduling.explaining import stretches, why
from server.scheduling.holiday_notice import Line, changed_days, days_of, lines_of
from server.scheduling.words import Holiday
from server.scheduling.workdays import (
    DAY,
    Calendar,
    Counted,
    Special,
    days_after,
    library_calendar,
    library_years,
    on_or_after,
    working_days_after,
)
from server.translation import translate

CALENDAR = library_calendar()
days = st.dates(date(2024, 1, 1), date(2026, 8, 1))


def say(message: str, **params: object) -> str:
    return translate(message, "zh_CN", params)


def said(counted: Counted) -> str:
    return why(counted, say, lambda one: f"{one.month}月{one.day}日")


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_the_seed_says_what_the_library_says(day: date) -> None:
    assert CALENDAR.is_working(day) == chinese_calendar.is_workday(day)
    assert not CALENDAR.is_provisional(day)


@given(st.dates(date(2027, 1, 1), date(2090, 1, 1)))
def test_a_year_without_notice_counts_monday_to_friday_and_is_provisional(day: date) -> None:
    assert CALENDAR.is_working(day) == (day.weekday() < 5)
    assert CALENDAR.is_provisional(day)


@given(days, st.integers(1, 40))
def test_working_days_are_those_that_a_list_of_all_working_days_gives(start: date, count: int) -> None:
    after = [one for away in range(1, 120) if chinese_calendar.is_workday(one := start + timedelta(days=away))]
    counted = working_days_after(CALENDAR, start, count)
    assert counted.day == after[count - 1]
    between = {start + timedelta(days=away) for away in range(1, (counted.day - start).days + 1)}
    assert {one.day for one in counted.skipped} == between - set(after)
    assert set(counted.made_up) == {one for one in between & set(after) if one.weekday() > 4}


@given(days, st.integers(0, 90))
def test_a_count_of_days_ends_on_the_first_working_day_from_there(start: date, count: int) -> None:
    counted = days_after(CALENDAR, start, count)
    bare = start + timedelta(days=count)
    assert counted.day == min(
        one for away in range(20) if chinese_calendar.is_workday(one := bare + timedelta(days=away))
    )
    assert [one.day for one in counted.skipped] == [bare + n * DAY for n in range((counted.day - bare).days)]


def test_zero_working_days_end_on_the_day_itself_or_the_next_one_worked() -> None:
    assert working_days_after(CALENDAR, date(2026, 11, 24), 0).day == date(2026, 11, 24)
    assert working_days_after(CALENDAR, date(2026, 10, 1), 0).day == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("counted", "sentence"),
    [
        (
            working_days_after(CALENDAR, date(2026, 9, 28), 10),
            "从9月28日的次日起算 10 个工作日,跳过:10月1日至10月7日(国庆节)、10月11日(周末),"
            "调休上班算工作日:10月10日,所以是10月16日。",
        ),
        (
            days_after(CALENDAR, date(2026, 9, 16), 15),
            "9月16日之后 15 天是10月1日,不是工作日,跳过:10月1日至10月7日(国庆节),所以是10月8日。",
        ),
        (days_after(CALENDAR, date(2026, 11, 24), 15), "11月24日之后 15 天是12月9日,是工作日。"),
        (
            on_or_after(CALENDAR, date(2027, 1, 2)),
            "计划定在1月2日,不是工作日,跳过:1月2日至1月3日(周末),所以是1月4日,2027 年放假安排还没公布,日期可能变动。",
        ),
    ],
)
def test_the_sentence_lists_the_days_skipped(counted: Counted, sentence: str) -> None:
    assert said(counted) == sentence


@given(days, st.integers(0, 60))
def test_stretches_lose_no_day(start: date, count: int) -> None:
    skipped = working_days_after(CALENDAR, start, count).skipped
    assert [one for run in stretches(skipped) for one in run] == list(skipped)


@pytest.mark.parametrize("year", sorted(library_years()))
def test_every_known_year_comes_back_from_its_lines(year: int) -> None:
    known = library_years()[year]
    lines = lines_of(known)
    again = days_of(year, lines)
    assert {day: one.working for day, one in again.items()} == {day: one.working for day, one in known.items()}
    assert len(lines) <= 9
    assert max(len(line.made_up) for line in lines) <= 3


WRONG = [
    ([], "no_days", "first_1"),
    ([Line("labour", date(2027, 5, 3), date(2027, 5, 1))], "bad_stretch", "first_1"),
    ([Line("labour", None, date(2027, 5, 1))], "bad_stretch", "first_1"),
    ([Line(), Line("labour", date(2028, 5, 1))], "other_year", "first_2"),
    ([Line("labour", date.max)], "other_year", "first_1"),
    ([Line("labour", date.min, date.max)], "bad_stretch", "first_1"),
    ([Line("labour", date(2027, 5, 1), made_up=(date(2027, 5, 4),))], "not_a_weekend", "first_1"),
    ([Line("labour", date(2027, 5, 1)), Line("other", date(2027, 5, 1))], "day_twice", "first_2"),
]


@pytest.mark.parametrize(("lines", "code", "field"), WRONG, ids=[f"{one[1]}-{at}" for at, one in enumerate(WRONG)])
def test_a_wrong_notice_names_the_field(lines: list[Line], code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        days_of(2027, lines)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_changed_days_are_those_worked_in_one_only() -> None:
    off = Special(False, Holiday.NEW_YEAR)
    after = Calendar({date(2027, 1, 1): off, date(2027, 1, 2): off, date(2027, 1, 9): Special(True, Holiday.OTHER)})
    assert changed_days(Calendar(), after) == [date(2027, 1, 1), date(2027, 1, 9)]
    assert changed_days(after, after) == []
