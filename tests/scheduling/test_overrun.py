"""Who misses the end of the day: always the last ones, never fewer when more come."""

from hypothesis import given
from hypothesis import strategies as st

from server.scheduling.overrun import Coming, begins, missed

minutes = st.floats(0, 300)
people = st.lists(st.builds(Coming, st.uuids().map(str), minutes, minutes, st.floats(0, 1)), max_size=8)
breaks = st.lists(st.tuples(minutes, st.floats(1, 90)), max_size=1)


@given(people, minutes, minutes, breaks)
def test_the_last_ones_miss_it(some: list[Coming], free: float, end: float, rest: list[tuple[float, float]]) -> None:
    numbers = [one.number for one in some]
    found = [number for number, _ in missed(some, free_in=free, ends_in=end, breaks=rest)]
    assert found == numbers[len(numbers) - len(found) :]


@given(people, minutes, breaks)
def test_nobody_begins_before_the_one_before_or_before_the_booked_time(
    some: list[Coming], free: float, rest: list[tuple[float, float]]
) -> None:
    starts = list(begins(some, free_in=free, breaks=rest))
    assert starts == sorted(starts)
    assert all(at >= max(free, one.not_before) for one, at in zip(some, starts, strict=True))
    assert not any(start <= at < start + length for at in starts for start, length in rest)


@given(people, people, minutes, minutes)
def test_more_people_never_help(some: list[Coming], more: list[Coming], free: float, end: float) -> None:
    before = {number for number, _ in missed(some, free_in=free, ends_in=end)}
    after = {number for number, _ in missed([*more, *some], free_in=free, ends_in=end)}
    assert before <= after


def test_an_example() -> None:
    some = [Coming("a", 30), Coming("b", 30, 50), Coming("c", 30, 0, 0.5), Coming("d", 30)]
    assert list(begins(some, free_in=10)) == [10, 50, 80, 95]
    assert missed(some, free_in=10, ends_in=80) == [("c", 80), ("d", 95)]
    assert list(begins(some, free_in=10, breaks=[(45, 60)])) == [10, 105, 135, 150]
