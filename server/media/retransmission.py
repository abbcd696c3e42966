"""Packets sent again under a source of their own (RFC 4588), and how much of that one line can bear."""

import struct
from dataclasses import dataclass, field

from server.media.rewrite import SEQUENCES, Header

AGAIN_AFTER = 0.02
BURST = 24_000
LEAST = 8_000
REMEMBERED = 1024


def wrap(packet: bytes, *, payload_type: int, sequence: int, ssrc: int) -> bytes:
    """An RTP packet without CSRCs, as a retransmission: the original number leads the payload."""
    start = _payload_start(packet)
    head = struct.pack("!BBH", packet[0], packet[1] & 128 | payload_type, sequence % SEQUENCES)
    return head + packet[4:8] + struct.pack("!I", ssrc) + packet[12:start] + packet[2:4] + packet[start:]


def _payload_start(packet: bytes) -> int:
    return 12 + (4 + 4 * int.from_bytes(packet[14:16], "big") if packet[0] & 16 else 0)


def unwrap(data: bytes, header: Header, *, payload_type: int, ssrc: int) -> bytes | None:
    """The original packet without extensions; None where there is none inside: padding that probes the line."""
    if header.end - header.payload < 2:
        return None
    second = payload_type | (128 if header.marker else 0)
    number = data[header.payload : header.payload + 2]
    head = struct.pack("!BB2sII", 0x80, second, number, header.timestamp, ssrc)
    return head + data[header.payload + 2 : header.end]


@dataclass(slots=True)
class Allowance:
    """How much may be sent again to one receiver: no packet twice in 20 ms, in all a quarter of the line.

    ``left`` is in bytes; a burst of 20 packets is always allowed, so that a picture that lost a row of them heals.
    """

    left: float = BURST
    at: float = 0.0
    sent: dict[tuple[int, int], float] = field(default_factory=dict)

    def grants(self, ssrc: int, sequence: int, size: int, bitrate: int, now: float) -> bool:
        """Whether a packet of ``size`` bytes may be sent again at ``now`` on a line of ``bitrate`` bits a second."""
        self.left = min(BURST, self.left + (now - self.at) * max(LEAST, bitrate / 32)) if self.at else BURST
        self.at = now
        key = ssrc, sequence
        if size > self.left or now - self.sent.get(key, -1.0) < AGAIN_AFTER:
            return False
        self.left -= size
        self.sent.pop(key, None)
        self.sent[key] = now
        if len(self.sent) > REMEMBERED:
            del self.sent[next(iter(self.sent))]
        return True
