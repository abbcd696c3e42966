"""Reading RTP packets (RFC 3550) and putting them back in order."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_FIXED = struct.Struct(">BBHII")
HOLD_PACKETS = 512
HOLD_SECONDS = 1.0
LARGEST_STEP = 3_000
START_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """What a recording needs of one packet; padding is taken off the payload."""

    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse_rtp(data: bytes) -> RtpPacket | None:
    """The packet, or None where ``data`` is not whole RTP."""
    if len(data) < _FIXED.size or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    start = _FIXED.size + 4 * (first & 0x0F)
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
    span = 1 << bits
    step = (now - before) % span
    return step - span if step >= span // 2 else step


@dataclass(frozen=True, slots=True)
class Placed:
    """One packet with its instant in the recording and on the kernel's clock; both in seconds after the start."""

    packet: RtpPacket
    instant: float
    arrival: float


@dataclass(frozen=True, slots=True)
class Ordered:
    """One packet in its place; ``lost`` says that packets before it never came."""

    placed: Placed
    lost: bool


class Reorderer:
    """Puts one stream in the order of its sequence numbers and waits at most a second for a late packet."""

    def __init__(self) -> None:
        self._expected: int | None = None
        self._ssrc = 0
        self._held: dict[int, Placed] = {}
        self._began: float | None = None

    def push(self, placed: Placed) -> Iterator[Ordered]:
        """Take one packet as it arrived; give those whose turn has come."""
        packet = placed.packet
        if self._expected is None or packet.ssrc != self._ssrc:
            yield from self.drain()
            self._expected, self._ssrc, self._began = packet.sequence, packet.ssrc, placed.arrival
        position = self._expected + signed_step(packet.sequence, self._expected & 0xFFFF, 16)
        if abs(position - self._expected) > LARGEST_STEP:
            yield from self.drain()
            self._expected = position = packet.sequence
            yield Ordered(placed, lost=True)
            self._expected += 1
            return
        if position in self._held:
            return
        if position < self._expected:
            if self._began is None:
                return
            self._expected = position
        self._held[position] = placed
        yield from self._due(placed.arrival)

    def drain(self) -> Iterator[Ordered]:
        """Give all that is held, holes and all."""
        self._began = None
        for position in sorted(self._held):
            yield self._take(position)

    def _due(self, now: float) -> Iterator[Ordered]:
        """Nothing in a stream's first moment: its very first packet may be a late one."""
        if self._began is not None and now - self._began < START_SECONDS:
            return
        self._began = None
        while self._held:
            assert self._expected is not None  # noqa: S101 - set before anything is held
            if self._expected in self._held:
                yield self._take(self._expected)
                continue
            first = min(self._held)
            waited = now - self._held[first].arrival
            if waited <= HOLD_SECONDS and len(self._held) <= HOLD_PACKETS:
                return
            yield self._take(first)

    def _take(self, position: int) -> Ordered:
        lost = position != self._expected
        self._expected = position + 1
        return Ordered(self._held.pop(position), lost)
