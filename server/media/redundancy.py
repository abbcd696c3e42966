"""Sound that carries the sound before it along (RFC 2198), so that a packet lost alone is heard all the same."""

import struct

from server.media.rewrite import Header

LONGEST = 0x3FF
FARTHEST = 0x3FFF


def newest(data: bytes, header: Header, payload_type: int) -> bytes | None:
    """The newest part as a packet of its own with all of its header; None where the parts do not fit."""
    place, skipped = header.payload, 0
    while place < header.end and data[place] & 128:
        if place + 4 > header.end:
            return None
        skipped += int.from_bytes(data[place + 2 : place + 4], "big") & LONGEST
        place += 4
    start = place + 1 + skipped
    if place >= header.end or start > header.end or data[place] != payload_type:
        return None
    second = payload_type | (128 if header.marker else 0)
    head = struct.pack("!BBHII", 0x80, second, header.sequence, header.timestamp, header.ssrc)
    return head + data[start : header.end]


def joined(packet: bytes, before: bytes, *, red: int) -> bytes:
    """A packet together with the one before it, both without extensions; the packet itself where they do not fit."""
    step = (int.from_bytes(packet[4:8], "big") - int.from_bytes(before[4:8], "big")) & 0xFFFFFFFF
    size = len(before) - 12
    if not 0 < step <= FARTHEST or size > LONGEST:
        return packet
    main = packet[1] & 127
    parts = struct.pack("!BHB", 128 | main, step << 2 | size >> 8, size & 255) + bytes((main,))
    return packet[:1] + bytes((packet[1] & 128 | red,)) + packet[2:12] + parts + before[12:] + packet[12:]
