"""Plans against an independent enumeration (dateutil's), and what becomes of days that stand already."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import chinese_calendar
import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Conflict, Invalid
from server.scheduling.plan import LAST, Audience, Change, Fate, Planned, Rule, Standing, names, planned, steps
from server.scheduling.plan_form import PlanForm, checked_plan, typed_again
from server.scheduling.slots import Hours
from server.scheduling.states import PLAN, PlanEvent
from server.scheduling.typed import typed_minute
from server.scheduling.words import ChangeKind, OnDayOff, PlanState, Repeat
from server.scheduling.workdays import library_calendar
from server.transitions import advance

CALENDAR = library_calendar()
MORNING = Hours(((540, 720),), 20)
BOTH = Hours(((540, 720), (840, 1020)), 20)
FIRST, LAST_DAY = date(2026, 1, 1), date(2026, 11, 30)
ORDINALS = (1, 2, 3, 4, 5, LAST)

rules = st.builds(
    Rule,
    repeat=st.sampled_from(Repeat),
    hours=st.just(MORNING),
    valid_from=st.dates(date(2025, 11, 1), date(2026, 6, 1)),
    valid_until=st.none() | st.dates(date(2026, 6, 1), date(2026, 11, 30)),
    weekdays=st.frozensets(st.integers(0, 6)),
    ordinals=st.frozensets(st.sampled_from(ORDINALS)),
    month_days=st.frozensets(st.integers(1, 31)),
    on_day_off=st.sampled_from(OnDayOff),
)


def enumerated(rule: Rule) -> Iterator[date]:
    """The days a rule names, by dateutil or by the library's own list."""
    start, end = rule.valid_from, rule.valid_until or LAST_DAY
    window = {"dtstart": datetime(start.year, start.month, start.day), "until": datetime(end.year, end.month, end.day)}  # noqa: DTZ001 - dateutil counts days
    if rule.repeat is Repeat.WORKING_DAYS:
        yield from chinese_calendar.get_workdays(start, end)
    elif rule.repeat is Repeat.WEEKLY and rule.weekdays:
        yield from (one.date() for one in rrule.rrule(rrule.DAILY, byweekday=sorted(rule.weekdays), **window))
    elif rule.repeat is Repeat.MONTH_DAY and rule.month_days:
        yield from (one.date() for one in rrule.rrule(rrule.MONTHLY, bymonthday=sorted(rule.month_days), **window))
    elif rule.repeat is Repeat.NTH_WEEKDAY and rule.weekdays and rule.ordinals:
        nth = [rrule.weekday(day, n) for day in rule.weekdays for n in rule.ordinals]
        yield from (one.date() for one in rrule.rrule(rrule.MONTHLY, byweekday=nth, **window))


def rolled(rule: Rule, day: date) -> date | None:
    if rule.on_day_off is OnDayOff.SKIP:
        return day if chinese_calendar.is_workday(day) else None
    while not chinese_calendar.is_workday(day):
        day += timedelta(days=1)
    return day


@given(rules)
def test_planned_days_are_those_of_an_independent_enumeration(rule: Rule) -> None:
    wanted = {rolled(rule, day) for day in enumerated(rule)} - {None}
    found = planned(rule, CALENDAR, (), FIRST, LAST_DAY)
    assert [one.day for one in found] == sorted(day for day in wanted if day and FIRST <= day <= LAST_DAY)


@given(rules)
def test_every_planned_day_says_where_it_comes_from(rule: Rule) -> None:
    for one in planned(rule, CALENDAR, (), FIRST, LAST_DAY):
        assert one.counted is not None
        assert names(rule, CALENDAR, one.counted.start)
        assert one.counted.day == one.day
        assert CALENDAR.is_working(one.day)
        assert all(not CALENDAR.is_working(day.day) for day in one.counted.skipped)


@given(rules, st.dates(FIRST, date(2026, 10, 1)), st.integers(0, 60))
def test_a_part_of_the_time_gives_a_part_of_the_days(rule: Rule, first: date, days: int) -> None:
    last = first + timedelta(days=days)
    whole = planned(rule, CALENDAR, (), FIRST, LAST_DAY)
    assert planned(rule, CALENDAR, (), first, last) == [one for one in whole if first <= one.day <= last]


KNOWN = [
    ("first and third Tuesday", Repeat.NTH_WEEKDAY, {"weekdays": {1}, "ordinals": {1, 3}}, [(9, 1), (9, 15), (10, 8)]),
    ("the fifteenth", Repeat.MONTH_DAY, {"month_days": {15}}, [(9, 15), (10, 15)]),
    ("the first and the 27th", Repeat.MONTH_DAY, {"month_days": {1, 27}}, [(9, 1), (9, 28), (10, 8)]),
    (
        "Saturdays follow the make-up day",
        Repeat.WEEKLY,
        {"weekdays": {5}},
        [(9, 7), (9, 14), (9, 20), (9, 28), (10, 8)],
    ),
]


@pytest.mark.parametrize(("repeat", "named", "days"), [one[1:] for one in KNOWN], ids=[one[0] for one in KNOWN])
def test_known_days_around_the_national_holiday_of_2026(
    repeat: Repeat, named: dict[str, set[int]], days: list[tuple[int, int]]
) -> None:
    told: dict[str, Any] = {key: frozenset(value) for key, value in named.items()}
    rule = Rule(repeat, MORNING, FIRST, **told)
    found = planned(rule, CALENDAR, (), date(2026, 9, 1), date(2026, 10, 15))
    assert [one.day for one in found][: len(days)] == [date(2026, *day) for day in days]


WEEKLY = Rule(Repeat.WEEKLY, MORNING, date(2026, 11, 1), weekdays=frozenset({1}))
EXAMPLE = PlanForm(1, WEEKLY, 3, 28, Audience())


def test_exceptions_add_cancel_and_change_a_day() -> None:
    changes = [
        Change(ChangeKind.CANCELLED, date(2026, 11, 3)),
        Change(ChangeKind.CHANGED, date(2026, 11, 10), ((840, 1020),)),
        Change(ChangeKind.EXTRA, date(2026, 11, 14)),
        Change(ChangeKind.CHANGED, date(2026, 11, 15), ((840, 1020),)),
    ]
    found = planned(WEEKLY, CALENDAR, changes, date(2026, 11, 1), date(2026, 11, 20))
    assert [(one.day.day, one.hours.spans, one.counted is None) for one in found] == [
        (10, ((840, 1020),), False),
        (14, ((540, 720),), True),
        (17, ((540, 720),), False),
    ]


def standing(day: int, hours: Hours = MORNING, *, of_rule: bool = True, **taken: int | None) -> Standing:
    return Standing(day, date(2026, 11, day), hours, of_rule, off_plan=False, taken=taken)


def test_no_booking_is_ever_lost_on_the_way_to_a_plan() -> None:
    wanted = [Planned(date(2026, 11, day), BOTH, None) for day in (3, 10, 17, 24)]
    found = steps(
        wanted,
        [
            standing(3, a=0, b=8),
            standing(10, Hours(((530, 720),), 20), c=3),
            standing(17, of_rule=False, d=1),
            standing(19, e=2),
            standing(20),
            standing(21, of_rule=False),
        ],
    )
    assert [(one.day.day, one.fate) for one in found] == [
        (3, Fate.CHANGED),
        (10, Fate.KEPT),
        (17, Fate.CLASH),
        (19, Fate.KEPT),
        (20, Fate.GONE),
        (24, Fate.NEW),
    ]
    assert found[0].carried == {0: 0, 8: 8}


@given(rules, rules, st.sets(st.integers(0, 8)))
def test_days_that_go_have_nobody_and_days_with_somebody_stay(before: Rule, after: Rule, taken: set[int]) -> None:
    there = [
        Standing(at, one.day, one.hours, of_rule=True, off_plan=False, taken={str(n): n for n in taken if at % 3})
        for at, one in enumerate(planned(before, CALENDAR, (), FIRST, LAST_DAY))
    ]
    wanted = planned(after, CALENDAR, (), FIRST, LAST_DAY)
    found = steps(wanted, there)
    assert all(not one.standing.taken for one in found if one.fate is Fate.GONE and one.standing)
    assert {one.day for one in there if one.taken} <= {
        one.day for one in found if one.fate in {Fate.SAME, Fate.CHANGED, Fate.KEPT}
    }
    assert {one.day for one in wanted} | {one.day for one in there} == {one.day for one in found}


@pytest.mark.parametrize("state", PlanState)
@pytest.mark.parametrize("event", PlanEvent)
def test_the_full_product_of_plan_states_and_events(state: PlanState, event: PlanEvent) -> None:
    allowed = {("draft", "publish"): "published", ("published", "withdraw"): "withdrawn"}
    allowed["withdrawn", "publish"] = "published"
    expected = allowed.get((state.value, event.value))
    if expected is None:
        with pytest.raises(Conflict, match="wrong_state"):
            advance(PLAN, state, event)
    else:
        assert advance(PLAN, state, event).value == expected


forms = st.builds(
    PlanForm,
    official_id=st.integers(1, 999),
    rule=rules.filter(lambda rule: rule.weekdays and rule.ordinals and rule.month_days).map(
        lambda rule: replace(rule, hours=Hours(((510, 720), (840, 1020)), 25, 5, 2))
    ),
    notice_days=st.integers(0, 30),
    horizon_days=st.integers(1, 180),
    audience=st.builds(
        Audience,
        st.frozensets(st.integers(1, 12)),
        st.frozensets(st.sampled_from(["land", "housing"])),
        st.frozensets(st.integers(1, 9)),
    ),
)


@given(forms)
def test_a_plan_shown_in_its_form_is_the_same_plan_again(form: PlanForm) -> None:
    assert checked_plan(typed_again(form)) == form


@given(st.dictionaries(st.sampled_from(sorted(typed_again(EXAMPLE))), st.lists(st.text(max_size=12), max_size=3)))
def test_what_is_typed_at_random_is_refused_by_field_or_is_a_plan(typed: dict[str, list[str]]) -> None:
    try:
        form = checked_plan({**typed_again(EXAMPLE), **typed})
    except Invalid as error:
        refused = error.field
    else:
        refused = "nothing" if checked_plan(typed_again(form)) == form else None
    assert refused


TIMES = [
    ("9:05", 545),
    ("09:05", 545),
    ("9\uff1a05", 545),
    (" 24:00 ", 1440),
    ("24:01", None),
    ("9:5", None),
    ("x", None),
]


@pytest.mark.parametrize(("text", "minute"), [*TIMES, ("9:60", None), ("-1:00", None), ("²:00", None), ("", None)])
def test_a_time_of_day_as_it_is_typed(text: str, minute: int | None) -> None:
    assert typed_minute(text) == minute


@pytest.mark.parametrize("text", ["1,15", "15\uff0c1", "1\u300115", " 1  15 ", "1 15 15"])
def test_days_of_the_month_are_read_however_they_are_separated(text: str) -> None:
    form = checked_plan({**typed_again(EXAMPLE), "repeat": ["month_day"], "month_days": [text]})
    assert form.rule.month_days == {1, 15}
