"""Journals become seekable WebM files, one a seat, without decoding anything.

All files of a session begin at the recording's start, so that players started together stay together.
Run as a module (``python -m server.media.finalise ROOT SESSION``, the session's key on the standard input)
it keeps this work out of the media process; ``finalise_apart`` does so.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from heapq import heappop, heappush
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from server.errors import Unavailable
from server.media.journal_format import Kind
from server.media.manifest import journal_bytes, read_files, write_manifest
from server.media.opus import SoundTrack
from server.media.ports import RecordedFile
from server.media.recording_index import CLOSED, opaque, read_index
from server.media.rtp_packet import Ordered, Reorderer
from server.media.seal import seal
from server.media.timeline import SeatScan, Span, read_seat, scan_seat, seats
from server.media.vp8 import Assembler, Frame
from server.media.webm import AUDIO_TRACK, VIDEO_TRACK, Block, WebmWriter
from server.sealed_file import SealedWriter

SETTLED_SECONDS = 5.0
AT_ONCE = 2
_FILL_STEP = 10.0
_GAP_SECONDS = 1.0


def finalise(root: Path, session: str, key: bytes | None = None, *, processes: int = 1) -> list[RecordedFile]:
    """Seal a session's recording, and make its files anew from the journals, encrypted with ``key``; safe to repeat.

    Blocks for a while. ``processes`` may share the work, a seat each. Raises ``Unavailable("file_locked")`` where the
    journals have another key.
    """
    folder = root / opaque(session)
    digest = seal(folder)
    size = journal_bytes(folder)
    with _shared(processes) as each:
        scans = list(each(partial(scan_seat, folder, key=key), seats(folder)))
        closed = [entry.offset for entry in read_index(folder) if entry.event == CLOSED]
        duration = max([0.0, *closed, *(scan.last_arrival for scan in scans)])
        heard_or_seen = [scan for scan in scans if scan.size or scan.has_audio]
        made = each(partial(_finalise_seat, folder, duration=duration, key=key), heard_or_seen)
        files = [file for file in made if file is not None]
    write_manifest(folder, files=files, duration=duration, made_of=size, seal=digest)
    return files


@contextmanager
def _shared(processes: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """``map``, in this process or in several."""
    if processes == 1:
        yield map
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        yield pool.map


async def finalise_apart(root: Path, session: str, key: bytes | None = None) -> list[RecordedFile]:
    """The same in a process of its own at low priority. Raises ``Unavailable("finalise_failed")``."""
    command = (sys.executable, "-m", "server.media.finalise", str(root), opaque(session))
    given, dropped = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(*command, stdin=given, stdout=dropped)
    await child.communicate(key or b"")
    if child.returncode != 0:
        raise Unavailable("finalise_failed", "The recording is safe, but its files could not be made yet.")
    return await asyncio.to_thread(read_files, root, session)


def _finalise_seat(folder: Path, scan: SeatScan, *, duration: float, key: bytes | None) -> RecordedFile | None:
    """The file of one seat; none where not one whole picture or sound was left."""
    path = folder / f"{scan.seat}.webm"
    part = folder / f"{scan.seat}.webm.part"
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        sealed = SealedWriter(stream, key, path.name) if key is not None else None
        writer = WebmWriter(sealed or stream, size=scan.size, sound=scan.has_audio)
        making = SeatFile(scan, duration)
        for block in making.blocks():
            writer.write(block)
        writer.finish(duration)
        if sealed is not None:
            sealed.finish()
        stream.flush()
        os.fsync(stream.fileno())
    if making.empty:
        part.unlink()
        return None
    part.replace(path)
    return RecordedFile(
        seat=scan.seat,
        name=path.name,
        offset=0.0,
        duration=round(duration, 3),
        bytes=path.stat().st_size,
        has_video=scan.size is not None,
        has_audio=scan.has_audio,
        speech=tuple(scan.speech),
        gaps=tuple(_united([*scan.gaps, *making.frozen, (scan.last_arrival, duration)])),
    )


class SeatFile:
    """The second pass over a seat: packets in, blocks out in the order of their instants.

    Holds what arrived in the last seconds only. ``frozen`` are stretches without a whole picture.
    """

    def __init__(self, scan: SeatScan, duration: float) -> None:
        self.frozen: list[Span] = []
        self._scan = scan
        self._duration = duration
        self._order = {kind: Reorderer() for kind in Kind}
        self._assembler = Assembler()
        self._sound = SoundTrack()
        self._due: list[tuple[int, int, Block]] = []
        self._count = 0
        self._video_ms = -1
        self._frozen_from: float | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing came of it."""
        return self._count == 0

    def blocks(self) -> Iterator[Block]:
        """Every block of the file."""
        # Looking up by a member of an enumeration costs more than all else here: its number is the place.
        ways = [(self._scan.anchors[kind].replay().place, self._order[kind].push) for kind in Kind]
        for arrived in read_seat(self._scan.segments, self._scan.key):
            kind = arrived.record.kind
            place, push = ways[kind - 1]
            settled = arrived.arrival - SETTLED_SECONDS
            if settled > self._sound.position:
                yield from self._silence(settled)
            for ordered in push(place(arrived)):
                self._take(kind, ordered)
            if self._due and self._due[0][0] <= settled * 1000:
                yield from self._settled(settled)
        for kind, order in self._order.items():
            for ordered in order.drain():
                self._take(kind, ordered)
        self._thaw(self._duration)
        yield from self._silence(self._duration)
        yield from self._settled(float("inf"))

    def _silence(self, until: float) -> Iterator[Block]:
        while self._scan.has_audio and until - self._sound.position >= 0.02:
            for at, packet in self._sound.fill(min(until, self._sound.position + _FILL_STEP)):
                self._add(round(at * 1000), AUDIO_TRACK, True, packet)
            yield from self._settled(self._sound.position)

    def _settled(self, until: float) -> Iterator[Block]:
        while self._due and self._due[0][0] <= until * 1000:
            yield heappop(self._due)[2]

    def _take(self, kind: Kind, ordered: Ordered) -> None:
        placed = ordered.placed
        if kind is Kind.AUDIO:
            for at, packet in self._sound.add(placed.instant, placed.packet.payload):
                self._add(round(at * 1000), AUDIO_TRACK, True, packet)
            return
        frame = self._assembler.push(placed.packet, lost=ordered.lost)
        if self._assembler.waiting and self._frozen_from is None:
            self._frozen_from = placed.instant
        if frame is not None:
            self._show(frame, placed.instant)

    def _show(self, frame: Frame, instant: float) -> None:
        self._thaw(instant)
        self._video_ms = max(self._video_ms + 1, round(instant * 1000))
        self._add(self._video_ms, VIDEO_TRACK, frame.key, frame.data)

    def _thaw(self, instant: float) -> None:
        if self._frozen_from is not None and instant - self._frozen_from > _GAP_SECONDS:
            self.frozen.append((self._frozen_from, instant))
        self._frozen_from = None

    def _add(self, at_ms: int, track: int, key: bool, data: bytes) -> None:
        self._count += 1
        heappush(self._due, (at_ms, self._count, Block(at_ms, track, key, data)))


def _united(spans: list[Span]) -> list[Span]:
    """The stretches of more than a second, overlapping ones joined."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] - span[0] > _GAP_SECONDS):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return [(round(start, 3), round(end, 3)) for start, end in joined]


if __name__ == "__main__":
    os.nice(10)
    cores = min(AT_ONCE, len(os.sched_getaffinity(0)))
    finalise(Path(sys.argv[1]), sys.argv[2], sys.stdin.buffer.read() or None, processes=cores)
