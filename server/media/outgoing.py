"""One stream to one browser: its numbers, what was sent lately, how it arrives."""

import struct
from dataclasses import dataclass, field

from server.media.extensions import time_block
from server.media.retransmission import wrap
from server.media.rewrite import Continuity, Header, write_packet
from server.media.sdp import TIME, Section

RING = 256
"""Packets: more than a second of pictures at the highest bitrate, more than anybody waits for; divides 65,536."""
REPORTS = 8
FRESH = 10.0


@dataclass(slots=True)
class Outgoing:
    """``ssrc`` stays over reloads of the one who sends; ``rtx_ssrc`` is the source of what is sent again."""

    ssrc: int
    rtx_ssrc: int
    kind: str
    continuity: Continuity
    payload_type: int = 0
    rtx: int | None = None
    time_id: int = 0
    rtx_sequence: int = 0
    ring: list[bytes] = field(default_factory=lambda: [b""] * RING)
    packets: int = 0
    octets: int = 0
    bitrate: float = 0.0
    measured: tuple[float, int] = (0.0, 0)
    loss: float = 0.0
    loss_is_new: bool = False
    round_trip: float | None = None
    told_at: float = 0.0
    reported: dict[int, float] = field(default_factory=dict)

    def adopt(self, section: Section) -> None:
        """Use the numbers that the browser gave to this section."""
        self.payload_type, self.rtx = section.payload_type or 0, section.rtx
        self.time_id = section.extensions.get(TIME, 0)

    def write(self, data: bytes, header: Header, now: float) -> bytes | None:
        """Somebody's packet under this stream's numbers, remembered in case it gets lost; None for what is too late."""
        numbers = self.continuity.next(header, now)
        if numbers is None:
            return None
        packet = write_packet(
            data,
            header,
            payload_type=self.payload_type,
            sequence=numbers[0],
            timestamp=numbers[1],
            ssrc=self.ssrc,
            block=time_block(self.time_id, now) if self.time_id else b"",
        )
        self.ring[numbers[0] % RING] = packet
        self.packets += 1
        self.octets += len(packet) - 12
        return packet

    def kept(self, sequence: int) -> bytes | None:
        """A packet that was sent lately."""
        packet = self.ring[sequence % RING]
        return packet if packet[2:4] == sequence.to_bytes(2, "big") else None

    def again(self, sequence: int) -> bytes | None:
        """A packet that got lost: as a retransmission where the browser knows those, else as it was."""
        packet = self.kept(sequence)
        if packet is None or self.rtx is None:
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
        _, lost, _, _, middle, delay = struct.unpack("!IIIIII", block)
        self.loss, self.loss_is_new, self.told_at = (lost >> 24) / 256, True, now
        sent = self.reported.get(middle)
        if sent is not None:
            self.round_trip = max(0.0, now - sent - delay / 65536)

    def measure(self, now: float) -> None:
        """Work out what was sent a second since the last time; what was told long ago says nothing of now."""
        at, octets = self.measured
        self.bitrate = 8 * (self.octets - octets) / (now - at) if at and now > at else 0.0
        self.measured = now, self.octets
        if now - self.told_at > FRESH:
            self.loss, self.round_trip = 0.0, None

    def news(self) -> float | None:
        """The share lost, where a report has come since it was last asked for."""
        new, self.loss_is_new = self.loss_is_new, False
        return self.loss if new else None
