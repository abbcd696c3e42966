"""Pictures go on in the order they were sent, and nothing waits for ever."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from server.media.order import LONGEST, MOST, Missing, Order
from server.media.rewrite import Arrived, read_header
from tests.media.raw_peer import rtp

KEY, DELTA = b"\x10\x00\x9d\x01\x2a", b"\x10\x01\x00\x00\x00"


def packet(number: int, payload: bytes = DELTA) -> Arrived:
    data = rtp(96, number % 65536, 0, 1, payload)
    header = read_header(data)
    assert header is not None
    return Arrived("video", header, data)


def numbers(passed: Iterable[Arrived]) -> list[int]:
    return [one.header.sequence for one in passed]


def test_what_follows_a_gap_waits_for_it_and_then_all_goes_on_in_order() -> None:
    order, gaps = Order(), {2: Missing(0.0), 4: Missing(0.0)}
    assert not order.take(3, packet(3), gaps, 0.01)
    assert not order.take(5, packet(5), gaps, 0.02)
    del gaps[2]
    assert numbers(order.take(2, packet(2), gaps, 0.05)) == [2, 3]
    del gaps[4]
    assert numbers(order.take(4, packet(4), gaps, 0.06)) == [4, 5]
    assert not order.held


def test_a_gap_is_waited_for_so_long_and_no_longer() -> None:
    order, gaps = Order(), {2: Missing(0.0)}
    assert not order.take(3, packet(3), gaps, 0.01)
    assert not order.due(gaps, LONGEST - 0.01)
    assert numbers(order.due(gaps, LONGEST)) == [3]


def test_a_whole_picture_waits_for_nothing_before_it() -> None:
    order, gaps = Order(), {2: Missing(0.0), 6: Missing(0.0)}
    assert not order.take(3, packet(3), gaps, 0.01)
    assert numbers(order.take(5, packet(5, KEY), gaps, 0.02)) == [3, 5]
    assert not order.take(7, packet(7), gaps, 0.03)


def test_no_more_is_held_than_a_moment_of_pictures() -> None:
    order, gaps = Order(), {0: Missing(0.0)}
    passed = [one for number in range(1, 5 * MOST) for one in order.take(number, packet(number), gaps, 0.0)]
    assert len(order.held) <= MOST
    assert numbers(passed) == list(range(1, len(passed) + 1))


@given(st.permutations(range(30)), st.sets(st.integers(1, 29)))
def test_each_goes_on_once_and_in_order_however_they_come(sequence: list[int], lost: set[int]) -> None:
    order, highest = Order(), -1
    passed: list[Arrived] = []
    gaps: dict[int, Missing] = {}
    for number in [one for one in sequence if one not in lost]:
        gaps |= {one: Missing(0.0) for one in range(highest + 1, number)}
        gaps.pop(number, None)
        highest = max(highest, number)
        gaps = dict(sorted(gaps.items()))
        passed += order.take(number, packet(number), gaps, 0.0)
    passed += order.due(gaps, LONGEST)
    assert numbers(passed) == sorted(set(sequence) - lost)
