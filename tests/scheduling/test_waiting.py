"""The order of the day: who stands where, and that every place is explained."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.scheduling.identity import age_on
from server.scheduling.waiting import (
    CREDITED,
    LATE,
    ON_TIME,
    OVERDUE,
    PASSED,
    SHARED,
    WALK_IN,
    Placed,
    Rules,
    Visitor,
    in_order,
    sentence,
)
from server.scheduling.words import Priority
from server.translation import translate

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RULES = Rules()


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def visitor(
    number: str, came: int, slot: int | None = None, *, point: int = 0, why: Priority | None = None, gone: bool = False
) -> Visitor:
    return Visitor(number, at(came), None if slot is None else at(slot), point, why, gone)


def told(placed: Placed) -> list[str]:
    return [one.message for one in placed.clauses]


def numbers(ordered: list[Placed]) -> list[str]:
    return [one.visitor.number for one in ordered]


def test_a_booking_counts_from_its_time_a_walk_in_and_a_late_one_from_arrival() -> None:
    come = [
        visitor("walk-in", 5, point=1),
        visitor("early", -30, 20, point=2),
        visitor("late", 31, 20, point=3),
        visitor("first", 0, 0, point=4),
    ]
    ordered = in_order(come, now=at(32), rules=RULES)
    assert [(one.visitor.number, told(one), one.late) for one in ordered] == [
        ("first", [ON_TIME], False),
        ("walk-in", [WALK_IN], False),
        ("early", [ON_TIME], False),
        ("late", [LATE], True),
    ]


def test_priority_goes_before_those_who_came_up_to_half_an_hour_earlier() -> None:
    come = [visitor("long", 0, point=1), visitor("short", 10, point=2), visitor("ill", 35, point=3, why=Priority.ILL)]
    ordered = in_order(come, now=at(36), rules=RULES)
    assert [(one.visitor.number, told(one)) for one in ordered] == [
        ("long", [WALK_IN]),
        ("ill", [WALK_IN, CREDITED]),
        ("short", [WALK_IN, PASSED]),
    ]


def test_a_reason_that_the_district_does_not_take_moves_nobody() -> None:
    rules = Rules(reasons=frozenset({Priority.OLD}))
    come = [visitor("first", 0, point=1), visitor("ill", 5, point=2, why=Priority.ILL)]
    assert numbers(in_order(come, now=at(6), rules=rules)) == ["first", "ill"]


def test_a_full_car_from_one_village_lets_other_villages_come_between() -> None:
    car = [visitor(f"car {index}", index, point=1) for index in range(4)]
    ordered = in_order([*car, visitor("other", 9, point=2)], now=at(10), rules=RULES)
    assert numbers(ordered) == ["car 0", "other", "car 1", "car 2", "car 3"]
    assert told(ordered[2]) == [WALK_IN, SHARED]
    assert ordered[2].clauses[1].count == 1


def test_who_was_admitted_keeps_the_share_so_that_nobody_behind_moves() -> None:
    car = [visitor(f"car {index}", index, point=1) for index in range(3)]
    others = [visitor("second", 9, point=2), visitor("third", 25, point=3)]
    before = numbers(in_order([*car, *others], now=at(26), rules=RULES))
    gone = [visitor("car 0", 0, point=1, gone=True), *car[1:]]
    assert numbers(in_order([*gone, *others], now=at(26), rules=RULES)) == before[1:]


def test_who_has_waited_an_hour_is_passed_no_more() -> None:
    come = [*(visitor(f"car {index}", index, point=1) for index in range(5)), visitor("other", 55, point=2)]
    assert numbers(in_order(come, now=at(56), rules=RULES))[-3:] == ["other", "car 3", "car 4"]
    ordered = in_order(come, now=at(65), rules=RULES)
    assert numbers(ordered)[-1] == "other"
    assert told(ordered[-2]) == [WALK_IN, OVERDUE]


def test_a_place_is_explained_in_one_sentence_of_the_reader() -> None:
    come = [visitor("one", 0, point=1), visitor("two", 20, 0, point=2, why=Priority.FAR)]
    ordered = in_order(come, now=at(21), rules=RULES)
    assert (
        sentence(ordered[0], lambda text: translate(text, "zh_CN"))
        == "约的是 9:00,9:20 才到,按到的时间排;路远,提前 30 分钟"
    )
    assert sentence(ordered[1], lambda text: text) == (
        "came at 9:00 without a booking, so this counts; 1 with priority go first"
    )


visitors = st.lists(
    st.builds(
        lambda number, came, slot, point, why, gone: visitor(number, came, slot, point=point, why=why, gone=gone),
        st.uuids().map(str),
        st.integers(0, 300),
        st.none() | st.integers(0, 15).map(lambda step: step * 20),
        st.integers(0, 3),
        st.none() | st.sampled_from(Priority),
        st.booleans(),
    ),
    max_size=20,
    unique_by=lambda one: one.number,
)
minutes = st.integers(0, 400)
rules = st.builds(
    lambda credit, share, longest: Rules(
        credit=timedelta(minutes=credit), share=timedelta(minutes=share), longest=timedelta(minutes=longest)
    ),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(1, 120),
)


@given(visitors, minutes, rules)
def test_nobody_is_overtaken_without_a_reason_that_is_told(come: list[Visitor], now: int, rules: Rules) -> None:
    ordered = in_order(come, now=at(now), rules=rules)
    for index, one in enumerate(ordered):
        passing = [other for other in ordered[:index] if other.key > one.key]
        counted = sum(clause.count for clause in one.clauses if clause.message in {PASSED, SHARED})
        assert counted == len(passing)
        for other in passing:
            assert CREDITED in told(other) or (SHARED in told(one) and one.turn > one.counts_from)


@given(visitors, minutes, rules)
def test_nobody_waits_beyond_the_maximum_while_others_pass(come: list[Visitor], now: int, rules: Rules) -> None:
    ordered = in_order(come, now=at(now), rules=rules)
    for index, one in enumerate(ordered):
        if at(now) - one.counts_from >= rules.longest:
            assert all(other.key < one.key for other in ordered[:index])


@given(visitors, minutes, rules, st.integers())
def test_nobody_is_lost_and_the_order_does_not_depend_on_how_it_is_asked(
    come: list[Visitor], now: int, rules: Rules, seed: int
) -> None:
    shuffled = list(come)
    Random(seed).shuffle(shuffled)  # noqa: S311 - an order to try
    once, again = in_order(come, now=at(now), rules=rules), in_order(shuffled, now=at(now), rules=rules)
    assert [(one, one.clauses) for one in once] == [(one, one.clauses) for one in again]
    assert sorted(numbers(once)) == sorted(one.number for one in come if not one.gone)


@given(visitors, minutes, rules, st.integers(0, 3))
def test_who_comes_last_without_priority_moves_nobody_and_admitting_the_first_neither(
    come: list[Visitor], now: int, rules: Rules, point: int
) -> None:
    before = in_order(come, now=at(now), rules=rules)
    with_last = in_order([*come, visitor("last", 301, point=point)], now=at(now), rules=rules)
    assert [one for one in numbers(with_last) if one != "last"] == numbers(before)
    if before:
        first = before[0].visitor.number
        after = [
            Visitor(
                one.number, one.checked_in_at, one.slot_at, one.point, one.priority, one.gone or one.number == first
            )
            for one in come
        ]
        assert numbers(in_order(after, now=at(now), rules=rules)) == numbers(before)[1:]


@given(visitors, minutes)
def test_every_place_has_a_sentence(come: list[Visitor], now: int) -> None:
    for one in in_order(come, now=at(now), rules=RULES):
        assert one.clauses[0].message in {ON_TIME, LATE, WALK_IN}
        assert "{" not in sentence(one, lambda text: translate(text, "zh_CN"))


@pytest.mark.parametrize(("day", "years"), [(date(2026, 3, 14), 77), (date(2026, 3, 15), 78), (date(2026, 3, 16), 78)])
def test_the_age_turns_on_the_birthday(day: date, years: int) -> None:
    assert age_on("990101194803150010", day) == years
