"""Journals become seekable WebM files, one a seat, without decoding anything.

All files of a session begin at the recording's start, so that players started together stay together.
Run as a module (``python -m server.media.finalise ROOT SESSION``, the session's key on the standard input)
it keeps this work out of the media process; ``finalise_apart`` does so.
"""

import asyncio
import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from server.errors import Unavailable
from server.media.manifest import journal_bytes, read_files, write_manifest
from server.media.opus import SoundTrack
from server.media.ports import RecordedFile
from server.media.recording_index import CLOSED, opaque, read_index
from server.media.rtp_packet import Placed, Reorderer, RtpPacket
from server.media.seal import seal
from server.media.timeline import Arrived, Found, SeatLook, Span, Timeline, look_at, read_seat, seats
from server.media.vp8 import Assembler, Frame
from server.media.webm import AUDIO_TRACK, VIDEO_TRACK, WebmWriter
from server.sealed_file import SealedWriter

SETTLED_SECONDS = 5.0
AT_ONCE = 2
_FILL_STEP = 10.0
_GAP_SECONDS = 1.0
_WRITE_EVERY = 64
# What waits to be written: instant in milliseconds, number, data, whether it is a key frame.
_Due = tuple[int, int, bytes, bool]


def finalise(root: Path, session: str, key: bytes | None = None, *, processes: int = 1) -> list[RecordedFile]:
    """Seal a session's recording, and make its files anew from the journals, encrypted with ``key``; safe to repeat.

    Blocks for a while. ``processes`` may share the work, a seat each. Raises ``Unavailable("file_locked")`` where the
    journals have another key.
    """
    folder = root / opaque(session)
    digest = seal(folder)
    size = journal_bytes(folder)
    with _shared(processes) as each:
        looks = list(each(partial(look_at, folder, key=key), seats(folder)))
        closed = [entry.offset for entry in read_index(folder) if entry.event == CLOSED]
        latest, duration = max([0.0, *closed, *(look.latest for look in looks)]), -1.0
        while latest > duration:
            # Once, but where clocks ran backwards: then the last packet to be written was not the last to come.
            duration = latest
            made = list(each(partial(_finalise_seat, folder, duration=duration, key=key), looks))
            latest = max([duration, *(last for last, _ in made)])
        files = [file for _, file in made if file is not None]
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


def _finalise_seat(
    folder: Path, look: SeatLook, *, duration: float, key: bytes | None
) -> tuple[float, RecordedFile | None]:
    """When a seat's last packet came, and its file; none where not one whole picture or sound was left."""
    path = folder / f"{look.seat}.webm"
    part = folder / f"{look.seat}.webm.part"
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        sealed = SealedWriter(stream, key, path.name) if key is not None else None
        writer = WebmWriter(sealed or stream)
        making = SeatFile(writer, look, duration)
        for arrived in read_seat(look.segments, key):
            making.push(arrived)
        making.finish()
        writer.finish(duration, size=making.size, sound=look.has_audio)
        if sealed is not None:
            sealed.finish()
        stream.flush()
        os.fsync(stream.fileno())
    if making.empty:
        part.unlink()
        return making.found.last_arrival, None
    part.replace(path)
    return making.found.last_arrival, RecordedFile(
        seat=look.seat,
        name=path.name,
        offset=0.0,
        duration=round(duration, 3),
        bytes=path.stat().st_size,
        has_video=making.size is not None,
        has_audio=look.has_audio,
        speech=tuple(making.found.speech.spans),
        gaps=tuple(_united([*making.found.gaps, *making.frozen, (making.found.last_arrival, duration)])),
    )


class SeatFile:
    """One walk over a seat: packets in as they arrived, blocks out in the order of their instants.

    Holds a minute of packets until their instants are known, and what lies within the last seconds.
    ``frozen`` are stretches without a whole picture, ``size`` is that of the largest.
    """

    def __init__(self, writer: WebmWriter, look: SeatLook, duration: float) -> None:
        self.found = Found()
        self.frozen: list[Span] = []
        self.size: tuple[int, int] | None = None
        self._write = writer.write
        self._has_audio = look.has_audio
        self._duration = duration
        self._timeline = Timeline()
        # Looking up by a member of an enumeration costs more than all else here: its number is the place.
        self._lanes = [(Reorderer(), self._hear), (Reorderer(), self._see)]
        self._assembler = Assembler()
        self._sound = SoundTrack()
        self._sounds: deque[_Due] = deque()
        self._pictures: deque[_Due] = deque()
        self._count = 0
        self._settled_ms = 0.0
        self._video_ms = -1
        self._frozen_from: float | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing came of it."""
        return self._count == 0

    def push(self, arrived: Arrived) -> None:
        """Take one packet."""
        self.found.notice(arrived)
        for instant, ended in self._timeline.push(arrived):
            self._place(instant, ended)

    def finish(self) -> None:
        """No packet follows: write what is held, up to the end."""
        for instant, ended in self._timeline.drain():
            self._place(instant, ended)
        for order, take in self._lanes:
            for placed, lost in order.drain():
                take(placed.packet, placed.instant, lost=lost)
        self._thaw(self._duration)
        self._silence(self._duration)
        self._settled_ms = float("inf")
        self._settle()
        self.found.speech.close()

    def _place(self, instant: float, arrived: Arrived) -> None:
        _, kind, arrival, _, packet = arrived
        settled = arrival - SETTLED_SECONDS
        if settled > self._sound.position:
            self._silence(settled)
        order, take = self._lanes[kind - 1]
        if order.takes(packet):
            take(packet, instant, lost=False)
        else:
            for placed, lost in order.push(Placed(packet, instant, arrival)):
                take(placed.packet, placed.instant, lost=lost)
        if settled * 1000 > self._settled_ms:
            self._settled_ms = settled * 1000

    def _silence(self, until: float) -> None:
        while self._has_audio and until - self._sound.position >= 0.02:
            for at, packet in self._sound.fill(min(until, self._sound.position + _FILL_STEP)):
                self._add(self._sounds, round(at * 1000), packet, key=True)
            self._settled_ms = max(self._settled_ms, self._sound.position * 1000)

    def _add(self, lane: deque[_Due], at_ms: int, data: bytes, *, key: bool) -> None:
        """Let a block wait for its turn; writing many at once is cheaper, but what was due goes before a late one."""
        if at_ms <= self._settled_ms or not self._count % _WRITE_EVERY:
            self._settle()
        self._count += 1
        lane.append((at_ms, self._count, data, key))

    def _settle(self) -> None:
        """Write what has settled: hardly any packet comes before it any more."""
        sounds, pictures, write, until_ms = self._sounds, self._pictures, self._write, self._settled_ms
        while True:
            if sounds and (not pictures or sounds[0] < pictures[0]):
                lane, track = sounds, AUDIO_TRACK
            else:
                lane, track = pictures, VIDEO_TRACK
            if not lane or lane[0][0] > until_ms:
                return
            at_ms, _, data, key = lane.popleft()
            write(at_ms, track, key, data)

    def _hear(self, packet: RtpPacket, instant: float, *, lost: bool) -> None:
        for at, data in self._sound.add(instant, packet.payload):
            self._add(self._sounds, round(at * 1000), data, key=True)

    def _see(self, packet: RtpPacket, instant: float, *, lost: bool) -> None:
        frame = self._assembler.push(packet, lost=lost)
        if self._assembler.waiting and self._frozen_from is None:
            self._frozen_from = instant
        if frame is not None:
            self._show(frame, instant)

    def _show(self, frame: Frame, instant: float) -> None:
        self._thaw(instant)
        if frame.key and (self.size is None or frame.width * frame.height > self.size[0] * self.size[1]):
            self.size = (frame.width, frame.height)
        self._video_ms = max(self._video_ms + 1, round(instant * 1000))
        self._add(self._pictures, self._video_ms, frame.data, key=frame.key)

    def _thaw(self, instant: float) -> None:
        if self._frozen_from is not None and instant - self._frozen_from > _GAP_SECONDS:
            self.frozen.append((self._frozen_from, instant))
        self._frozen_from = None


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
    # A minute of packets is held, and no cycles of them: looking for some takes a tenth of the time.
    gc.disable()
    cores = min(AT_ONCE, len(os.sched_getaffinity(0)))
    finalise(Path(sys.argv[1]), sys.argv[2], sys.stdin.buffer.read() or None, processes=cores)
