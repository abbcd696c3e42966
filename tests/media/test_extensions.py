"""Header extensions are found behind others, and nowhere in arbitrary bytes."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from server.media.extensions import audio_level, time_block, transport_number
from server.media.rewrite import read_header

HEAD = struct.pack("!BBHII", 0x90, 111, 1, 2, 3)


@given(st.binary(min_size=12, max_size=64), st.integers(0, 14))
def test_any_bytes_have_an_extension_or_none(data: bytes, number: int) -> None:
    assert -1 <= transport_number(data, number) <= 65535
    level = audio_level(data, number)
    assert level is None or 0 <= level <= 127


def test_each_is_found_behind_others() -> None:
    block = bytes([0x00, 0x10, 0x85, 0x00, 0x31, 0x12, 0x34, 0x00])
    packet = HEAD + b"\xbe\xde\x00\x02" + block + b"payload"
    assert transport_number(packet, 3) == 0x1234
    assert transport_number(packet, 1) == -1
    assert transport_number(packet, 0) == -1
    assert audio_level(packet, 1) == 5
    assert audio_level(packet, 2) is None


def test_one_that_is_cut_off_is_none() -> None:
    assert transport_number(HEAD + b"\xbe\xde\x00\x01" + bytes([0x00, 0x00, 0x31, 0x12]), 3) == -1
    assert audio_level(HEAD + b"\xbe\xde\x00\x01" + bytes([0x00, 0x00, 0x00, 0x10]), 1) is None


@given(st.integers(1, 14), st.floats(0, 10**6))
def test_a_block_says_when_a_packet_is_sent(number: int, now: float) -> None:
    packet = HEAD + time_block(number, now) + b"payload"
    header = read_header(packet)
    assert header is not None
    assert packet[header.payload :] == b"payload"
    assert packet[16] == number << 4 | 2
    assert abs(int.from_bytes(packet[17:20], "big") / 262_144 - now % 64) < 1e-4
