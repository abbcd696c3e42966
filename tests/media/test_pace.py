"""How long datagrams gather: never at a quiet house, and never longer than was set."""

from hypothesis import given
from hypothesis import strategies as st

from server.media.pace import ENOUGH, FEW, WINDOW, Pace


def steady(rate: float, longest: float) -> Pace:
    """A pace that has seen a second of so many datagrams a second."""
    pace, step = Pace(longest), max(0.001, 1 / rate)
    for number in range(1, int(1 / step) + 1):
        pace.take(round(rate * step), number * step)
    return pace


def test_a_single_talk_does_not_wait() -> None:
    assert steady(240, 0.004).wait == 0.0


def test_a_busy_house_waits_as_long_as_it_may_and_a_very_busy_one_until_enough_have_come() -> None:
    assert steady(2_000, 0.004).wait == 0.004
    assert abs(steady(16_000, 0.004).wait - ENOUGH / 16_000) < 0.000_1


def test_without_a_longest_wait_there_is_none() -> None:
    assert steady(16_000, 0.0).wait == 0.0


def test_when_the_talks_are_over_the_wait_is_over() -> None:
    pace = steady(4_000, 0.004)
    pace.take(0, 2.0)
    pace.take(0, 2.0 + WINDOW)
    assert pace.wait == 0.0


@given(st.floats(0, 0.02), st.lists(st.tuples(st.integers(0, 5_000), st.floats(0, 10)), max_size=30))
def test_a_wait_is_bounded_and_worth_it(longest: float, steps: list[tuple[int, float]]) -> None:
    pace, now = Pace(longest), 0.0
    for count, passed in steps:
        now += passed
        pace.take(count, now)
        assert 0 <= pace.wait <= longest
        assert not pace.wait or pace.rate * longest >= FEW
