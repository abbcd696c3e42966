"""A seat's journal as it was spoken and shown: its packets, the instant of each, gaps and speech.

Packets arrive late by a varying delay. Within a run (one source, no jump, at most a minute) the RTP
timestamps tell the spacing and the least delayed packet tells the place. So packets are held until
their run has ended: memory does not grow with the length of a recording.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from server.media.journal_cipher import journal_records
from server.media.journal_format import SEGMENT_SUFFIX, Kind, read_header
from server.media.rtp_packet import RtpPacket, parse_rtp, signed_step

CLOCK = {Kind.AUDIO: 48_000, Kind.VIDEO: 90_000}
RUN_SECONDS = 60.0
RUN_OVER_SECONDS = RUN_SECONDS + 1.0
MOST_HELD = 60_000
LOOK_EVERY = 256
JUMP_SECONDS = 0.5
OLD_SECONDS = 5.0
GAP_SECONDS = 1.0
SPEECH_LEVEL = 55
SPEECH_PAUSE = 0.6
SPEECH_LEAST = 0.2

Span = tuple[float, float]
Segments = list[tuple[Path, int]]
# One packet of a seat: segment, kind, arrival in seconds after the recording's start, level, packet.
Arrived = tuple[int, Kind, float, int | None, RtpPacket]


def segments_of(folder: Path, seat: str) -> Segments:
    """The seat's journal segments in order with their present sizes: whoever reads twice must read the same."""
    paths = sorted(folder.glob(f"{seat}-[0-9][0-9][0-9][0-9]{SEGMENT_SUFFIX}"))
    return [(path, path.stat().st_size) for path in paths]


def seats(folder: Path) -> list[str]:
    """The seats that have a journal."""
    names = folder.glob(f"*-[0-9][0-9][0-9][0-9]{SEGMENT_SUFFIX}")
    return sorted({path.name.removesuffix(SEGMENT_SUFFIX)[:-5] for path in names})


def read_seat(segments: Segments, key: bytes | None = None, *, end_only: bool = False) -> Iterator[Arrived]:
    """Every RTP packet of the segments as it arrived; ``end_only``: of each only the last second or so.

    Raises ``Unavailable("file_locked")`` without their key.
    """
    for number, (path, size) in enumerate(segments):
        with path.open("rb") as stream:
            header = read_header(stream)
            if header is None:
                continue
            began = header.offset_us - header.mono_us
            for kind, mono_us, level, rtp in journal_records(stream, path, size, key, end_only=end_only):
                packet = parse_rtp(rtp)
                arrival = (began + mono_us) / 1_000_000
                if packet is not None and arrival >= 0:
                    yield number, kind, arrival, level, packet


@dataclass(frozen=True)
class SeatLook:
    """What must be known of a seat before its packets are walked over."""

    seat: str
    segments: Segments
    has_audio: bool
    latest: float


def look_at(folder: Path, seat: str, key: bytes | None = None) -> SeatLook:
    """Look for the first sound, which is soon found where there is any, and for the last packet."""
    segments = segments_of(folder, seat)
    has_audio = any(kind is Kind.AUDIO and packet.payload for _, kind, _, _, packet in read_seat(segments, key))
    latest = max((arrival for _, _, arrival, _, _ in read_seat(segments, key, end_only=True)), default=0.0)
    return SeatLook(seat, segments, has_audio, latest)


class Run:
    """A stretch of one stream with one place, where its instant 0 lies in the recording: final when it has ended."""

    __slots__ = ("began", "ended", "place")

    def __init__(self, began: float) -> None:
        self.began = began
        self.place = began
        self.ended = False


class Runs:
    """Parts one stream into runs."""

    def __init__(self, kind: Kind) -> None:
        self._clock = CLOCK[kind]
        self._segment = self._ssrc = -1
        self._run = Run(0.0)
        self._ticks = 0
        self._last = 0.0
        self._last_arrival = 0.0

    def push(self, segment: int, arrival: float, packet: RtpPacket) -> tuple[Run, float]:
        """The run of the packet and its RTP instant within it, in seconds."""
        _, _, timestamp, ssrc, _ = packet
        if ssrc != self._ssrc or segment != self._segment:
            self._segment, self._ssrc = segment, ssrc
            return self._begin(timestamp, arrival)
        run, instant = self._run, self._last
        if timestamp != self._ticks:
            step = signed_step(timestamp, self._ticks, 32) / self._clock
            if self._jumps(step, arrival):
                return self._begin(timestamp, arrival)
            instant += step
            if step > 0:
                self._ticks, self._last, self._last_arrival = timestamp, instant, arrival
        if arrival - instant < run.place:
            run.place = arrival - instant
        return run, instant

    def _begin(self, timestamp: int, arrival: float) -> tuple[Run, float]:
        self._run.ended = True
        self._run = Run(arrival)
        self._ticks, self._last, self._last_arrival = timestamp, 0.0, arrival
        return self._run, 0.0

    def _jumps(self, step: float, arrival: float) -> bool:
        if step <= 0:
            return step < -OLD_SECONDS
        drift = step - (arrival - self._last_arrival)
        return abs(drift) > JUMP_SECONDS or arrival - self._run.began > RUN_SECONDS


class Timeline:
    """Holds a seat's packets until the run of each has ended, and then tells their instants, in the order of arrival.

    Of a flood at most ``most`` are held: what comes to light later of their runs is too late for them.
    """

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most = most
        # Looking up by a member of an enumeration costs more than all else here: its number is the place.
        self._runs = [Runs(kind).push for kind in Kind]
        self._held: deque[tuple[Run, float, Arrived]] = deque()

    def push(self, arrived: Arrived) -> Iterable[tuple[float, Arrived]]:
        """Take one packet; give those whose run has ended, each with its instant in the recording.

        They must be gone through before the next is pushed.
        """
        segment, kind, arrival, _, packet = arrived
        run, instant = self._runs[kind - 1](segment, arrival, packet)
        self._held.append((run, instant, arrived))
        return () if len(self._held) % LOOK_EVERY else self._ended(arrival)

    def drain(self) -> Iterator[tuple[float, Arrived]]:
        """Give all that is held: no packet follows."""
        self._most = 0
        return self._ended(0.0)

    def _ended(self, now: float) -> Iterator[tuple[float, Arrived]]:
        held = self._held
        while held:
            run, instant, arrived = held[0]
            if not (run.ended or now - run.began > RUN_OVER_SECONDS or len(held) > self._most):
                return
            held.popleft()
            yield max(run.place + instant, 0.0), arrived


class Found:
    """What a seat's packets tell as they arrived: the last arrival, gaps, speech."""

    def __init__(self) -> None:
        self.last_arrival = 0.0
        self.gaps: list[Span] = []
        self.speech = Speech()

    def notice(self, arrived: Arrived) -> None:
        """Take one packet into account."""
        _, _, arrival, level, _ = arrived
        if arrival > self.last_arrival:
            if arrival - self.last_arrival > GAP_SECONDS:
                self.gaps.append((round(self.last_arrival, 3), round(arrival, 3)))
            self.last_arrival = arrival
        if level is not None and level <= SPEECH_LEVEL:
            self.speech.hear(arrival, level)


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
