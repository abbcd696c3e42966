"""Outgoing numbers stay continuous and are never given twice, over reloads, cuts, reordering and wraps."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from server.media.rewrite import SEQUENCES, Continuity, Header, write_head


def header(sequence: int, timestamp: int, ssrc: int = 1) -> Header:
    return Header(96, False, sequence % SEQUENCES, timestamp % (1 << 32), ssrc, 12, 20)


def test_a_source_that_goes_on_keeps_its_numbers() -> None:
    stream = Continuity(90_000)
    assert [stream.next(header(n, 3000 * n), n / 30) for n in (65534, 65535, 65536)] == [
        (65534, 3000 * 65534),
        (65535, 3000 * 65535),
        (0, 3000 * 65536),
    ]


def test_a_new_source_goes_on_where_the_old_one_ended_and_the_clock_passes() -> None:
    stream = Continuity(90_000)
    stream.next(header(10, 1000), 1.0)
    assert stream.next(header(700, 5, ssrc=2), 3.0) == (11, 1000 + 180_000)
    assert stream.next(header(701, 3005, ssrc=2), 3.1) == (12, 1000 + 183_000)


def test_after_a_cut_the_numbers_are_closed_and_the_source_s_own_clock_goes_on() -> None:
    stream = Continuity(90_000)
    stream.next(header(10, 1000), 1.0)
    stream.cut = True
    assert stream.next(header(100, 271_000), 4.0) == (11, 271_000)
    assert stream.next(header(101, 274_000), 4.1) == (12, 274_000)


def test_what_comes_late_from_before_a_cut_or_a_source_s_first_packet_is_left_out() -> None:
    stream = Continuity(90_000)
    stream.next(header(10, 1000), 1.0)
    stream.cut = True
    stream.next(header(100, 271_000), 4.0)
    assert stream.next(header(99, 268_000), 4.0) is None
    stream.next(header(7, 0, ssrc=2), 5.0)
    assert stream.next(header(6, 0, ssrc=2), 5.0) is None


def test_reordered_packets_keep_their_places() -> None:
    stream = Continuity(90_000)
    stream.next(header(10, 1000), 1.0)
    assert [stream.next(header(n, 0), 1.0) for n in (13, 12, 11)] == [(13, 0), (12, 0), (11, 0)]


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(-3, 20), st.booleans()), min_size=1, max_size=400))
def test_no_number_is_given_to_two_packets(steps: list[tuple[int, int, bool]]) -> None:
    stream, at = Continuity(90_000), {1: 65_000, 2: 30_000}
    given_to: dict[int, tuple[int, int]] = {}
    for ssrc, step, cut in steps:
        at[ssrc] += step
        stream.cut = stream.cut or cut
        numbers = stream.next(header(at[ssrc], 0, ssrc), 1.0)
        if numbers is not None:
            packet = (ssrc, at[ssrc])
            assert given_to.setdefault(numbers[0], packet) == packet


def test_a_head_is_written_with_its_block_of_extensions_or_without() -> None:
    plain = write_head(payload_type=100, marker=True, sequence=9, timestamp=8, ssrc=3, block=b"")
    assert plain == struct.pack("!BBHII", 0x80, 0xE4, 9, 8, 3)
    told = write_head(payload_type=100, marker=False, sequence=9, timestamp=8, ssrc=3, block=b"\xbe\xde\x00\x01abcd")
    assert told == struct.pack("!BBHII", 0x90, 0x64, 9, 8, 3) + b"\xbe\xde\x00\x01abcd"
