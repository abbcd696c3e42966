"""One stream to one browser: its numbers, what was sent lately, how it arrives."""

import struct
from dataclasses import dataclass, field

from server.media.extensions import time_block
from server.media.retransmission import wrap
from server.media.rewrite import SEQUENCES, Continuity, Header, read_header, write_head
from server.media.sdp import TIME, Section

RINGS = {"audio": 64, "video": 256}
"""Packets: more than a second, at the highest bitrate of pictures; more than anybody waits for. They divide 65,536."""
REPORTS = 8
FRESH = 10.0
ENOUGH = 40


@dataclass(slots=True)
class Outgoing:
    """``ssrc`` stays over reloads of the one who sends; ``rtx_ssrc`` is the source of what is sent again.

    What was sent lately lies in ``heads`` and ``bodies``: our header, and the packet as it came.
    """

    ssrc: int
    rtx_ssrc: int
    kind: str
    continuity: Continuity
    payload_type: int = 0
    rtx: int | None = None
    time_id: int = 0
    rtx_sequence: int = 0
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    packets: int = 0
    octets: int = 0
    bitrate: float = 0.0
    measured: tuple[float, int] = (0.0, 0)
    last_before: int = -1
    loss: float = 0.0
    loss_is_new: bool = False
    counted: tuple[int, int] = (-1, 0)
    round_trip: float | None = None
    told_at: float = 0.0
    trip_at: float = 0.0
    reported: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.heads, self.bodies = ([b""] * RINGS[self.kind] for _ in range(2))

    def adopt(self, section: Section) -> None:
        """Use the numbers that the browser gave to this section."""
        self.payload_type, self.rtx = section.payload_type or 0, section.rtx
        self.time_id = section.extensions.get(TIME, 0)

    def head(self, data: bytes, header: Header, now: float) -> bytes | None:
        """The header of somebody's packet under this stream's numbers; it is remembered in case it gets lost.

        None for what is too late.
        """
        numbers = self.continuity.next(header, now)
        if numbers is None:
            return None
        head = write_head(
            payload_type=self.payload_type,
            marker=header.marker,
            sequence=numbers[0],
            timestamp=numbers[1],
            ssrc=self.ssrc,
            block=time_block(self.time_id, now) if self.time_id else b"",
        )
        place = numbers[0] % len(self.heads)
        self.heads[place], self.bodies[place] = head, data
        self.packets += 1
        self.octets += header.end - header.payload
        return head

    def kept(self, sequence: int) -> bytes | None:
        """A packet that was sent lately, to the byte as it was."""
        place = sequence % len(self.heads)
        head, data = self.heads[place], self.bodies[place]
        header = read_header(data) if head[2:4] == sequence.to_bytes(2, "big") else None
        return head + data[header.payload : header.end] if header is not None else None

    def again(self, packet: bytes) -> bytes:
        """A kept packet as it is sent again: as a retransmission where the browser knows those, else as it was."""
        if self.rtx is None:
            return packet
        self.rtx_sequence += 1
        return wrap(packet, payload_type=self.rtx, sequence=self.rtx_sequence, ssrc=self.rtx_ssrc)

    def report_sent(self, ntp: int, now: float) -> None:
        """Remember when a sender's clock was passed on, for the round trip."""
        self.reported[(ntp >> 16) & 0xFFFFFFFF] = now
        while len(self.reported) > REPORTS:
            del self.reported[next(iter(self.reported))]

    def take_block(self, block: bytes, now: float) -> None:
        """Learn from the browser's report how this stream arrives."""
        _, lost, highest, _, middle, delay = struct.unpack("!IIIIII", block)
        self.told_at = now
        self._count(highest, ((lost & 0xFFFFFF) ^ 0x800000) - 0x800000)
        sent = self.reported.get(middle)
        if sent is not None:
            self.round_trip, self.trip_at = max(0.0, now - sent - delay / 65536), now

    def _count(self, highest: int, lost: int) -> None:
        """Judge the line by totals, over enough packets: what was lost before us, and comes late, is not lost here."""
        before, lost_before = self.counted
        sent = highest - before
        if sent < 0 or before < 0:
            self.counted = highest, lost
        elif sent >= ENOUGH:
            self.loss, self.loss_is_new = min(1.0, max(0, lost - lost_before) / sent), True
            self.counted = highest, lost

    def measure(self, now: float) -> None:
        """Work out what was sent a second since the last time, and let go of what is older: packets, and what was told.

        Once a second.
        """
        at, octets = self.measured
        self.bitrate = 8 * (self.octets - octets) / (now - at) if at and now > at else 0.0
        self.measured = now, self.octets
        if now - self.told_at > FRESH:
            self.loss, self.round_trip = 0.0, None
        self._forget()

    def _forget(self) -> None:
        last, size = self.continuity.last_sequence, len(self.heads)
        for age in range((last - self.last_before) % SEQUENCES, size) if self.last_before >= 0 else ():
            self.heads[(last - age) % size] = self.bodies[(last - age) % size] = b""
        self.last_before = last

    def news(self) -> float | None:
        """The share lost, where a report has come since it was last asked for."""
        new, self.loss_is_new = self.loss_is_new, False
        return self.loss if new else None
