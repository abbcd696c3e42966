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


def data_at(payload: bytes) -> int:
    """Where the data stands behind the payload descriptor; 0 where it is cut."""
    at = 1
    if payload and payload[0] & 0x80:
        extended = payload[1] if len(payload) > 1 else 0
        at = 2 + (extended & 0x40 != 0) + (extended & 0x30 != 0)
        if extended & 0x80:
            at += 2 if len(payload) > 2 and payload[2] & 0x80 else 1
    return at if len(payload) > at else 0


def parse_descriptor(payload: bytes) -> Descriptor | None:
    """The descriptor at the start of ``payload``, or None where it is cut."""
    at = data_at(payload)
    if not at:
        return None
    picture_id, bits = None, 7
    if payload[0] & 0x80 and payload[1] & 0x80:
        picture_id = payload[2] & 0x7F
        if payload[2] & 0x80:
            picture_id, bits = picture_id << 8 | payload[3], 15
    return Descriptor(_begins(payload), picture_id, bits, at)


def _begins(payload: bytes) -> bool:
    return payload[0] & 0x17 == BEGINS


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
        self._present: Descriptor | None = None
        self._last: Descriptor | None = None

    def push(self, packet: RtpPacket, *, lost: bool) -> Frame | None:
        """The frame that this packet completes, if any; ``lost``: packets before it never came."""
        if lost:
            self._hole = True
            self._forget()
        payload = packet.payload
        if not payload:
            return None
        at = data_at(payload)
        if at and _begins(payload):
            self._begin(payload)
        elif not at or not self._parts:
            self.waiting = True
            self._forget()
            return None
        self._parts.append(payload[at:])
        self._size += len(payload) - at
        if self._size > LARGEST_FRAME:
            self.waiting = True
            self._forget()
        return self._finish() if packet.marker and self._parts else None

    def _begin(self, payload: bytes) -> None:
        """A frame begins; where its predecessor was not seen whole, a key frame is waited for."""
        self._present = parse_descriptor(payload)
        if self._parts:
            self._forget()
            self.waiting = True
        elif self._hole and not self._follows():
            self.waiting = True
        self._hole = False

    def _follows(self) -> bool:
        last, present = self._last, self._present
        if last is None or present is None or last.picture_id is None or present.picture_id is None:
            return False
        bits = min(last.picture_bits, present.picture_bits)
        return signed_step(present.picture_id, last.picture_id, bits) == 1

    def _finish(self) -> Frame | None:
        data = b"".join(self._parts)
        self._forget()
        self._last = self._present
        if data[0] & 1:
            return None if self.waiting else Frame(data, key=False)
        size = key_frame_size(data)
        self.waiting = size is None
        return None if size is None else Frame(data, True, *size)

    def _forget(self) -> None:
        self._parts.clear()
        self._size = 0
