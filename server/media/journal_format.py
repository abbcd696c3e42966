"""The bytes of a recording journal; docs/recording-format.md describes them.

A segment is one header and then records. Each record carries its own length and checksum,
so a reader takes everything that was written whole, wherever the file was cut or damaged.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO
from zlib import crc32

MAGIC = b"LXJRNL01"
SYNC = b"\xa5LX"
NO_LEVEL = 255
SEGMENT_SUFFIX = ".journal"

_HEADER = struct.Struct(">8sqqq")
_RECORD = struct.Struct(">3sBBBqH")
_CHECKSUM = struct.Struct(">I")
HEADER_SIZE = _HEADER.size + _CHECKSUM.size
LARGEST_RECORD = _RECORD.size + 0xFFFF + _CHECKSUM.size
_CHUNK = 1 << 18


class Kind(IntEnum):
    """What a record's packet carries."""

    AUDIO = 1
    VIDEO = 2


KINDS = {"audio": Kind.AUDIO, "video": Kind.VIDEO}
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


@dataclass(frozen=True, slots=True)
class PacketRecord:
    """One RTP packet as it arrived; ``level`` is 0 (loudest) to 127, or None where it was not told."""

    kind: Kind
    mono_us: int
    level: int | None
    rtp: bytes


def pack_header(header: SegmentHeader) -> bytes:
    """The first bytes of a segment."""
    body = _HEADER.pack(MAGIC, header.wall_us, header.mono_us, header.offset_us)
    return body + _CHECKSUM.pack(crc32(body))


def unpack_header(data: bytes) -> SegmentHeader | None:
    """The header at the start of ``data``, or None where it is cut or damaged."""
    if len(data) < HEADER_SIZE:
        return None
    magic, wall_us, mono_us, offset_us = _HEADER.unpack_from(data)
    (checksum,) = _CHECKSUM.unpack_from(data, _HEADER.size)
    if magic != MAGIC or checksum != crc32(data[: _HEADER.size]):
        return None
    return SegmentHeader(wall_us, mono_us, offset_us)


def pack_record(kind: Kind, mono_us: int, level: int | None, rtp: bytes) -> bytes:
    """One packet as a record. Packets above 65,535 bytes cannot exist on UDP."""
    told = NO_LEVEL if level is None else min(max(level, 0), 127)
    body = _RECORD.pack(SYNC, _PACKET, kind, told, mono_us, len(rtp)) + rtp
    return body + _CHECKSUM.pack(crc32(body))


def read_records(stream: BinaryIO, limit: int) -> Iterator[PacketRecord]:
    """Every whole record in the next ``limit`` bytes, in order; damaged stretches are passed over."""
    buffer, at, ended = b"", 0, False
    while True:
        while len(buffer) - at < LARGEST_RECORD and not ended:
            chunk = stream.read(min(_CHUNK, max(limit, 0)))
            ended, limit = not chunk, limit - len(chunk)
            buffer, at = buffer[at:] + chunk, 0
        found = _record_at(buffer, at)
        if found is not None:
            record, at = found
            if record is not None:
                yield record
            continue
        at = buffer.find(SYNC, at + 1)
        if at < 0 and ended:
            return
        if at < 0:
            at = max(len(buffer) - len(SYNC) + 1, 1)


def _record_at(buffer: bytes, at: int) -> tuple[PacketRecord | None, int] | None:
    """The record at ``at`` and where the next begins; a whole record of an unknown type is None."""
    if len(buffer) - at < _RECORD.size + _CHECKSUM.size:
        return None
    sync, kind_of_record, kind, level, mono_us, length = _RECORD.unpack_from(buffer, at)
    end = at + _RECORD.size + length
    if sync != SYNC or end + _CHECKSUM.size > len(buffer):
        return None
    (checksum,) = _CHECKSUM.unpack_from(buffer, end)
    if checksum != crc32(buffer[at:end]):
        return None
    after = end + _CHECKSUM.size
    if kind_of_record != _PACKET or kind not in (Kind.AUDIO, Kind.VIDEO):
        return None, after
    told = None if level == NO_LEVEL else level
    return PacketRecord(Kind(kind), mono_us, told, buffer[at + _RECORD.size : end]), after
