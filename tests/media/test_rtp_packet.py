"""Packets are read without trust and put back in order."""

from aiortc.rtp import RtpPacket as Written
from hypothesis import given
from hypothesis import strategies as st

from server.media.rtp_packet import HOLD_SECONDS, Ordered, Placed, Reorderer, RtpPacket, parse_rtp, signed_step


def placed(sequence: int, arrival: float = 0.0, ssrc: int = 1) -> Placed:
    return Placed(RtpPacket(False, sequence & 0xFFFF, 0, ssrc, b"x"), arrival, arrival)


def order(arrivals: list[Placed]) -> list[tuple[int, bool]]:
    reorderer, found = Reorderer(), list[Ordered]()
    for arrival in arrivals:
        found += [(arrival, False)] if reorderer.takes(arrival.packet) else reorderer.push(arrival)
    return [(one.packet.sequence, lost) for one, lost in [*found, *reorderer.drain()]]


def test_a_packet_is_read_without_its_padding() -> None:
    written = Written(payload_type=96, marker=1, sequence_number=7, timestamp=9, ssrc=11, payload=b"sound")
    written.padding_size = 4
    assert parse_rtp(written.serialize()) == RtpPacket(True, 7, 9, 11, b"sound")


@given(st.binary(max_size=80))
def test_garbage_is_no_error(data: bytes) -> None:
    found = parse_rtp(data)
    assert found is None or len(found.payload) <= len(data) - 12


@given(st.integers(0, 65_535), st.integers(-30_000, 30_000))
def test_steps_go_through_the_wrap(start: int, step: int) -> None:
    assert signed_step((start + step) % 65_536, start, 16) == step


def test_packets_come_in_order_through_the_wrap() -> None:
    sequences = [65_533, 65_535, 65_534, 65_536, 65_538, 65_537]
    expected = [65_533, 65_534, 65_535, 0, 1, 2]
    assert order([placed(number) for number in sequences]) == [(number, False) for number in expected]


def test_a_copy_and_a_latecomer_are_left_out() -> None:
    late = [placed(1), placed(2), placed(2), placed(4, 0.1), placed(5, 0.1 + HOLD_SECONDS + 0.1), placed(3, 1.3)]
    assert order(late) == [(1, False), (2, False), (4, True), (5, False)]


def test_a_copy_of_the_very_first_is_left_out() -> None:
    assert order([placed(9), placed(9), placed(10, 0.4), placed(10, 0.4)]) == [(9, False), (10, False)]


def test_a_new_source_begins_anew() -> None:
    assert order([placed(9), placed(11), placed(40_000, ssrc=2), placed(40_001, ssrc=2)]) == [
        (9, False),
        (11, True),
        (40_000, False),
        (40_001, False),
    ]


def test_a_far_jump_is_a_loss_and_goes_on_there() -> None:
    assert order([placed(9), placed(20_000), placed(20_001)]) == [(9, False), (20_000, True), (20_001, False)]


@given(st.permutations(list(range(40))))
def test_any_order_within_the_wait_is_restored(numbers: list[int]) -> None:
    told = order([placed(0), *(placed(number + 1) for number in numbers)])
    assert told == [(number, False) for number in range(41)]
