"""One file of a finished session for handing out: every seat's picture in a cell, all sound mixed, MP4.

This one decodes and encodes. Run as a module (``python -m server.media.side_by_side ROOT SESSION SEAT…``) it keeps to
one thread at the lowest priority and stops after each piece until it is told to go on, a line on the standard input
each; the first line is the session's key in hex. It says how far it is, a share a line, or ``fault CODE``.
"""

import errno
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import BinaryIO

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from cffi import FFI

from server.errors import LianxinError, Unavailable
from server.media.holding import claimed
from server.media.manifest import journal_bytes, made_of, read_files
from server.media.mosaic import Canvas, Grid, grid_for
from server.media.ports import SIDE_BY_SIDE, RecordedFile
from server.media.recording_index import opaque
from server.media.seat_playback import SeatPlayback
from server.media.sound_mix import RATE, SoundMix
from server.sealed_file import SealedWriter

RATE_OF_PICTURES = 25
PIECE_SECONDS = 1
_SOUND_BITS = 64_000
_PICTURE = {"preset": "veryfast", "crf": "27", "profile": "high", "threads": "1"}
_BT601 = 6
_FFI = FFI()
_FFI.cdef("long syscall(long number, ...);")
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
_THIS_PROCESS, _IDLE = 1, 3 << 13


def make(root: Path, session: str, order: Sequence[str], key: bytes | None = None) -> Iterator[float]:
    """Make the file anew; how far it is, as a share, after each piece. The seats of ``order`` come first.

    Nothing is left of it unless it is whole. Raises ``Unavailable``: ``not_finalised``, ``file_locked``,
    ``file_damaged``; ``OSError`` where it cannot be written.
    """
    folder = root / opaque(session)
    with claimed(folder) as mine:
        if not mine or made_of(folder) != journal_bytes(folder):
            raise _not_finalised()
        found = [one for one in read_files(root, session) if one.has_video or one.has_audio]
        if not found:
            raise _not_finalised()
        place = {seat: number for number, seat in enumerate(order)}
        found.sort(key=lambda one: (place.get(one.seat, len(place)), one.seat))
        yield from _write_whole(folder, found, key)


def _not_finalised() -> Unavailable:
    return Unavailable("not_finalised", "The recording is being put together. Please try again in a few minutes.")


def _write_whole(folder: Path, files: Sequence[RecordedFile], key: bytes | None) -> Iterator[float]:
    path, part = folder / SIDE_BY_SIDE, folder / f"{SIDE_BY_SIDE}.part"
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            sealed = SealedWriter(stream, key, path.name) if key is not None else None
            yield from _film(folder, files, key, sealed or stream)
            if sealed is not None:
                sealed.finish()
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _film(
    folder: Path, files: Sequence[RecordedFile], key: bytes | None, target: BinaryIO | SealedWriter
) -> Iterator[float]:
    duration = max(one.duration for one in files)
    with ExitStack() as stack:
        seats = [stack.enter_context(_playing(folder / one.name, key)) for one in files]
        film = Film(target, grid_for(len(seats)), seats)
        count = max(1, round(duration * RATE_OF_PICTURES))
        for begin in range(0, count, PIECE_SECONDS * RATE_OF_PICTURES):
            end = min(count, begin + PIECE_SECONDS * RATE_OF_PICTURES)
            film.play(begin, end)
            if end < count:
                yield end / count
        film.finish()


@contextmanager
def _playing(path: Path, key: bytes | None) -> Iterator[SeatPlayback]:
    seat = SeatPlayback(path, key)
    try:
        yield seat
    finally:
        seat.close()


class Film:
    """Writes one MP4 from front to back; a second of pictures and sound is held, and the file's index."""

    def __init__(self, target: BinaryIO | SealedWriter, grid: Grid, seats: Sequence[SeatPlayback]) -> None:
        self._seats, self._canvas = seats, Canvas(grid)
        self._shown: list[object] = [None] * len(seats)
        self._container = av.open(target, "w", format="mp4")
        self._video: VideoStream = self._container.add_stream("libx264", rate=RATE_OF_PICTURES, options=_PICTURE)
        self._video.width, self._video.height = grid.size
        self._video.pix_fmt = "yuv420p"
        self._video.gop_size = 2 * RATE_OF_PICTURES
        self._video.codec_context.colorspace = _BT601
        self._video.codec_context.thread_count = 1
        self._heard = [one for one in seats if one.sound is not None]
        self._mix: SoundMix | None = None
        if self._heard:
            self._mix = SoundMix([one.sound for one in self._heard if one.sound is not None])
            self._audio: AudioStream = self._container.add_stream("aac", rate=RATE, layout="mono")
            self._audio.bit_rate = _SOUND_BITS
            for number, seat in enumerate(self._heard):
                seat.hear = partial(self._mix.hear, number)

    def play(self, begin: int, end: int) -> None:
        """The pictures from ``begin`` to ``end``, by number, with the sound up to there."""
        for seat in self._seats:
            seat.play_to(end / RATE_OF_PICTURES)
        for number in range(begin, end):
            self._look(number / RATE_OF_PICTURES)
            frame = self._canvas.frame()
            frame.pts, frame.time_base = number, Fraction(1, RATE_OF_PICTURES)
            self._container.mux(self._video.encode(frame))
        self._write_sound()

    def _look(self, instant: float) -> None:
        """Bring the cells to an instant."""
        for index, seat in enumerate(self._seats):
            picture = seat.picture(instant)
            if picture is self._shown[index]:
                continue
            self._shown[index] = picture
            if picture is None:
                self._canvas.darken(index)
            else:
                self._canvas.show(index, picture)

    def _write_sound(self) -> None:
        if self._mix is not None:
            for frame in self._mix.mixed():
                self._container.mux(self._audio.encode(frame))

    def finish(self) -> None:
        """Complete the file."""
        for seat in self._seats:
            seat.play_to(float("inf"))
        self._container.mux(self._video.encode())
        if self._mix is not None:
            for number in range(len(self._heard)):
                self._mix.hear(number, None)
            self._write_sound()
            self._container.mux(self._audio.encode())
        self._container.close()


def main(root: Path, session: str, order: Sequence[str]) -> int:
    """Make the file piece by piece as long as somebody tells it to go on; the exit status."""
    _give_way()
    key = bytes.fromhex(sys.stdin.readline().strip())
    try:
        for share in make(root, session, order, key or None):
            _say(f"{share:.4f}")
            if not sys.stdin.readline():
                return 1
    except LianxinError as error:
        _say(f"fault {error.code}")
        return 1
    except OSError as error:
        _say("fault no_room" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "fault not_written")
        return 1
    return 0


def _give_way() -> None:
    """The lowest priority, also at the disk where that can be asked for."""
    os.nice(19)
    number = _IOPRIO_SET.get(platform.machine())
    if number is not None:
        _FFI.dlopen(None).syscall(number, *(_FFI.cast("long", one) for one in (_THIS_PROCESS, 0, _IDLE)))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
