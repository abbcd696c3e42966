"""VP8 pictures out of RTP packets (RFC 7741), without decoding them."""

from typing import NamedTuple

from server.media.rtp_packet import RtpPacket, signed_step

BEGINS = 0x10
LARGEST_FRAME = 8 * 1024 * 1024
_START_CODE = b"\x9d\x01\x2a"


class Descriptor(NamedTuple):
    """The payload descriptor: does a frame begin here, its picture id with its width in bits, where the data is."""

    begins: bool
    picture_id: int | None
    picture_bits: int
    size: int


class Frame(NamedTuple):
    """One whole compressed picture; ``width`` and ``height`` are known of key frames only."""

    data: bytes
    key: bool
    width: int = 0
    height: int = 0


def parse_descriptor(payload: bytes) -> Descriptor | None:
    """The descriptor at the start of ``payload``, or None where it is cut."""
    try:
        first, at = payload[0], 1
        picture_id, bits = None, 7
        if first & 0x80:
            extended, at = payload[1], 2
            if extended & 0x80:
                picture_id, bits = payload[at] & 0x7F, 7
                if payload[at] & 0x80:
                    picture_id, bits = picture_id << 8 | payload[at + 1], 15
                at += 2 if bits == 15 else 1
            at += (extended & 0x40 != 0) + (extended & 0x30 != 0)
    except IndexError:
        return None
    if len(payload) <= at:
        return None
    return Descriptor(bool(first & BEGINS) and first & 0x07 == 0, picture_id, bits, at)


def key_frame_size(data: bytes) -> tuple[int, int] | None:
    """Width and height where ``data`` begins a key frame, else None."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != _START_CODE:
        return None
    width = int.from_bytes(data[6:8], "little") & 0x3FFF
    height = int.from_bytes(data[8:10], "little") & 0x3FFF
    return (width, height) if width and height else None


class Assembler:
    """Joins packets in order to frames. After a loss it gives nothing until the next key frame."""

    def __init__(self) -> None:
        self.waiting = True
        self._parts: list[bytes] = []
        self._size = 0
        self._hole = False
        self._last: Descriptor | None = None

    def push(self, packet: RtpPacket, *, lost: bool) -> Frame | None:
        """The frame that this packet completes, if any; ``lost``: packets before it never came."""
        if lost:
            self._hole = True
            self._forget()
        if not packet.payload:
            return None
        descriptor = parse_descriptor(packet.payload)
        if descriptor is None or not self._fits(descriptor):
            self.waiting = True
            self._forget()
            return None
        data = packet.payload[descriptor.size :]
        self._parts.append(data)
        self._size += len(data)
        if self._size > LARGEST_FRAME:
            self.waiting = True
            self._forget()
        return self._finish(descriptor) if packet.marker and self._parts else None

    def _fits(self, descriptor: Descriptor) -> bool:
        """Whether the packet goes on with the frame, or begins one whose predecessor was seen."""
        if not descriptor.begins:
            return bool(self._parts)
        if self._parts:
            self._forget()
            self.waiting = True
        elif self._hole and not self._follows(descriptor):
            self.waiting = True
        self._hole = False
        return True

    def _follows(self, descriptor: Descriptor) -> bool:
        last = self._last
        if last is None or last.picture_id is None or descriptor.picture_id is None:
            return False
        bits = min(last.picture_bits, descriptor.picture_bits)
        return signed_step(descriptor.picture_id, last.picture_id, bits) == 1

    def _finish(self, descriptor: Descriptor) -> Frame | None:
        data = b"".join(self._parts)
        self._forget()
        self._last = descriptor
        if data[0] & 1:
            return None if self.waiting else Frame(data, key=False)
        size = key_frame_size(data)
        self.waiting = size is None
        return None if size is None else Frame(data, True, *size)

    def _forget(self) -> None:
        self._parts.clear()
        self._size = 0
