"""When which packet of a connection came, told to its sender (draft-holmer-rmcat-transport-wide-cc-extensions-01).

Of this the sender makes its own estimate of the line.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.media.rewrite import HALF_SEQUENCES, SEQUENCES

MAX_SPAN = 1024
MAX_PENDING = 512
TICK = 0.000_25
REFERENCE = 0.064
NOT_RECEIVED, SMALL, LARGE = 0, 1, 2
LONGEST_RUN = 0x1FFF


@dataclass(slots=True)
class Arrivals:
    """What came since the last feedback. Times are seconds on one monotonic clock."""

    highest: int = -1
    next_base: int = -1
    count: int = 0
    pending: dict[int, float] = field(default_factory=dict)

    def take(self, number: int, now: float) -> None:
        """Note a packet; a late one is told of once more, duplicates and jumps back of thousands are not."""
        if self.highest < 0:
            self.highest = self.next_base = extended = number + SEQUENCES
        else:
            step = (number - self.highest) % SEQUENCES
            extended = self.highest + (step if step < HALF_SEQUENCES else step - SEQUENCES)
        if extended > self.highest:
            self.highest = extended
        if extended > self.highest - MAX_SPAN and len(self.pending) < MAX_PENDING:
            self.pending.setdefault(extended, now)

    def build(self, own: int, ssrc: int) -> list[bytes]:
        """The feedback on everything since the last one; more than one packet where instants lie too far apart."""
        if not self.pending:
            return []
        first = max(min(self.next_base, *self.pending), self.highest - MAX_SPAN + 1)
        numbers = range(first, max(self.pending) + 1)
        self.next_base = max(self.next_base, numbers.stop)
        told = []
        while numbers:
            packet, taken = self._packet(own, ssrc, numbers)
            told += [packet] if packet else []
            numbers = numbers[taken:]
        self.pending.clear()
        return told

    def _packet(self, own: int, ssrc: int, numbers: range) -> tuple[bytes, int]:
        """One packet and how many numbers it is about; nothing where none of them came."""
        start = next((self.pending[one] for one in numbers if one in self.pending), None)
        if start is None:
            return b"", len(numbers)
        reference = int(start / REFERENCE)
        before, statuses, deltas = round(reference * REFERENCE / TICK), [], b""
        for number in numbers:
            at = self.pending.get(number)
            if at is None:
                statuses.append(NOT_RECEIVED)
                continue
            ticks = round(at / TICK)
            delta, small = ticks - before, 0 <= ticks - before <= 255
            if not -0x8000 <= delta <= 0x7FFF:
                break
            statuses.append(SMALL if small else LARGE)
            deltas += struct.pack("!B" if small else "!h", delta)
            before = ticks
        body = _chunks(statuses) + deltas
        body += bytes(-len(body) % 4)
        told = (reference & 0xFFFFFF) << 8 | self.count & 0xFF
        self.count += 1
        head = struct.pack("!BBHII", 0x8F, 205, 4 + len(body) // 4, own, ssrc)
        return head + struct.pack("!HHI", numbers[0] % SEQUENCES, len(statuses), told) + body, len(statuses)


def _chunks(statuses: Sequence[int]) -> bytes:
    """Packet status chunks: runs where they are long, else vectors of 14 or 7 symbols."""
    written, place = b"", 0
    while place < len(statuses):
        first, run = statuses[place], 1
        while place + run < len(statuses) and statuses[place + run] == first and run < LONGEST_RUN:
            run += 1
        near = statuses[place : place + 14]
        if run >= 14 or (run == len(statuses) - place and run > 1):
            chunk, taken = first << 13 | run, run
        elif LARGE not in near:
            chunk, taken = 0x8000 | _vector(near, 14, 1), len(near)
        else:
            near = statuses[place : place + 7]
            chunk, taken = 0xC000 | _vector(near, 7, 2), len(near)
        written += struct.pack("!H", chunk)
        place += taken
    return written


def _vector(symbols: Sequence[int], count: int, bits: int) -> int:
    value = 0
    for symbol in symbols:
        value = value << bits | symbol
    return value << bits * (count - len(symbols))
