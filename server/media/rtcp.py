"""RTCP compounds read into the few things an engine acts on (RFC 3550, 4585, 5104). Malformed ones end quietly."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class SenderReport:
    """A sender's clock."""

    ssrc: int
    ntp: int
    timestamp: int


@dataclass(frozen=True)
class ReportBlock:
    """One block of a reception report, as its 24 bytes."""

    block: bytes


@dataclass(frozen=True)
class Nack:
    """Packets to send again."""

    ssrc: int
    sequences: list[int]


@dataclass(frozen=True)
class PictureLost:
    """A keyframe is wanted of this stream."""

    ssrc: int


@dataclass(frozen=True)
class Estimate:
    """What the receiver thinks its line can bear for pictures (REMB), in bits a second."""

    bitrate: int


Report = SenderReport | ReportBlock | Nack | PictureLost | Estimate


def read_compound(data: bytes) -> Iterator[Report]:
    """Every report in a decrypted compound that an engine acts on."""
    place = 0
    while place + 4 <= len(data):
        first, kind, words = struct.unpack_from("!BBH", data, place)
        end = place + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            return
        yield from _read(kind, first & 31, data[place + 4 : end])
        place = end


def _read(kind: int, count: int, body: bytes) -> Iterator[Report]:
    if kind == 200 and len(body) >= 24:
        ssrc, ntp, timestamp = struct.unpack_from("!IQI", body)
        yield SenderReport(ssrc, ntp, timestamp)
        yield from _blocks(body[24:], count)
    elif kind == 201 and len(body) >= 4:
        yield from _blocks(body[4:], count)
    elif kind == 205 and count == 1 and len(body) >= 12:
        yield Nack(int.from_bytes(body[4:8], "big"), _sequences(body[8:]))
    elif kind == 206 and count == 15 and len(body) >= 16 and body[8:12] == b"REMB":
        packed = int.from_bytes(body[13:16], "big")
        yield Estimate((packed & 0x3FFFF) << (packed >> 18))
    elif kind == 206 and count == 1 and len(body) >= 8:
        yield PictureLost(int.from_bytes(body[4:8], "big"))
    elif kind == 206 and count == 4:
        for place in range(8, len(body) - 7, 8):
            yield PictureLost(int.from_bytes(body[place : place + 4], "big"))


def _blocks(body: bytes, count: int) -> Iterator[ReportBlock]:
    for place in range(0, min(24 * count, len(body) - 23), 24):
        yield ReportBlock(body[place : place + 24])


def _sequences(body: bytes) -> list[int]:
    found: list[int] = []
    for place in range(0, len(body) - 3, 4):
        first, mask = struct.unpack_from("!HH", body, place)
        found += [first] + [(first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return found
