"""RTP headers, read and rewritten as pure values (RFC 3550, RFC 7741)."""

import struct
from dataclasses import dataclass
from typing import NamedTuple

SEQUENCES = 1 << 16
TIMESTAMPS = 1 << 32
HALF_SEQUENCES = SEQUENCES // 2
FIXED = struct.Struct("!BBHII")
PLAIN = 0x80
_make = tuple.__new__


class Header(NamedTuple):
    """What forwarding needs of a header. ``payload`` is where the payload begins, ``end`` where it ends."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: int
    end: int


class Arrived(NamedTuple):
    """A decrypted packet with what was learned of it."""

    kind: str
    header: Header
    data: bytes


def read_header(data: bytes) -> Header | None:
    """The header of an RTP packet; None for anything malformed."""
    end = len(data)
    if end < FIXED.size:
        return None
    first, second, sequence, timestamp, ssrc = FIXED.unpack_from(data)
    place = FIXED.size
    if first != PLAIN:
        place, end = _payload(data, first)
        if first >> 6 != 2 or place > end:
            return None
    return _make(Header, (second & 127, second > 127, sequence, timestamp, ssrc, place, end))


def _payload(data: bytes, first: int) -> tuple[int, int]:
    """Where the payload of a packet with sources, extensions or padding begins and ends; never, where it is cut."""
    place = FIXED.size + 4 * (first & 15)
    if first & 16:
        if len(data) < place + 4:
            return len(data), 0
        place += 4 + 4 * int.from_bytes(data[place + 2 : place + 4], "big")
    return place, len(data) - (data[-1] if first & 32 else 0)


def write_head(*, payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, block: bytes) -> bytes:
    """Another header for a payload, with this ``block`` of extensions."""
    first, second = PLAIN | 16 if block else PLAIN, payload_type | 128 if marker else payload_type
    return FIXED.pack(first, second, sequence, timestamp, ssrc) + block


def is_vp8_keyframe(payload: bytes) -> bool:
    """Whether a VP8 payload begins a key frame."""
    if len(payload) < 4 or not payload[0] & 0x10 or payload[0] & 0x07:
        return False
    place = 1
    if payload[0] & 0x80:
        extra = payload[1]
        place = 2
        if extra & 0x80:
            place += 2 if payload[place] & 0x80 else 1
        place += bool(extra & 0x40) + bool(extra & 0x30)
    return place < len(payload) and not payload[place] & 1


def later(one: int, other: int) -> bool:
    """Whether sequence number ``one`` comes after ``other``, wrapping."""
    return one != other and (one - other) % SEQUENCES < HALF_SEQUENCES


@dataclass(slots=True)
class Continuity:
    """Keeps one outgoing stream continuous while its source reloads, changes or stands still.

    ``clock_rate`` is in ticks a second. A new source continues the sequence, and the timestamp by the wall clock.
    No number is ever given twice: with AES-GCM a second packet under a number betrays the key. ``reach`` is how far
    behind the highest the numbers still belong to the present source.
    """

    clock_rate: int
    source: int = -1
    sequence_offset: int = 0
    timestamp_offset: int = 0
    reach: int = -1
    last_sequence: int = -1
    last_timestamp: int = 0
    last_at: float = 0.0
    cut: bool = False

    def next(self, header: Header, now: float) -> tuple[int, int] | None:
        """The outgoing sequence number and timestamp for a packet at ``now`` (seconds, monotonic).

        None for what came too late: from before the source's first packet, or from before a cut.
        """
        _, _, number, instant, source, _, _ = header
        if source != self.source or self.cut:
            self._adopt(header, now)
        sequence = (number + self.sequence_offset) % SEQUENCES
        timestamp = (instant + self.timestamp_offset) % TIMESTAMPS
        ahead = (sequence - self.last_sequence) % SEQUENCES
        if ahead < HALF_SEQUENCES or self.last_sequence < 0:
            self.last_sequence, self.last_timestamp, self.last_at = sequence, timestamp, now
            self.reach += ahead
        elif SEQUENCES - ahead > self.reach:
            return None
        return sequence, timestamp

    def _adopt(self, header: Header, now: float) -> None:
        if self.last_sequence >= 0:
            self.sequence_offset = (self.last_sequence + 1 - header.sequence) % SEQUENCES
            if header.ssrc != self.source:
                passed = max(1, round((now - self.last_at) * self.clock_rate))
                self.timestamp_offset = (self.last_timestamp + passed - header.timestamp) % TIMESTAMPS
        self.reach = -1
        self.source, self.cut = header.ssrc, False
