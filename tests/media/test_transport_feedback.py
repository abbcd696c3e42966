"""Transport-wide feedback says exactly what came when."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from server.media.transport_feedback import MAX_PENDING, MAX_SPAN, TICK, Arrivals

TOLERANCE = TICK


def read(packet: bytes) -> tuple[int, list[float | None]]:
    """A reader of the draft's format, written apart: the base and an instant or None for each number."""
    first, kind, words, _, _, base, count, reference = struct.unpack_from("!BBHIIHHI", packet)
    assert (first, kind, 4 * words + 4) == (0x8F, 205, len(packet))
    statuses: list[int] = []
    place = 20
    while len(statuses) < count:
        (chunk,) = struct.unpack_from("!H", packet, place)
        place += 2
        if not chunk >> 15:
            statuses += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif not chunk >> 14 & 1:
            statuses += [chunk >> bit & 1 for bit in range(13, -1, -1)]
        else:
            statuses += [chunk >> bit & 3 for bit in range(12, -1, -2)]
    at, told = (reference >> 8) * 0.064, list[float | None]()
    for status in statuses[:count]:
        assert status < 3
        if status:
            size, form = (1, "!B") if status == 1 else (2, "!h")
            at += struct.unpack_from(form, packet, place)[0] * TICK
            place += size
        told.append(at if status else None)
    assert len(packet) - place < 4
    return base, told


def told_of(arrivals: Arrivals) -> dict[int, float | None]:
    found: dict[int, float | None] = {}
    for packet in arrivals.build(1, 2):
        base, instants = read(packet)
        found.update({(base + index) % 65536: at for index, at in enumerate(instants)})
    return found


@given(
    st.integers(0, 65535),
    st.lists(st.tuples(st.integers(1, 40), st.floats(0, 0.3)), min_size=1, max_size=200),
    st.randoms(use_true_random=False),
)
def test_every_instant_is_told_to_a_quarter_of_a_millisecond(
    start: int, steps: list[tuple[int, float]], chance: object
) -> None:
    arrivals, number, now, sent = Arrivals(), start, 1000.0, dict[int, float]()
    for step, pause in steps:
        number, now = number + step, now + pause
        sent[number % 65536] = now
        arrivals.take(number % 65536, now)
    told = told_of(arrivals)
    newest = {one: at for one, at in sent.items() if (number - one) % 65536 < MAX_SPAN}
    assert {one for one, at in told.items() if at is not None} == set(newest)
    for one, at in newest.items():
        heard = told[one]
        assert heard is not None
        assert abs(heard - at) <= TOLERANCE


def test_what_was_lost_between_two_feedbacks_is_told_and_a_late_one_is_told_after() -> None:
    arrivals = Arrivals()
    arrivals.take(10, 1.0)
    assert list(told_of(arrivals)) == [10]
    arrivals.take(13, 1.1)
    told = told_of(arrivals)
    assert {one: at is not None for one, at in told.items()} == {11: False, 12: False, 13: True}
    arrivals.take(12, 1.15)
    assert {one: at is not None for one, at in told_of(arrivals).items()} == {12: True}
    assert told_of(arrivals) == {}
    arrivals.take(14, 1.2)
    assert list(told_of(arrivals)) == [14]


def test_instants_hours_apart_make_two_packets() -> None:
    arrivals = Arrivals()
    for number, now in ((1, 5.0), (2, 5.0), (3, 4000.0), (4, 4000.01)):
        arrivals.take(number, now)
    packets = arrivals.build(1, 2)
    assert [read(one)[0] for one in packets] == [1, 3]


def test_packets_are_counted_and_time_goes_backwards_too() -> None:
    arrivals = Arrivals()
    for number, now in ((5, 1.2), (4, 1.1), (6, 1.3)):
        arrivals.take(number, now)
    (first,) = arrivals.build(1, 2)
    assert [round(at or 0, 3) for at in read(first)[1]] == [1.1, 1.2, 1.3]
    arrivals.take(7, 1.4)
    (second,) = arrivals.build(1, 2)
    assert (first[19], second[19]) == (0, 1)


@given(st.lists(st.integers(0, 65535), max_size=2000))
def test_numbers_out_of_all_order_stay_bounded(numbers: list[int]) -> None:
    arrivals = Arrivals()
    for index, number in enumerate(numbers):
        arrivals.take(number, 1.0 + index / 1000)
        assert len(arrivals.pending) <= MAX_PENDING
    for packet in arrivals.build(1, 2):
        assert len(packet) < 1200 + 2 * MAX_SPAN
        read(packet)
