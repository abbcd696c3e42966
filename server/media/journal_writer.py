"""One run of writing: a thread that takes records from bounded queues to the disk, twice a second.

The event loop packs each record while the packet is at hand and appends it to its seat's queue; a slow or broken disk
never delays a voice, and the thread hardly holds the interpreter. After an error the run is over: what is on the disk
ends with a whole chunk, and a new run opens new segments.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from server.media.journal_cipher import JournalCipher
from server.media.journal_format import (
    SEGMENT_SUFFIX,
    START,
    ChunkType,
    Close,
    Kind,
    SegmentHeader,
    first_link,
    instant_of,
    pack_chunk,
    pack_header,
    pack_record,
)
from server.media.recording_index import FAULT, GAP, SEAT_JOINED, IndexEntry, append_entries
from server.media.verify_recording import read_segment

FLUSH_SECONDS = 0.5
QUEUE_BYTES = 16 * 1024 * 1024
QUEUE_EVENTS = 2_000
RECORD_OVERHEAD = 50
GAP_US = 1_000_000

Append = Callable[[int, bytes], None]


def append_synced(descriptor: int, data: bytes) -> None:
    """Write all of ``data`` and wait until it is on the disk. Raises ``OSError``."""
    written, rest = 0, memoryview(data)
    while written < len(data):
        written += os.write(descriptor, rest[written:])
    os.fdatasync(descriptor)


@dataclass
class _Segment:
    descriptor: int
    path: Path
    header: bytes
    link: bytes
    close: Close | None
    chunks: int = 0
    size: int = 0
    last_us: int = 0


@dataclass(slots=True)
class _Lane:
    """What a seat sent and is not written yet; ``last_us`` is when its newest packet came."""

    last_us: int
    queue: deque[bytes] = field(default_factory=deque)


class JournalWriter:
    """Writes one run of a session. ``put`` and ``note`` return at once; numbers may be read at any time.

    ``quiet_until_us`` is the end of the last pause: what is missing before it is no gap. With ``key`` what the seats
    sent is encrypted. ``append`` is the way to the disk.
    """

    def __init__(
        self,
        folder: Path,
        base: SegmentHeader,
        *,
        flush_seconds: float = FLUSH_SECONDS,
        key: bytes | None = None,
        append: Append = append_synced,
    ) -> None:
        self.folder = folder
        self.base = base
        self.dropped = 0
        self.error = ""
        self.bytes = 0
        self.quiet_until_us = 0
        self.free_bytes: int | None = None
        self.grown_at = time.monotonic()
        self.written_until = base.offset_us / 1_000_000
        self._flush_seconds = flush_seconds
        self._key, self._append = key, append
        self._lanes: dict[str, _Lane] = {}
        self._events: deque[IndexEntry] = deque()
        self._bytes_in = 0
        self._bytes_out = 0
        self._segments: dict[str, _Segment] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"recorder-{folder.name}", daemon=True)
        self._thread.start()

    def put(self, seat: str, kind: Kind, mono_us: int, level: int | None, rtp: bytes) -> None:
        """Hand over one packet; it is dropped and counted when the disk is too far behind."""
        record = pack_record(kind, mono_us, level, rtp)
        weight = len(record) + RECORD_OVERHEAD
        if self.error or self._bytes_in - self._bytes_out + weight > QUEUE_BYTES:
            self.dropped += 1
            return
        lane = self._lanes.get(seat)
        if lane is None:
            lane = self._lanes[seat] = _Lane(mono_us)
        if mono_us - lane.last_us > GAP_US and mono_us - max(lane.last_us, self.quiet_until_us) > GAP_US:
            missing = (mono_us - max(lane.last_us, self.quiet_until_us)) / 1_000_000
            self.note(self._entry(GAP, mono_us, f"{seat} {missing:.3f}"))
        lane.last_us = max(lane.last_us, mono_us)
        self._bytes_in += weight
        lane.queue.append(record)

    def note(self, entry: IndexEntry) -> None:
        """Hand over one index entry."""
        if len(self._events) < QUEUE_EVENTS:
            self._events.append(entry)

    def stop(self, *, wait: float) -> bool:
        """Write what is queued and end; returns after ``wait`` seconds at the latest, and whether it has ended."""
        self._stopping.set()
        if wait:
            self._thread.join(wait)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            while not self._stopping.wait(self._flush_seconds):
                self._flush()
            self._flush()
            for segment in self._segments.values():
                self._write(segment, ())
        except OSError as error:
            self._give_up(error)
        finally:
            for segment in self._segments.values():
                os.close(segment.descriptor)

    def _flush(self) -> None:
        self._write_events()
        for seat, lane in list(self._lanes.items()):
            records = [lane.queue.popleft() for _ in range(len(lane.queue))]
            if records:
                self._write(self._segments.get(seat) or self._open(seat, records[0]), records)
                self._bytes_out += sum(map(len, records)) + RECORD_OVERHEAD * len(records)
        self._write_events()
        room = os.statvfs(self.folder)
        self.free_bytes = room.f_bavail * room.f_frsize

    def _open(self, seat: str, first: bytes) -> _Segment:
        before = sorted(self.folder.glob(f"{seat}-[0-9][0-9][0-9][0-9]{SEGMENT_SUFFIX}"))
        number = int(before[-1].stem[-4:]) + 1 if before else 1
        path = self.folder / f"{seat}-{number:04d}{SEGMENT_SUFFIX}"
        header = pack_header(self.base, _last_link(before[-1]) if before else START)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        close = JournalCipher(self._key, header, path.name).close if self._key is not None else None
        segment = _Segment(os.open(path, flags, 0o600), path, header, first_link(header, path.name), close)
        self._segments[seat] = segment
        self._events.append(self._entry(SEAT_JOINED, instant_of(first), path.stem))
        directory = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return segment

    def _write(self, segment: _Segment, records: Sequence[bytes]) -> None:
        """One chunk of these records; of none: the end."""
        body, close = b"".join(records), segment.close if records else None
        type_ = ChunkType.END if not records else ChunkType.RECORDS if close is None else ChunkType.SEALED
        first_us, last_us = (instant_of(records[0]), instant_of(records[-1])) if records else (segment.last_us,) * 2
        segment.last_us = max(segment.last_us, last_us)
        span = (self._since_start_us(min(first_us, last_us)), self._since_start_us(segment.last_us))
        chunk = pack_chunk(type_, segment.chunks + 1, span, body, segment.link, close)
        data = segment.header + chunk
        self._append(segment.descriptor, data)
        segment.header, segment.link, segment.chunks = b"", chunk[-len(START) :], segment.chunks + 1
        segment.size += len(data)
        self.bytes += len(data)
        self.grown_at = time.monotonic()
        self.written_until = max(self.written_until, self.base.seconds(segment.last_us))

    def _since_start_us(self, mono_us: int) -> int:
        return self.base.offset_us + mono_us - self.base.mono_us

    def _write_events(self) -> None:
        entries = [self._events.popleft() for _ in range(len(self._events))]
        if entries:
            append_entries(self.folder, entries)

    def _give_up(self, error: OSError) -> None:
        self.error = error.strerror or type(error).__name__
        for lane in self._lanes.values():
            lane.queue.clear()
        for segment in self._segments.values():
            _end_whole(segment)
        self._events.append(self._entry(FAULT, time.monotonic_ns() // 1000, self.error))
        try:
            self._write_events()
        except OSError:
            self._events.clear()

    def _entry(self, event: str, mono_us: int, detail: str) -> IndexEntry:
        wall = (self.base.wall_us + mono_us - self.base.mono_us) / 1_000_000
        return IndexEntry(event, datetime.fromtimestamp(wall, UTC), self.base.seconds(mono_us), detail)


def _last_link(path: Path) -> bytes:
    """The last link of a segment; zeros where it has none, or the disk does not give it."""
    try:
        return (read_segment(path).links or [START])[-1]
    except OSError:
        return START


def _end_whole(segment: _Segment) -> None:
    """Cut a half-written tail off; a reader copes with it anyway, so a failure changes nothing."""
    try:
        os.ftruncate(segment.descriptor, segment.size)
    except OSError:
        return
