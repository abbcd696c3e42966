"""Nobody lost, nobody twice, no place twice, the order kept among equals, and no cheaper outcome: by properties."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.scheduling.plan import Audience
from server.scheduling.replan import (
    COLLEAGUE,
    DAYTIME,
    KEPT,
    LATER,
    NEAREST,
    NOWHERE,
    OTHERS,
    PRICES,
    SAME,
    SAME_DAY,
    STRANGER,
    Burden,
    Given,
    Opening,
    Person,
    admissible,
    burdens,
    explain,
    price,
    sentence,
)
from server.scheduling.replan_flow import replan
from server.scheduling.words import Priority

DAY = 100
MINUTES = (540, 560, 600, 700, 840, 900)
WHY = (None, None, Priority.OLD, Priority.DEADLINE)


@st.composite
def openings(draw: st.DrawFn, key: int) -> tuple[Opening, list[Person]]:
    """A reception day, on the lost day or later, with its free places and those who hold the others."""
    day, official = draw(st.integers(DAY, DAY + 3)), draw(st.integers(1, 3))
    minutes = sorted(draw(st.lists(st.sampled_from(MINUTES), min_size=1, max_size=4)))
    places = [(minute, place) for place, minute in enumerate(minutes)]
    held = draw(st.sets(st.sampled_from(places), max_size=1)) if day > DAY else set()
    homes = draw(st.sampled_from((frozenset[int](), frozenset({1}))))
    free = tuple(one for one in places if one not in held)
    holders = [
        Person(f"h{key}", day, minute, official, official // 2, draw(st.sampled_from(WHY)), holds=(key, place))
        for minute, place in held
    ]
    return Opening(key, day, official, official // 2, free, Audience(homes)), holders


@st.composite
def people(draw: st.DrawFn, number: str) -> Person:
    """Somebody whose reception is lost."""
    official = draw(st.integers(1, 2))
    return Person(
        number,
        DAY,
        draw(st.sampled_from(MINUTES)),
        official,
        official // 2,
        draw(st.sampled_from(WHY)),
        draw(st.integers(0, 1)),
        draw(st.sampled_from((frozenset[int](), frozenset({1})))),
        draw(st.sampled_from((None, 1, 2))),
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Person], list[Opening]]:
    """A lost reception and what is open in the coming days."""
    there = [draw(openings(key)) for key in range(draw(st.integers(0, 4)))]
    lost = [draw(people(f"p{index}")) for index in range(draw(st.integers(0, 4)))]
    return [*lost, *(one for _, holders in there for one in holders)], [one for one, _ in there]


def cheapest(some: Sequence[Person], there: Sequence[Opening]) -> int:
    """The least price by trying everything."""
    places = [(one, minute, place) for one in there for minute, place in one.places]
    by_key = {one.key: one for one in there}
    held = [(by_key[one.holds[0]], one.minute, one.holds[1]) for one in some if one.holds is not None]
    everything = [*places, *held]

    @cache
    def least(at: int, used: int) -> int:
        if at == len(some):
            return 0
        one = some[at]
        costs = [price(one, None) + least(at + 1, used)]
        for index, (opening, minute, place) in enumerate(everything):
            own = one.holds == (opening.key, place)
            if not used >> index & 1 and (own or admissible(one, opening, minute)):
                costs.append((0 if own else price(one, opening, minute)) + least(at + 1, used | 1 << index))
        return min(costs)

    return least(0, 0)


@given(situations())
def test_nobody_is_lost_nobody_is_there_twice_and_no_place_is_given_twice(
    situation: tuple[list[Person], list[Opening]],
) -> None:
    some, there = situation
    found = replan(some, there)
    assert Counter(one.person.number for one in found) == Counter(one.number for one in some)
    given_out = Counter((one.opening.key, one.place) for one in found if one.opening is not None)
    held = {one.holds for one in some}
    free = {(one.key, place) for one in there for _, place in one.places}
    assert all(count == 1 and place in free | held for place, count in given_out.items())


@given(situations())
def test_everybody_may_have_what_they_get(situation: tuple[list[Person], list[Opening]]) -> None:
    for one in replan(*situation):
        assert one.opening is None or one.keeps or admissible(one.person, one.opening, one.minute)


@given(situations())
def test_nothing_is_cheaper(situation: tuple[list[Person], list[Opening]]) -> None:
    assert sum(one.price for one in replan(*situation)) == cheapest(*situation)


@given(situations())
def test_among_equals_the_order_is_kept(situation: tuple[list[Person], list[Opening]]) -> None:
    def equal(one: Person, other: Person) -> bool:
        halves = [replace(each, number="", minute=each.minute // 720) for each in (one, other)]
        return halves[0] == halves[1]

    def when(one: Given) -> tuple[int, int]:
        return (one.opening.day, one.minute) if one.opening is not None else (10_000, 0)

    moving = [one for one in replan(*situation) if one.person.holds is None]
    for one, other in combinations(moving, 2):
        if equal(one.person, other.person):
            assert when(one) <= when(other)


def opening(key: int, day: int, *minutes: int, official: int = 1, unit: int = 1) -> Opening:
    return Opening(key, day, official, unit, tuple((minute, place) for place, minute in enumerate(minutes)))


def person(number: str, minute: int = 540, *, why: Priority | None = None, confirmed: int = 0) -> Person:
    return Person(number, DAY, minute, 1, 1, why, confirmed)


@pytest.mark.parametrize(
    ("place", "paid"),
    [
        (opening(1, DAY + 2, 540), {Burden.DAY: 2}),
        (opening(1, DAY + 2, 900), {Burden.DAY: 2, Burden.DAYTIME: 1}),
        (opening(1, DAY + 2, 540, official=2), {Burden.DAY: 2, Burden.COLLEAGUE: 1}),
        (opening(1, DAY, 660, official=2, unit=2), {Burden.STRANGER: 1}),
    ],
)
def test_what_a_place_costs(place: Opening, paid: dict[Burden, int]) -> None:
    assert burdens(person("a"), place, place.places[0][0]) == paid
    assert price(person("a"), place, place.places[0][0]) == sum(PRICES[one][0] * count for one, count in paid.items())


def test_for_whom_a_day_weighs_more() -> None:
    later = opening(1, DAY + 1, 540)
    plain, frail, urgent, again = (
        price(one, later, 540)
        for one in (
            person("a"),
            person("b", why=Priority.ILL),
            person("c", why=Priority.DEADLINE),
            person("d", confirmed=2),
        )
    )
    assert plain < frail < again + 1 < urgent


def test_a_near_deadline_goes_first_and_the_other_is_told_so() -> None:
    soon, late = opening(1, DAY + 1, 540), opening(2, DAY + 8, 540)
    found = replan([person("a"), person("b", 560, why=Priority.DEADLINE)], [soon, late])
    assert [(one.person.number, one.opening) for one in found] == [("a", late), ("b", soon)]
    assert list(explain(found)) == [[(LATER, 8), (SAME, 0), (OTHERS, 1)], [(LATER, 1), (SAME, 0), (NEAREST, 0)]]


def test_only_a_long_delay_of_a_near_deadline_takes_a_place_from_somebody() -> None:
    holder = Person("h", DAY + 1, 540, 1, 1, holds=(1, 0))
    there = [Opening(1, DAY + 1, 1, 1, ()), opening(2, DAY + 30, 540)]
    assert [one.keeps for one in replan([person("a"), holder], there)] == [False, True]
    found = replan([person("a", why=Priority.DEADLINE), holder], there)
    assert [(one.person.number, one.opening and one.opening.key) for one in found] == [("a", 1), ("h", 2)]


def test_who_keeps_a_place_and_who_gets_none_is_told_so() -> None:
    holder = Person("h", DAY + 1, 540, 1, 1, holds=(1, 0))
    found = replan([person("a"), holder], [Opening(1, DAY + 1, 1, 1, ())])
    assert list(explain(found)) == [[(NOWHERE, 0)], [(KEPT, 0)]]


def test_the_same_day_serves_in_a_later_hour_and_with_a_colleague() -> None:
    place = opening(1, DAY, 560, 660, 840, official=2)
    found = replan([person("a")], [place])
    assert found == [Given(person("a"), place, 660, 1)]
    assert list(explain(found)) == [[(SAME_DAY, 0), (COLLEAGUE, 0), (NEAREST, 0)]]
    stranger = replan([person("a")], [opening(1, DAY, 900, official=2, unit=2)])
    assert list(explain(stranger)) == [[(SAME_DAY, 0), (STRANGER, 0), (DAYTIME, 0), (NEAREST, 0)]]


def test_who_receive_together_still_do() -> None:
    joint = replace(person("a"), others=frozenset({2}))
    there = [opening(1, DAY + 1, 540), opening(2, DAY + 2, 540, 560), opening(3, DAY + 2, 560, official=2)]
    found = replan([joint, person("b")], there)
    assert [(one.opening and one.opening.key, one.minute, one.beside) for one in found] == [
        (2, 560, ((3, 0),)),
        (1, 540, ()),
    ]
    assert replan([joint], there[:2]) == [Given(joint)]


def test_the_sentence_is_one() -> None:
    said = sentence([(LATER, 7), (SAME, 0), (NEAREST, 0)], lambda message: message)
    assert said == "7 days later than promised; with the same official; nothing nearer to the promise is free"
