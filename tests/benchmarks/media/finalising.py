"""Finalising a finished session of two, beside ``ffmpeg -c copy`` of the same packets in the same run.

The journals are those of the load of this benchmark, written as the recorder writes them, encrypted.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.media.finalise import finalise
from server.media.journal_cipher import JournalCipher
from server.media.journal_format import (
    START,
    ChunkType,
    Kind,
    SegmentHeader,
    first_link,
    pack_chunk,
    pack_header,
    pack_record,
)
from server.media.recording_index import CLOSED, STARTED, IndexEntry, append_entries
from server.sealed_file import CHUNK, StoredFile
from tests.benchmarks.media.figures import Figure, Group
from tests.benchmarks.media.load import FRAME_BYTES, FRAME_PACKETS, FRAMES, KEY_EVERY, KEYFRAME, SOUND_BYTES, SOUNDS
from tests.benchmarks.media.target import memory_bytes
from tests.media.raw_peer import AUDIO, VIDEO, rtp

KEY = bytes(range(32))
SEATS = ("petitioner", "official")
MINUTES = (10, 30)
LOOK_SECONDS = 0.02
SESSION = "session"
WALL_US, MONO_US = 1_764_000_000_000_000, 5_000_000


@dataclass(frozen=True)
class Cost:
    """What a process and those it began needed."""

    seconds: float
    cpu: float
    memory_mb: float


def second_of(number: int, chance: random.Random) -> list[bytes]:
    """The records of one second of one seat, each at its instant, a few milliseconds late by chance."""
    noise = chance.randbytes(FRAME_BYTES)
    told: list[tuple[int, Kind, int | None, bytes]] = []
    for frame in range(number * FRAMES, (number + 1) * FRAMES):
        at = frame * 1_000_000 // FRAMES + chance.randrange(8_000)
        for part in range(FRAME_PACKETS):
            start = (KEYFRAME if frame % KEY_EVERY == 0 else b"\x10\x11\x02\x00") if part == 0 else b"\x00"
            packet = rtp(VIDEO, frame * FRAME_PACKETS + part, 3600 * frame, 1, start + noise[len(start) :])
            marked = packet[1] | (128 if part == FRAME_PACKETS - 1 else 0)
            told.append((at, Kind.VIDEO, None, packet[:1] + bytes([marked]) + packet[2:]))
    for sound in range(number * SOUNDS, (number + 1) * SOUNDS):
        at = sound * 1_000_000 // SOUNDS + chance.randrange(8_000)
        told.append((at, Kind.AUDIO, 30, rtp(AUDIO, sound, 960 * sound, 2, b"\x78" + noise[: SOUND_BYTES - 1])))
    told.sort(key=lambda one: one[0])
    return [pack_record(kind, MONO_US + at, level, packet) for at, kind, level, packet in told]


def write_session(folder: Path, minutes: int) -> None:
    """The journals of a session, as if it had been recorded."""
    folder.mkdir(parents=True)
    began, length = datetime(2026, 11, 24, 1, 0, tzinfo=UTC), minutes * 60
    append_entries(folder, [IndexEntry(STARTED, began, 0.0)])
    for seat in SEATS:
        chance = random.Random(seat)  # noqa: S311 - delays, nothing secret
        header = pack_header(SegmentHeader(WALL_US, MONO_US, 0))
        name = f"{seat}-0001.journal"
        cipher, link = JournalCipher(KEY, header, name), first_link(header, name)
        with (folder / name).open("wb") as stream:
            stream.write(header)
            for second in range(length):
                span = (second * 1_000_000, second * 1_000_000 + 999_999)
                body = b"".join(second_of(second, chance))
                chunk = pack_chunk(ChunkType.SEALED, second + 1, span, body, link, cipher.close)
                stream.write(chunk)
                link = chunk[-len(START) :]
    append_entries(folder, [IndexEntry(CLOSED, began + timedelta(seconds=length), float(length))])


def memory_of_all(pid: int) -> int:
    """The memory that a process and those it began have to themselves; none of one that is gone."""
    try:
        begun = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return memory_bytes(pid) + sum(memory_of_all(int(one)) for one in begun)
    except (OSError, ValueError):
        return 0


def cost_of(command: Sequence[str], given: bytes = b"") -> Cost:
    """Run a program to its end."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert child.stdin is not None
    child.stdin.write(given)
    child.stdin.close()
    ended, most = 0, 0
    while not ended:
        time.sleep(LOOK_SECONDS)
        ended, status, used = os.wait4(child.pid, os.WNOHANG)
        most = max(most, memory_of_all(child.pid))
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{command[0]} failed")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, most / 2**20)


def finalising_figures(wanted: frozenset[str]) -> Iterator[Figure]:
    """Seconds and memory for half an hour, and for ten minutes, to see that memory does not grow with the length."""
    for minutes in (one for one in MINUTES if wanted & set(_names(one))):
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            write_session(root / SESSION, minutes)
            ours = cost_of((sys.executable, "-m", "server.media.finalise", str(root), SESSION), KEY)
            yield _figure(minutes, "", ours.seconds, "s") | _peer(root, minutes)
            yield _figure(minutes, "_cpu", ours.cpu, "s")
            yield _figure(minutes, "_memory", ours.memory_mb, "MB")


def _names(minutes: int) -> tuple[str, ...]:
    return tuple(f"finalise_{minutes}min{what}" for what in ("", "_cpu", "_memory"))


def _figure(minutes: int, what: str, value: float, unit: str) -> Figure:
    packets = len(SEATS) * minutes * 60 * (FRAMES * FRAME_PACKETS + SOUNDS)
    return {"name": f"finalise_{minutes}min{what}", "value": round(value, 2), "unit": unit, "n": packets}


def _peer(root: Path, minutes: int) -> Figure:
    """The same packets copied from WebM to WebM, a program a seat; nothing where there is no ffmpeg."""
    if shutil.which("ffmpeg") is None:
        return {}
    finalise(root, SESSION, KEY)
    seconds = 0.0
    for seat in SEATS:
        plain, copied = root / f"{seat}.webm", root / f"{seat}-copied.webm"
        _open(root / SESSION / f"{seat}.webm", plain)
        seconds += cost_of(("ffmpeg", "-v", "error", "-i", str(plain), "-c", "copy", str(copied))).seconds
    return {"peer": "ffmpeg -c copy", "peer_value": round(seconds, 2)}


def _open(sealed: Path, plain: Path) -> None:
    """A sealed file as it plays."""
    with StoredFile(sealed, KEY) as stored, plain.open("wb") as target:
        while piece := stored.read(CHUNK):
            target.write(piece)


FINALISING = Group(tuple(name for minutes in MINUTES for name in _names(minutes)), finalising_figures)
