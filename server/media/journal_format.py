"""The bytes of a recording journal; docs/recording-format.md describes them.

A segment is one header and then chunks of records, one a write. Each record carries its own length and checksum,
so a reader takes everything that was written whole, wherever the file was cut or damaged. Each chunk ends with a
link, a hash over the chunk and the link before; ``verify_recording.py`` follows them.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO
from zlib import crc32

MAGIC = b"LXJRNL02"
OLD_MAGIC = b"LXJRNL01"
SYNC = b"\xa5LX"
CHUNK_SYNC = b"\xa5LC"
START = bytes(32)
NO_LEVEL = 255
SEGMENT_SUFFIX = ".journal"

_HEADER = struct.Struct(">8sqqq")
_RECORD = struct.Struct(">3sBBBqH")
_INSTANT, _INSTANT_AT = struct.Struct(">q"), 6
_CHUNK_HEAD = struct.Struct(">3sBIqqI")
_CHECKSUM = struct.Struct(">I")
_RECORD_SIZE, _CHECKSUM_SIZE = _RECORD.size, _CHECKSUM.size
HEADER_SIZE = _HEADER.size + len(START) + _CHECKSUM.size
CHUNK_HEAD_SIZE = _CHUNK_HEAD.size + _CHECKSUM.size
SEALED_OVERHEAD = 12 + 16
OLD_HEADER_SIZE = _HEADER.size + _CHECKSUM.size
LARGEST_RECORD = _RECORD.size + 0xFFFF + _CHECKSUM.size
_PIECE = 1 << 18
Close = Callable[[bytes, bytes], bytes]


class Kind(IntEnum):
    """What a record's packet carries."""

    AUDIO = 1
    VIDEO = 2


class ChunkType(IntEnum):
    """What a chunk's body is; ``END`` has none and closes a segment whose writing ended in order.

    ``SEALED`` is encrypted records.
    """

    END = 0
    RECORDS = 1
    SEALED = 2


KINDS = {"audio": Kind.AUDIO, "video": Kind.VIDEO}
_KINDS = {int(kind): kind for kind in Kind}
_PACKET = 1


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """Ties a segment's monotonic instants to the recording: at ``mono_us`` it was ``offset_us`` old."""

    wall_us: int
    mono_us: int
    offset_us: int

    def seconds(self, mono_us: int) -> float:
        """How long after the recording's start ``mono_us`` was."""
        return (self.offset_us + mono_us - self.mono_us) / 1_000_000


# One RTP packet as it arrived: kind, monotonic microseconds, level (0 loudest to 127, None: not told), the packet.
# Plain tuples wherever there is one for each packet: a named one costs seven times as much to make.
PacketRecord = tuple[Kind, int, int | None, bytes]


def pack_header(header: SegmentHeader, previous: bytes = START) -> bytes:
    """The first bytes of a segment; ``previous`` is the last link of the seat's segment before."""
    body = _HEADER.pack(MAGIC, header.wall_us, header.mono_us, header.offset_us) + previous
    return body + _CHECKSUM.pack(crc32(body))


def read_header(stream: BinaryIO) -> SegmentHeader | None:
    """The header of a segment of this format or of the first; the stream stands behind it then.

    None where it is cut or damaged.
    """
    data = stream.read(HEADER_SIZE)
    size = OLD_HEADER_SIZE if data.startswith(OLD_MAGIC) else HEADER_SIZE
    if len(data) < size or not data.startswith((MAGIC, OLD_MAGIC)):
        return None
    body = data[: size - _CHECKSUM.size]
    if data[len(body) : size] != _CHECKSUM.pack(crc32(body)):
        return None
    stream.seek(size)
    return SegmentHeader(*_HEADER.unpack_from(body)[1:])


def first_link(header: bytes, name: str) -> bytes:
    """What the first chunk's link follows: the packed header and the name of the segment's file."""
    return sha256(header + name.encode()).digest()


def pack_chunk(
    type_: ChunkType, number: int, span: tuple[int, int], body: bytes, previous: bytes, close: Close | None = None
) -> bytes:
    """One chunk; its last 32 bytes are its link.

    ``number`` counts from 1 within the segment; ``span`` is the first and last arrival in microseconds after the
    recording's start; ``previous`` is the link before. ``close`` makes of head and body the body of a sealed chunk.
    """
    length = len(body) + (SEALED_OVERHEAD if close is not None else 0)
    head = _CHUNK_HEAD.pack(CHUNK_SYNC, type_, number, *span, length)
    head += _CHECKSUM.pack(crc32(head))
    stored = close(head, body) if close is not None else body
    link = sha256(previous + head)
    link.update(stored)
    return b"".join((head, stored, link.digest()))


def pack_record(kind: Kind, mono_us: int, level: int | None, rtp: bytes) -> bytes:
    """One packet as a record. Packets above 65,535 bytes cannot exist on UDP."""
    told = NO_LEVEL if level is None else min(max(level, 0), 127)
    body = _RECORD.pack(SYNC, _PACKET, kind, told, mono_us, len(rtp)) + rtp
    return body + _CHECKSUM.pack(crc32(body))


def instant_of(record: bytes) -> int:
    """When the packet of a packed record came, in microseconds."""
    return int(_INSTANT.unpack_from(record, _INSTANT_AT)[0])


def read_records(stream: BinaryIO, limit: int) -> Iterator[PacketRecord]:
    """Every whole record in the next ``limit`` bytes, in order; damaged stretches are passed over."""
    buffer, at, ended = b"", 0, False
    while True:
        records, at = _records_from(buffer, at)
        yield from records
        if len(buffer) - at < LARGEST_RECORD and not ended:
            piece = stream.read(min(_PIECE, max(limit, 0)))
            ended, limit = not piece, limit - len(piece)
            buffer, at = buffer[at:] + piece, 0
            continue
        at = buffer.find(SYNC, at + 1)
        if at < 0 and ended:
            return
        if at < 0:
            at = max(len(buffer) - len(SYNC) + 1, 1)


def records_of(body: bytes) -> Iterator[PacketRecord]:
    """The records of a chunk's whole body that is known to be as it was written: their checksums are not needed."""
    records, end = _records_from(body, 0, proven=True)
    return iter(records) if end == len(body) else read_records(BytesIO(body), len(body))


def _records_from(buffer: bytes, at: int, *, proven: bool = False) -> tuple[list[PacketRecord], int]:
    """The whole records that follow each other from ``at`` on, without those of an unknown type, and where they end."""
    found: list[PacketRecord] = []
    size, unpack, checksum, known = len(buffer), _RECORD.unpack_from, _CHECKSUM.unpack_from, _KINDS
    while (begin := at + _RECORD_SIZE) + _CHECKSUM_SIZE <= size:
        sync, kind_of_record, kind, level, mono_us, length = unpack(buffer, at)
        end = begin + length
        after = end + _CHECKSUM_SIZE
        if sync != SYNC or after > size or not (proven or checksum(buffer, end) == (crc32(buffer[at:end]),)):
            break
        if kind_of_record == _PACKET and kind in known:
            told = None if level == NO_LEVEL else level
            found.append((known[kind], mono_us, told, buffer[begin:end]))
        at = after
    return found, at
