"""Retransmissions carry the original packet whole, and no more of them than a line can bear."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from server.media.retransmission import BURST, REMEMBERED, Allowance, unwrap, wrap
from server.media.rewrite import read_header

EXTENSIONS = st.sampled_from([b"", b"\xbe\xde\x00\x01\x22abc"])


@given(st.binary(max_size=1200), EXTENSIONS, st.booleans(), st.integers(0, 65535), st.integers(0, 2**32 - 1))
def test_what_was_wrapped_is_unwrapped(payload: bytes, block: bytes, marker: bool, number: int, stamp: int) -> None:
    head = struct.pack("!BBHII", 0x90 if block else 0x80, 96 | marker << 7, number, stamp, 1234)
    wrapped = wrap(head + block + payload, payload_type=97, sequence=7, ssrc=5678)
    header = read_header(wrapped)
    assert header is not None
    assert (header.payload_type, header.sequence, header.ssrc, header.marker) == (97, 7, 5678, marker)
    plain = struct.pack("!BBHII", 0x80, 96 | marker << 7, number, stamp, 1234) + payload
    assert unwrap(wrapped, header, payload_type=96, ssrc=1234) == plain


def test_padding_that_probes_a_line_holds_no_packet() -> None:
    probe = struct.pack("!BBHII", 0xA0, 97, 7, 0, 5678) + bytes(223) + b"\xe0"
    header = read_header(probe)
    assert header is not None
    assert unwrap(probe, header, payload_type=96, ssrc=1234) is None


def test_no_packet_is_sent_twice_within_twenty_milliseconds() -> None:
    allowance = Allowance()
    assert allowance.grants(1, 5, 100, 1_000_000, 10.0)
    assert not allowance.grants(1, 5, 100, 1_000_000, 10.01)
    assert allowance.grants(2, 5, 100, 1_000_000, 10.01)
    assert allowance.grants(1, 5, 100, 1_000_000, 10.03)


@given(st.integers(50_000, 5_000_000), st.lists(st.tuples(st.floats(0, 0.5), st.integers(60, 1300)), max_size=300))
def test_what_is_sent_again_is_at_most_a_quarter_of_the_line_and_one_burst(
    bitrate: int, asked: list[tuple[float, int]]
) -> None:
    allowance, now, sent = Allowance(), 100.0, 0
    for index, (pause, size) in enumerate(asked):
        now += pause
        sent += size if allowance.grants(1, index, size, bitrate, now) else 0
    assert sent <= BURST + (now - 100.0) * max(8000, bitrate / 32) + 1
    assert len(allowance.sent) <= REMEMBERED
