"""What a seat's packets say of its line."""

import struct

from server.media.ports import SeatState
from tests.media.raw_peer import AUDIO, VIDEO, rtp
from tests.media.table import Table


def test_pictures_that_their_sender_spreads_over_time_say_nothing_of_the_line() -> None:
    table = Table()
    peer = table.seat("petitioner").peer
    for number in range(500):
        table.now += 0.02
        for kind, timestamp in ((AUDIO, 960 * number), (VIDEO, 45_000 * (number // 25))):
            table.room.deliver(peer, rtp(kind, number, timestamp, kind, bytes(60)), table.now, live=True)
    assert peer.judge(table.now) is SeatState.CONNECTED
    assert peer.line(table.now).jitter < 0.001


def test_a_voice_that_comes_unevenly_makes_the_line_weak() -> None:
    table = Table()
    peer = table.seat("petitioner").peer
    for number in range(500):
        table.now += 0.02
        late = 0.1 if number % 2 else 0.0
        table.room.deliver(peer, rtp(AUDIO, number, 960 * number, AUDIO, bytes(60)), table.now + late, live=True)
    assert peer.judge(table.now) is SeatState.WEAK


def test_the_newest_round_trip_is_the_one_that_counts() -> None:
    table = Table()
    peer = table.seat("official").peer
    for kind, at, back_at in (("audio", 100.0, 101.5), ("video", 101.0, 101.52)):
        stream = peer.stream_out(kind, 0)
        stream.report_sent(5 << 32, at)
        stream.take_block(struct.pack("!IIIIII", 0, 0, 0, 0, 5 << 16, 0), back_at)
    assert round(peer.round_trip or 0.0, 3) == 0.52
