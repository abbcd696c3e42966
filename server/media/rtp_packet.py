"""Reading RTP packets (RFC 3550) and putting them back in order."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

_FIXED = struct.Struct(">BBHII")
_NEW = tuple.__new__
HOLD_PACKETS = 512
HOLD_SECONDS = 1.0
LARGEST_STEP = 3_000
START_SECONDS = 0.3


class RtpPacket(NamedTuple):
    """What a recording needs of one packet; padding is taken off the payload."""

    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse_rtp(data: bytes) -> RtpPacket | None:
    """The packet, or None where ``data`` is not whole RTP."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first == 0x80:
        # The way of nearly all packets; going around the constructor halves what it costs.
        return _NEW(RtpPacket, (second > 127, sequence, timestamp, ssrc, data[12:]))
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    padding = data[-1] if first & 0x20 else 0
    end = len(data) - padding
    if start > end:
        return None
    return RtpPacket(bool(second & 0x80), sequence, timestamp, ssrc, data[start:end])


def signed_step(now: int, before: int, bits: int) -> int:
    """How far ``now`` is after ``before`` on a counter of ``bits`` bits; negative where it is before."""
    half = 1 << bits - 1
    return (now - before + half) % (half << 1) - half


class Placed(NamedTuple):
    """One packet with its instant in the recording and on the kernel's clock; both in seconds after the start."""

    packet: RtpPacket
    instant: float
    arrival: float


# One packet in its place, and whether packets before it never came.
Ordered = tuple[Placed, bool]


class Reorderer:
    """Puts one stream in the order of its sequence numbers and waits at most a second for a late packet."""

    def __init__(self) -> None:
        self._expected = 0
        self._ssrc = -1
        self._held: dict[int, Placed] = {}
        self._began: float | None = None

    def takes(self, packet: RtpPacket) -> bool:
        """Whether the packet's turn is now, before and after no other; then it is taken, and not to be pushed."""
        if packet.ssrc != self._ssrc or packet.sequence != self._expected & 0xFFFF:
            return False
        if self._held or self._began is not None:
            return False
        self._expected += 1
        return True

    def push(self, placed: Placed) -> Sequence[Ordered]:
        """Take one packet as it arrived; give those whose turn has come."""
        packet, before = placed.packet, []
        if packet.ssrc != self._ssrc:
            before = self.drain()
            self._expected, self._ssrc, self._began = packet.sequence, packet.ssrc, placed.arrival
        position = self._expected + signed_step(packet.sequence, self._expected & 0xFFFF, 16)
        if abs(position - self._expected) > LARGEST_STEP:
            before += self.drain()
            self._expected = packet.sequence + 1
            return [*before, (placed, True)]
        if position in self._held:
            return before
        if position < self._expected:
            if self._began is None:
                return before
            self._expected = position
        self._held[position] = placed
        return before + self._due(placed.arrival)

    def drain(self) -> list[Ordered]:
        """Give all that is held, holes and all."""
        self._began = None
        return [self._take(position) for position in sorted(self._held)]

    def _due(self, now: float) -> list[Ordered]:
        """Nothing in a stream's first moment: its very first packet may be a late one."""
        due: list[Ordered] = []
        if self._began is not None and now - self._began < START_SECONDS:
            return due
        self._began = None
        while self._held:
            if self._expected in self._held:
                due.append(self._take(self._expected))
                continue
            first = min(self._held)
            waited = now - self._held[first].arrival
            if waited <= HOLD_SECONDS and len(self._held) <= HOLD_PACKETS:
                break
            due.append(self._take(first))
        return due

    def _take(self, position: int) -> Ordered:
        lost = position != self._expected
        self._expected = position + 1
        return self._held.pop(position), lost
