"""One stream to one browser: new heads for packets, and what is kept of them to be sent again."""

import struct

import pytest

from server.media.outgoing import RINGS, Outgoing
from server.media.rewrite import Continuity, Header, read_header


def stream(kind: str, *, rtx: int | None = None) -> Outgoing:
    return Outgoing(3, 4, kind, Continuity(90_000), payload_type=100, rtx=rtx)


def packet(sequence: int, payload: bytes) -> tuple[bytes, Header]:
    """A packet as browsers send them: marked, with extensions and padding."""
    head = struct.pack("!BBHII", 0xB0, 0xE0, sequence % 65536, 6, 7) + b"\xbe\xde\x00\x01abcd"
    data = head + payload + b"\x00\x00\x03"
    header = read_header(data)
    assert header is not None
    return data, header


def test_what_is_kept_is_what_was_sent_without_extensions_and_padding() -> None:
    one = stream("video")
    head = one.head(*packet(5, b"payload"), now=1.0)
    assert head == struct.pack("!BBHII", 0x80, 0xE4, 5, 6, 3)
    assert one.kept(5) == head + b"payload"
    assert (one.packets, one.octets) == (1, 7)
    assert [one.kept(other) for other in (4, 6, 5 + RINGS["video"])] == [None, None, None]


def test_the_time_of_sending_is_told_where_it_was_agreed_on_and_kept_as_it_was() -> None:
    one = stream("video")
    one.time_id = 3
    head = one.head(*packet(5, b"payload"), now=1.5)
    assert head is not None
    assert head[:2] + head[12:] == b"\x90\xe4\xbe\xde\x00\x01\x32\x06\x00\x00"
    assert one.kept(5) == head + b"payload"


@pytest.mark.parametrize("kind", RINGS)
def test_the_newest_packets_are_kept_over_the_end_of_the_numbers(kind: str) -> None:
    one, count = stream(kind), RINGS[kind]
    for number in range(65_400, 65_400 + 2 * count):
        assert one.head(*packet(number, b"%d" % number), now=1.0)
    for number in range(65_400, 65_400 + 2 * count):
        kept = one.kept(number % 65_536)
        assert (kept[12:] if kept else None) == (b"%d" % number if number >= 65_400 + count else None)


@pytest.mark.parametrize("count", [1, 75, 190, 300])
def test_what_was_sent_before_the_last_second_is_kept_no_longer(count: int) -> None:
    one, number = stream("video"), 65_400
    for second in range(1, 6):
        for _ in range(count):
            one.head(*packet(number, b"%d" % number), now=float(second))
            number += 1
        one.measure(float(second))
        kept = [len(body) > 0 for body in one.bodies]
        assert sum(kept) == min(RINGS["video"], count)
        newest = one.kept((number - 1) % 65_536)
        assert newest is not None
        assert newest[12:] == b"%d" % (number - 1)
        assert one.kept((number - min(RINGS["video"], count)) % 65_536) is not None


def test_a_packet_is_sent_again_as_a_retransmission_where_those_were_agreed_on() -> None:
    plain, repaired = stream("video"), stream("video", rtx=101)
    for one in (plain, repaired):
        one.head(*packet(5, b"payload"), now=1.0)
    kept = plain.kept(5)
    assert kept is not None
    assert plain.again(kept) == kept
    assert repaired.again(kept) == struct.pack("!BBHII", 0x80, 0xE5, 1, 6, 4) + b"\x00\x05payload"


def test_what_comes_late_from_before_a_cut_gets_no_head() -> None:
    one = stream("video")
    assert one.head(*packet(5, b"one"), now=1.0)
    one.continuity.cut = True
    assert one.head(*packet(8, b"after"), now=1.0)
    assert one.head(*packet(7, b"before"), now=1.0) is None
    assert one.packets == 2


def block(lost: int, highest: int, sent: int = 0, share: float = 0.0) -> bytes:
    """A browser's report: what it lost in all, and lately, and a clock told as ``sent``, a second after it came."""
    fraction = int(share * 256)
    return struct.pack("!IIIIII", 1, fraction << 24 | lost & 0xFFFFFF, highest, 0, sent >> 16, 65_536)


def test_what_was_measured_long_ago_says_nothing_of_the_line_now() -> None:
    one, sent = stream("audio"), 5 << 32
    one.report_sent(sent, 100.0)
    one.take_block(block(0, 100), 100.5)
    one.take_block(block(25, 200, sent), 101.5)
    for now in (102.0, 111.0):
        one.measure(now)
        assert (one.loss, one.round_trip) == (0.25, 0.5)
    one.measure(112.0)
    assert (one.loss, one.round_trip) == (0.0, None)


def test_one_of_a_few_packets_that_comes_late_is_no_loss() -> None:
    one = stream("video")
    for number in range(60):
        late = number % 2
        one.take_block(block(late, 100 + 4 * number, share=0.25 * late), 1.0)
        assert one.loss < 0.03


def test_what_is_lost_is_told_as_soon_as_enough_was_sent() -> None:
    one, found = stream("video"), []
    for lost, highest in ((7, 65_500), (12, 65_520), (17, 65_540), (17, 65_640), (-3, 65_740)):
        one.take_block(block(lost, highest), 1.0)
        found.append(one.news())
    assert found == [None, None, 0.25, 0.0, 0.0]


def test_a_browser_that_counts_from_nothing_again_is_believed() -> None:
    one, found = stream("video"), []
    for lost, highest in ((90, 70_000), (0, 300), (50, 400)):
        one.take_block(block(lost, highest), 1.0)
        found.append(one.news())
    assert found == [None, None, 0.5]
