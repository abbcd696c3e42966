"""What is known of a stream to one browser."""

import struct

from server.media.outgoing import Outgoing
from server.media.rewrite import Continuity

SENT = 5 << 32


def block(lost: int) -> bytes:
    """A browser's report on the sender's clock of ``SENT``, a second after it came."""
    return struct.pack("!IIIIII", 1, lost << 24, 0, 0, SENT >> 16, 65536)


def test_what_was_measured_long_ago_says_nothing_of_the_line_now() -> None:
    stream = Outgoing(1, 2, "audio", Continuity(48000))
    stream.report_sent(SENT, 100.0)
    stream.take_block(block(lost=64), 101.5)
    stream.measure(102.0)
    assert (stream.loss, stream.round_trip) == (0.25, 0.5)
    stream.measure(111.0)
    assert (stream.loss, stream.round_trip) == (0.25, 0.5)
    stream.measure(112.0)
    assert (stream.loss, stream.round_trip) == (0.0, None)
