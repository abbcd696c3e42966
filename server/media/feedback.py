"""What one incoming stream is told: lost packets asked for again, reports (RFC 3550, 4585)."""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from server.media.order import Missing, Order
from server.media.rewrite import HALF_SEQUENCES, SEQUENCES, Header

MAX_MISSING = 256
TRIES = 6
ASK_AGAIN, ASK_AGAIN_LATEST = 0.02, 0.3
USUAL_TRIP = 0.1
WORTH_ASKING = 1.0
REORDERED = 0.01
STOOD_STILL = 0.8
MOST_JITTER = 10.0


@dataclass(slots=True)
class Incoming:
    """Statistics of one source. Times are seconds on a monotonic clock; ``clock_rate`` is in ticks a second.

    ``broken``: something was lost for good since this was last set back. ``freezes`` counts standstills.
    """

    ssrc: int
    clock_rate: int
    base: int = -1
    highest: int = -1
    received: int = 0
    expected_before: int = 0
    received_before: int = 0
    jitter: float = 0.0
    transit: float = math.inf
    last_at: float = 0.0
    octets: int = 0
    report_middle: int = 0
    report_at: float = 0.0
    loss: float = 0.0
    broken: bool = False
    freezes: int = 0
    bitrate: float = 0.0
    octets_before: int = 0
    measured_at: float = 0.0
    missing: dict[int, Missing] = field(default_factory=dict)
    order: Order = field(default_factory=Order)

    def take(self, header: Header, now: float, size: int) -> None:
        """Count one packet; what lies between it and the highest is missing from now on, or lost by an outage."""
        _, _, sequence, timestamp, _, _, _ = header
        self.received += 1
        self.octets += size
        silent = now - self.last_at if self.last_at else 0.0
        if silent > STOOD_STILL:
            self.freezes += 1
        self.last_at = now
        if sequence == (self.highest + 1) % SEQUENCES and self.highest >= 0:
            self.highest += 1
        else:
            self._out_of_order(sequence, now, worth_asking=silent < WORTH_ASKING)
        clock_rate = self.clock_rate
        transit = now * clock_rate - timestamp
        moved = abs(transit - self.transit)
        if moved < MOST_JITTER * clock_rate:
            self.jitter += (moved - self.jitter) / 16
        self.transit = transit

    def _out_of_order(self, sequence: int, now: float, *, worth_asking: bool) -> None:
        if self.highest < 0:
            self.base = self.highest = sequence
            return
        extended = self.extended(sequence)
        if extended > self.highest:
            for gap in range(max(self.highest + 1, extended - MAX_MISSING), extended) if worth_asking else ():
                self.missing[gap] = Missing(now)
            self.broken |= not worth_asking
            self.highest = extended
        else:
            self.missing.pop(extended, None)
        while len(self.missing) > MAX_MISSING:
            del self.missing[next(iter(self.missing))]

    def extended(self, sequence: int) -> int:
        """The number of a packet near the highest, without the wrap-around."""
        difference = (sequence - self.highest) % SEQUENCES
        return self.highest + (difference if difference < HALF_SEQUENCES else difference - SEQUENCES)

    def is_missing(self, sequence: int) -> bool:
        """Whether a packet is still waited for: what comes again is of use once."""
        return self.extended(sequence) in self.missing

    def to_ask(self, now: float, round_trip: float | None = None) -> list[int]:
        """Sequence numbers to ask for now; those asked for too often or too old are given up.

        Not before they may only have been overtaken, and again when the answer should have been here.
        """
        again = min(ASK_AGAIN_LATEST, max(ASK_AGAIN, (USUAL_TRIP if round_trip is None else round_trip) + REORDERED))
        asked: list[int] = []
        for number, gap in list(self.missing.items()):
            if gap.tries >= TRIES or now - gap.since > WORTH_ASKING:
                del self.missing[number]
                self.broken = True
            elif now - gap.since >= REORDERED and now - gap.asked >= again and len(asked) < 64:
                gap.tries, gap.asked = gap.tries + 1, now
                asked.append(number % SEQUENCES)
        return asked

    def reported(self, ntp: int, now: float) -> None:
        """Remember a sender report for the delay in our own reports."""
        self.report_middle, self.report_at = (ntp >> 16) & 0xFFFFFFFF, now

    def report_block(self, now: float) -> bytes:
        """The reception report block since the last one."""
        expected, received = self.highest - self.base + 1, self.received
        new_expected, new_received = expected - self.expected_before, received - self.received_before
        self.expected_before, self.received_before = expected, received
        self._measure(now)
        lost_now = max(0, new_expected - new_received)
        self.loss = lost_now / new_expected if new_expected > 0 else 0.0
        lost = min(max(0, expected - received), 0x7FFFFF)
        delay = round((now - self.report_at) * 65536) if self.report_at else 0
        fraction = min(255, int(self.loss * 256))
        highest = self.highest & 0xFFFFFFFF
        head = struct.pack("!IIII", self.ssrc, fraction << 24 | lost, highest, int(self.jitter) & 0xFFFFFFFF)
        return head + struct.pack("!II", self.report_middle, delay & 0xFFFFFFFF)

    def _measure(self, now: float) -> None:
        if self.measured_at and now > self.measured_at:
            self.bitrate = 8 * (self.octets - self.octets_before) / (now - self.measured_at)
        self.octets_before, self.measured_at = self.octets, now


def receiver_report(own: int, blocks: list[bytes]) -> bytes:
    """An RR of at most 31 blocks."""
    blocks = blocks[:31]
    return struct.pack("!BBHI", 0x80 | len(blocks), 201, 1 + 6 * len(blocks), own) + b"".join(blocks)


def asks(own: int, streams: Iterable[Incoming], now: float, round_trip: float | None) -> list[bytes]:
    """A NACK for each source of which something is to be asked for now."""
    waiting = [(one.ssrc, one.to_ask(now, round_trip)) for one in streams if one.missing]
    return [nack(own, ssrc, lost) for ssrc, lost in waiting if lost]


def nack(own: int, ssrc: int, sequences: list[int]) -> bytes:
    """A generic NACK for the sequence numbers."""
    items: list[tuple[int, int]] = []
    for number in sequences:
        if items and 0 < (number - items[-1][0]) % SEQUENCES <= 16:
            first, mask = items[-1]
            items[-1] = first, mask | 1 << ((number - first) % SEQUENCES - 1)
        else:
            items.append((number, 0))
    body = b"".join(struct.pack("!HH", *item) for item in items)
    return struct.pack("!BBHII", 0x81, 205, 2 + len(items), own, ssrc) + body


def pli(own: int, ssrc: int) -> bytes:
    """A picture loss indication."""
    return struct.pack("!BBHII", 0x81, 206, 2, own, ssrc)


def remb(own: int, bitrate: int, ssrcs: list[int]) -> bytes:
    """Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb)."""
    exponent = max(0, bitrate.bit_length() - 18)
    numbers = struct.pack(f"!{len(ssrcs)}I", *ssrcs)
    packed = (len(ssrcs) << 24 | exponent << 18 | bitrate >> exponent).to_bytes(4, "big")
    return struct.pack("!BBHII", 0x8F, 206, 4 + len(ssrcs), own, 0) + b"REMB" + packed + numbers


def sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int) -> bytes:
    """An SR without blocks, for a stream we send."""
    counts = (packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, ntp, timestamp & 0xFFFFFFFF, *counts)
