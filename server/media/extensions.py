"""Header extensions with one-byte heads (RFC 8285): what comes up is read, what goes down is written.

Only what was negotiated is ever read or written; nothing is passed through, so that ids of two browsers never mix.
"""

BLOCK = b"\xbe\xde"
TIME_BLOCK = b"\xbe\xde\x00\x01"


def extension(data: bytes, number: int) -> int:
    """Where the extension with that id begins behind its head, in an RTP packet; 0 where it is not."""
    if not data[0] & 16 or not number:
        return 0
    place = 12 + 4 * (data[0] & 15)
    if data[place : place + 2] != BLOCK:
        return 0
    end = min(len(data), place + 4 + 4 * int.from_bytes(data[place + 2 : place + 4], "big"))
    place += 4
    while place < end:
        head = data[place]
        if head == 0:
            place += 1
        elif head >> 4 == number:
            return place + 1 if place + 1 + (head & 15) < end else 0
        else:
            place += 2 + (head & 15)
    return 0


def audio_level(data: bytes, number: int) -> int | None:
    """The level of RFC 6464 in -dBov, 0 loudest, 127 silence; None where the packet has none."""
    place = extension(data, number)
    return data[place] & 127 if place else None


def transport_number(data: bytes, number: int) -> int:
    """The transport-wide sequence number, or -1."""
    place = extension(data, number)
    return data[place] << 8 | data[place + 1] if place and data[place - 1] & 15 == 1 else -1


def time_block(number: int, now: float) -> bytes:
    """A block that says when a packet is sent (abs-send-time: 6 bits of seconds, 18 of fraction)."""
    return TIME_BLOCK + bytes((number << 4 | 2,)) + (int(now * 262_144) & 0xFFFFFF).to_bytes(3, "big")
