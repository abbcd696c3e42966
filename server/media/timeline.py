"""The first pass over a seat's journal: what it holds and when each packet was spoken or shown.

Packets arrive late by a varying delay. Within a run (one source, no jump, at most a minute) the RTP
timestamps tell the spacing and the least delayed packet tells the place. Memory grows by the minute
and by the spoken sentence, not by the packet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from server.media.journal_cipher import journal_records
from server.media.journal_format import SEGMENT_SUFFIX, Kind, PacketRecord, read_header
from server.media.rtp_packet import Placed, RtpPacket, parse_rtp, signed_step
from server.media.vp8 import BEGINS as VP8_BEGINS
from server.media.vp8 import key_frame_size, parse_descriptor

CLOCK = {Kind.AUDIO: 48_000, Kind.VIDEO: 90_000}
RUN_SECONDS = 60.0
JUMP_SECONDS = 0.5
OLD_SECONDS = 5.0
GAP_SECONDS = 1.0
SPEECH_LEVEL = 55
SPEECH_PAUSE = 0.6
SPEECH_LEAST = 0.2

Span = tuple[float, float]


class Arrived(NamedTuple):
    """One packet of a seat with its arrival in seconds after the recording's start."""

    segment: int
    arrival: float
    record: PacketRecord
    packet: RtpPacket


def segments_of(folder: Path, seat: str) -> list[tuple[Path, int]]:
    """The seat's journal segments in order with their present sizes: both passes must read the same."""
    paths = sorted(folder.glob(f"{seat}-[0-9][0-9][0-9][0-9]{SEGMENT_SUFFIX}"))
    return [(path, path.stat().st_size) for path in paths]


def seats(folder: Path) -> list[str]:
    """The seats that have a journal."""
    names = folder.glob(f"*-[0-9][0-9][0-9][0-9]{SEGMENT_SUFFIX}")
    return sorted({path.name.removesuffix(SEGMENT_SUFFIX)[:-5] for path in names})


def read_seat(segments: list[tuple[Path, int]], key: bytes | None = None) -> Iterator[Arrived]:
    """Every RTP packet of the segments as it arrived. Raises ``Unavailable("file_locked")`` without their key."""
    for number, (path, size) in enumerate(segments):
        with path.open("rb") as stream:
            header = read_header(stream)
            if header is None:
                continue
            began = header.offset_us - header.mono_us
            for record in journal_records(stream, path, size, key):
                packet = parse_rtp(record.rtp)
                arrival = (began + record.mono_us) / 1_000_000
                if packet is not None and arrival >= 0:
                    yield Arrived(number, arrival, record, packet)


class Runs:
    """Numbers the runs of one stream; going over the same packets again gives the same numbers."""

    def __init__(self, kind: Kind) -> None:
        self._clock = CLOCK[kind]
        self._source: tuple[int, int] | None = None
        self._number = -1
        self._began = 0.0
        self._ticks = 0
        self._last = 0.0
        self._last_arrival = 0.0

    def place(self, arrived: Arrived) -> tuple[int, float]:
        """The run of the packet and its RTP instant within it, in seconds."""
        segment, arrival, _, packet = arrived
        source = (segment, packet.ssrc)
        step = signed_step(packet.timestamp, self._ticks, 32) / self._clock
        if source != self._source or self._jumps(step, arrival):
            self._source, self._began = source, arrival
            self._number += 1
            self._ticks, self._last, step = packet.timestamp, 0.0, 0.0
            self._last_arrival = arrival
        instant = self._last + step
        if step > 0:
            self._ticks, self._last, self._last_arrival = packet.timestamp, instant, arrival
        return self._number, instant

    def _jumps(self, step: float, arrival: float) -> bool:
        if step <= 0:
            return step < -OLD_SECONDS
        drift = step - (arrival - self._last_arrival)
        return abs(drift) > JUMP_SECONDS or arrival - self._began > RUN_SECONDS


@dataclass
class Anchors:
    """Where each run of one stream lies in the recording, by its least delayed packet."""

    kind: Kind
    starts: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._runs = Runs(self.kind)

    def learn(self, arrived: Arrived) -> None:
        """First pass: take the packet into account."""
        number, instant = self._runs.place(arrived)
        start = arrived.arrival - instant
        if number == len(self.starts):
            self.starts.append(start)
        elif start < self.starts[number]:
            self.starts[number] = start

    def replay(self) -> "Placer":
        """Second pass: a new walk over the same packets."""
        return Placer(self.kind, self.starts)


class Placer:
    """Tells each packet's instant in the recording, in a second walk over the same packets."""

    def __init__(self, kind: Kind, starts: list[float]) -> None:
        self._runs = Runs(kind)
        self._starts = starts

    def place(self, arrived: Arrived) -> Placed:
        """The packet with its instant."""
        number, instant = self._runs.place(arrived)
        return Placed(arrived.packet, max(self._starts[number] + instant, 0.0), arrived.arrival)


class Speech:
    """Joins loud packets to spoken stretches."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._from = 0.0
        self._until = -1.0

    def hear(self, at: float, level: int) -> None:
        """One packet's level at its instant."""
        if level > SPEECH_LEVEL:
            return
        if at - self._until > SPEECH_PAUSE:
            self.close()
            self._from = at
        self._until = max(self._until, at + 0.02)

    def close(self) -> None:
        """End the stretch under way."""
        if self._until - self._from >= SPEECH_LEAST:
            self.spans.append((round(self._from, 3), round(self._until, 3)))
        self._until = -1.0


@dataclass
class SeatScan:
    """What the first pass found of one seat."""

    seat: str
    segments: list[tuple[Path, int]]
    key: bytes | None = None
    anchors: dict[Kind, Anchors] = field(default_factory=lambda: {kind: Anchors(kind) for kind in Kind})
    size: tuple[int, int] | None = None
    has_audio: bool = False
    last_arrival: float = 0.0
    gaps: list[Span] = field(default_factory=list)
    speech: list[Span] = field(default_factory=list)


def scan_seat(folder: Path, seat: str, key: bytes | None = None) -> SeatScan:
    """Walk over the seat's journal once."""
    scan, speech = SeatScan(seat, segments_of(folder, seat), key), Speech()
    learn = [scan.anchors[kind].learn for kind in Kind]
    for arrived in read_seat(scan.segments, key):
        _, arrival, record, packet = arrived
        if arrival > scan.last_arrival:
            if arrival - scan.last_arrival > GAP_SECONDS:
                scan.gaps.append((round(scan.last_arrival, 3), round(arrival, 3)))
            scan.last_arrival = arrival
        learn[record.kind - 1](arrived)
        if record.kind is Kind.VIDEO:
            if packet.payload and packet.payload[0] & VP8_BEGINS:
                scan.size = _larger(scan.size, packet)
        else:
            scan.has_audio = scan.has_audio or bool(packet.payload)
            if record.level is not None and record.level <= SPEECH_LEVEL:
                speech.hear(arrival, record.level)
    speech.close()
    scan.speech = speech.spans
    return scan


def _larger(known: tuple[int, int] | None, packet: RtpPacket) -> tuple[int, int] | None:
    descriptor = parse_descriptor(packet.payload)
    if descriptor is None or not descriptor.begins:
        return known
    size = key_frame_size(packet.payload[descriptor.size : descriptor.size + 10])
    if size is None or (known is not None and size[0] * size[1] <= known[0] * known[1]):
        return known
    return size
