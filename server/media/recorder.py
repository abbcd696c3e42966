"""The recorder: one more sink beside the participants, that keeps every packet as it came.

``root`` is the folder of all recordings (``settings.sessions_dir``); a session is one folder below it.
Every verb is called from the event loop and returns at once, except ``close``.
"""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from server.media.journal_format import KINDS, SegmentHeader
from server.media.journal_writer import FLUSH_SECONDS, Append, JournalWriter, append_synced
from server.media.ports import RecordingState
from server.media.proof import Evidence, judge
from server.media.recording_index import (
    CLOSED,
    PAUSED,
    REOPENED,
    RESUMED,
    STARTED,
    IndexEntry,
    opaque,
    read_index,
    started_at,
)
from server.media.seal import break_seal, seal

CLOSE_SECONDS = 10.0
_SILENT = 127


class Recorder:
    """Records one session. Raises ``Invalid("bad_name")`` for a session or seat name unfit for a path.

    A session that another process recorded before goes on in new segments with the same time zero. With ``key`` what
    the seats sent is encrypted; ``append`` is the way to the disk.
    """

    def __init__(
        self,
        *,
        root: Path,
        session: str,
        flush_seconds: float = FLUSH_SECONDS,
        key: bytes | None = None,
        append: Append = append_synced,
    ) -> None:
        self.folder = root / opaque(session)
        self._writing = partial(JournalWriter, self.folder, flush_seconds=flush_seconds, key=key, append=append)
        self._base: SegmentHeader | None = None
        self._started_at: datetime | None = None
        self._writer: JournalWriter | None = None
        self._earlier: list[JournalWriter] = []
        self._paused = False
        self._run_from = 0.0
        self._audio_at = 0.0
        self._sound_at = 0.0
        self._seats: set[str] = set()

    def start(self) -> RecordingState:
        """Record from now on; resumes a paused recording, restarts a broken one, leaves a healthy one alone."""
        if self._writer is not None and self._base is not None and self.state().alarm is not None:
            self._writer.stop(wait=0)
            self._earlier.append(self._writer)
            room = self._writer.free_bytes
            self._new_writer(self._base).free_bytes = room
            self.mark(REOPENED, "alarm")
        elif self._writer is not None and self._paused:
            self._paused = False
            self._writer.quiet_until_us = time.monotonic_ns() // 1000
            self._begin_run()
            self.mark(RESUMED)
        elif self._writer is None:
            self._open()
        return self.state()

    def pause(self) -> RecordingState:
        """Write no more packets until ``start``; the time goes on."""
        if self._writer is not None and not self._paused:
            self.mark(PAUSED)
            self._paused = True
        return self.state()

    def packet(
        self,
        *,
        seat: str,
        kind: str,
        received_at: float,
        rtp: bytes,
        audio_level: int | None,
    ) -> None:
        """Keep one decrypted RTP packet of the seat's own stream, as it came, padding-only packets too.

        ``received_at`` is on ``time.monotonic``. Retransmissions come unwrapped as the original packet.
        ``audio_level`` is that of RFC 6464: 0 loudest, 127 digital silence, None untold.
        """
        if self._writer is None or self._paused:
            return
        if seat not in self._seats:
            self._seats.add(opaque(seat))
        if kind == "audio":
            self._audio_at = received_at
            if audio_level is None or audio_level < _SILENT:
                self._sound_at = received_at
        self._writer.put(seat, KINDS[kind], int(received_at * 1_000_000), audio_level, rtp)

    def mark(self, kind: str, detail: str = "") -> None:
        """Write an event of the session into the index; nothing before the first start."""
        if self._writer is not None and self._base is not None and self._started_at is not None:
            offset = self._base.seconds(time.monotonic_ns() // 1000)
            self._writer.note(IndexEntry(kind, self._started_at + timedelta(seconds=offset), offset, detail[:500]))

    def state(self) -> RecordingState:
        """How the recording stands now; ``clock`` and ``length`` are instants after its start, pauses included."""
        writer, base = self._writer, self._base
        written = sum(one.bytes for one in self._earlier)
        if writer is None or base is None:
            return RecordingState(recording=False, started_at=self._started_at, bytes=written)
        clock = base.seconds(time.monotonic_ns() // 1000)
        length = clock if self._paused else min(writer.written_until, clock)
        return RecordingState(
            recording=not self._paused and not writer.error,
            started_at=self._started_at,
            bytes=written + writer.bytes,
            length=length,
            clock=clock,
            alarm=None if self._paused and not writer.error else judge(self._evidence(writer, clock)),
        )

    def close(self) -> None:
        """End the recording, wait until it is on the disk, and seal it. Blocks: call it from a thread.

        What a disk takes too long for is sealed with its files.
        """
        if self._writer is None:
            return
        self.mark(CLOSED)
        end = time.monotonic() + CLOSE_SECONDS
        # A hanging disk may still hold what was queued before a restart: no seal before that has ended too.
        if all(one.stop(wait=max(0.0, end - time.monotonic())) for one in (self._writer, *self._earlier)):
            # Files that were made meanwhile have sealed what was there then.
            break_seal(self.folder)
            with suppress(OSError):
                seal(self.folder)
        self._earlier.append(self._writer)
        self._writer = None

    def _open(self) -> None:
        entries = read_index(self.folder)
        now, mono_us = datetime.now(UTC), time.monotonic_ns() // 1000
        origin = started_at(entries)
        self._started_at = origin or now
        offset = (now - self._started_at).total_seconds()
        if entries:
            offset = max(offset, max(entry.offset for entry in entries))
        base = self._base = SegmentHeader(int(now.timestamp() * 1_000_000), mono_us, int(offset * 1_000_000))
        writer = self._new_writer(base)
        if origin is None:
            writer.note(IndexEntry(STARTED, now, 0.0))
        else:
            self.mark(REOPENED, self._broken_seal())

    def _broken_seal(self) -> str:
        """The seal the recording had; where it cannot be taken off nothing can be written either: the alarm follows."""
        try:
            return break_seal(self.folder)
        except OSError:
            return ""

    def _new_writer(self, base: SegmentHeader) -> JournalWriter:
        self._writer = self._writing(base)
        self._paused = False
        self._begin_run()
        return self._writer

    def _begin_run(self) -> None:
        self._run_from = self._audio_at = self._sound_at = time.monotonic()

    def _evidence(self, writer: JournalWriter, clock: float) -> Evidence:
        now = time.monotonic()
        run = now - self._run_from
        return Evidence(
            growth_age=min(now - writer.grown_at, run),
            audio_age=now - self._audio_at,
            sound_age=now - self._sound_at,
            length=max(writer.written_until, clock - run),
            clock=clock,
            dropped=writer.dropped,
            disk_error=writer.error,
            free_bytes=writer.free_bytes,
        )
