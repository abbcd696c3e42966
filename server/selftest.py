"""``lianxin selftest``: a recorded call through every media process, and a call at every TURN server, in plain words.

The last line is one JSON object. Where no media process runs, one of its own is started for it. Nothing is left behind.
"""

import asyncio
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import av

from server.console import say, text
from server.demonstration.probe import Probe
from server.errors import LianxinError
from server.media.ports import RecordedFile
from server.relay_trial import sentence, trials
from server.sealed_file import StoredFile
from server.sealing import recording_key
from server.settings import MOST_MEDIA_PROCESSES, MediaEngine, Settings, get_settings
from server.signaling.media_client import MediaClient
from server.signaling.placement import PASSING

FIND_SECONDS, START_SECONDS, CONNECT_SECONDS, TALK_SECONDS, FILES_SECONDS = 4.0, 8.0, 6.0, 4.0, 6.0
LEAST_PICTURES, LEAST_TONES, LEAST_LEVEL = 25, 8, -40.0
MOST_DELAY_MS, MOST_LOST, MOST_OFF = 400.0, 0.02, 0.5
SEATS = ("petitioner", "official")


@dataclass(frozen=True)
class Verdict:
    """What came of one call. Figures of two seats are the worse ones."""

    engine: str
    own: bool
    refused: str = ""
    pictures: int = 0
    delay_ms: float = 0.0
    lost: float = 1.0
    round_trip_ms: float | None = None
    tones: int = 0
    level_db: float = -90.0
    recorded_seats: int = 0
    recorded_seconds: float = 0.0
    clock_seconds: float = 0.0

    @property
    def picture(self) -> bool:
        """Whether both saw each other."""
        return self.pictures >= LEAST_PICTURES

    @property
    def sound(self) -> bool:
        """Whether both heard the other's tone."""
        return self.tones >= LEAST_TONES and self.level_db >= LEAST_LEVEL

    @property
    def line(self) -> bool:
        """Whether little was lost and nothing came late."""
        return self.picture and self.lost <= MOST_LOST and self.delay_ms <= MOST_DELAY_MS

    @property
    def recording(self) -> bool:
        """Whether both seats are in files that open, as long as the clock says."""
        whole = self.recorded_seats == len(SEATS)
        return whole and abs(self.recorded_seconds - self.clock_seconds) <= MOST_OFF

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not self.refused and self.picture and self.sound and self.line and self.recording


def main() -> int:
    """Call, judge, say; the exit status."""
    began = time.monotonic()
    settings = get_settings()
    verdicts, relays = asyncio.run(_all(settings)), asyncio.run(trials(settings))
    for verdict in verdicts:
        for line in sentences(verdict):
            say(line)
    for trial in relays:
        say(sentence(trial))
    passed = all(one.passed for one in verdicts) and all(one.passed for one in relays)
    told = {
        "passed": passed,
        "seconds": round(time.monotonic() - began, 1),
        "engines": [{**asdict(one), "passed": one.passed} for one in verdicts],
        "relays": [{**asdict(one), "passed": one.passed} for one in relays],
    }
    say(json.dumps(told))
    return 0 if passed else 1


async def _all(settings: Settings) -> list[Verdict]:
    found = await running(settings)
    if found:
        missing = [one.name for one in settings.media_engines if one not in found]
        verdicts = [await _judged(one, settings.sessions_dir, own=False) for one in found]
        return [*verdicts, *(Verdict(name, own=False, refused="media_unavailable") for name in missing)]
    with _own_engine() as own:
        return [await _judged(own.media_engines[0], own.sessions_dir, own=True)]


async def running(settings: Settings) -> list[MediaEngine]:
    """The media processes that answer, also those that ``serve --media`` has begun beyond the setting."""
    possible = settings.model_copy(update={"media_processes": MOST_MEDIA_PROCESSES}).media_engines
    return [one for one in possible if one.control_path.exists() and await _answers(one)]


async def _answers(engine: MediaEngine) -> bool:
    with suppress(TimeoutError):
        async with _connected(engine, FIND_SECONDS):
            return True
    return False


@asynccontextmanager
async def _connected(engine: MediaEngine, seconds: float) -> AsyncIterator[MediaClient]:
    client = MediaClient(engine.control_path)
    await client.start()
    try:
        async with asyncio.timeout(seconds):
            while not client.connected:  # noqa: ASYNC110 - a client tells events to listeners only
                await asyncio.sleep(0.02)
        yield client
    finally:
        await client.stop()


@contextmanager
def _own_engine() -> Iterator[Settings]:
    """A media process of our own on this machine, in a folder that goes away with it."""
    with tempfile.TemporaryDirectory(prefix="lianxin-") as folder:
        here = {"DATA_DIR": folder, "MEDIA_HOST": "127.0.0.1", "MEDIA_ADDRESSES": "127.0.0.1", "MEDIA_PORT": "0"}
        more = {"MEDIA_PUBLIC_PORT": "0", "MEDIA_PROCESSES": "1"}
        environment = {**os.environ, **{f"LIANXIN_{name}": value for name, value in {**here, **more}.items()}}
        process = subprocess.Popen([sys.executable, "-m", "server.media"], env=environment)
        try:
            changes = {"data_dir": Path(folder), "media_port": 0, "media_public_port": 0, "media_processes": 1}
            yield get_settings().model_copy(update=changes)
        finally:
            process.terminate()
            process.wait()


async def _judged(engine: MediaEngine, sessions_dir: Path, *, own: bool) -> Verdict:
    session = f"{PASSING}selftest-{secrets.token_hex(6)}"
    try:
        async with _connected(engine, START_SECONDS) as client:
            return await _call(client, engine, session, sessions_dir, own=own)
    except LianxinError as error:
        return Verdict(engine.name, own=own, refused=error.code)
    except TimeoutError:
        return Verdict(engine.name, own=own, refused="media_unavailable")
    finally:
        shutil.rmtree(sessions_dir / session, ignore_errors=True)


async def _call(client: MediaClient, engine: MediaEngine, session: str, sessions_dir: Path, *, own: bool) -> Verdict:
    first, second = Probe(pitch=440), Probe(pitch=1000)
    first.other, second.other = second, first
    await client.open_session(session=session)
    try:
        await client.start_recording(session=session)
        for seat, probe in zip(SEATS, (first, second), strict=True):
            answer = await client.join(session=session, seat=seat, offer=await probe.offer())
            await probe.take({"sdp": _with_own_address(answer.sdp, engine.port)})
        if await _connect(first, second):
            await asyncio.sleep(TALK_SECONDS)
        status = await client.status(session=session)
    finally:
        await first.close()
        await second.close()
        await client.close_session(session=session)
    files = await _files(client, session)
    key = recording_key(get_settings().recording_key.get_secret_value(), session)
    opened = [one for one in files if await asyncio.to_thread(opens, sessions_dir / session / one.name, key)]
    delays = [*first.delays.values(), *second.delays.values()]
    trips = [one.round_trip for one in status.seats if one.round_trip is not None]
    return Verdict(
        engine=engine.name,
        own=own,
        pictures=min(len(first.delays), len(second.delays)),
        delay_ms=round(1000 * statistics.median(delays), 1) if delays else 0.0,
        lost=round(max(first.lost, second.lost), 4),
        round_trip_ms=round(1000 * max(trips), 1) if trips else None,
        tones=min(first.recognised, second.recognised),
        level_db=round(min(first.level, second.level), 1),
        recorded_seats=len({one.seat for one in opened}),
        recorded_seconds=round(min((one.duration for one in opened), default=0.0), 2),
        clock_seconds=round(status.recording.clock, 2),
    )


def _with_own_address(sdp: str, port: int) -> str:
    """The engine's answer with this machine's own address too: the public one may not lead back from inside."""
    if not port:
        return sdp
    own = f"a=candidate:99 1 udp 1 127.0.0.1 {port} typ host\r\n"
    return sdp.replace("a=end-of-candidates", f"{own}a=end-of-candidates")


async def _connect(*probes: Probe) -> bool:
    """Wait until all see and hear; False where that does not come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CONNECT_SECONDS):
            while not all(one.frames["video"] and one.frames["audio"] for one in probes):  # noqa: ASYNC110 - counts
                await asyncio.sleep(0.02)
            return True
    return False


async def _files(client: MediaClient, session: str) -> list[RecordedFile]:
    with suppress(TimeoutError):
        async with asyncio.timeout(FILES_SECONDS):
            while True:
                if files := await client.files(session=session):
                    return list(files)
                await asyncio.sleep(0.1)
    return []


def opens(path: Path, key: bytes | None = None) -> bool:
    """Whether a recorded file opens, with the key where it is sealed, and pictures and sound come out of it."""
    with suppress(OSError, av.FFmpegError, LianxinError), StoredFile(path, key) as stored, av.open(stored, "r") as file:
        kinds = {type(frame) for frame in file.decode()}
        return {av.VideoFrame, av.AudioFrame} <= kinds
    return False


def sentences(one: Verdict) -> list[str]:
    """What a person is told of one call."""
    head = text("A media process of its own:") if one.own else text("Media process %(name)s:", name=one.engine)
    if one.refused:
        return [head, text("It does not answer or took no call. Please look at its log. (%(code)s)", code=one.refused)]
    seen = {"count": one.pictures, "ms": one.delay_ms}
    heard = {"level": one.level_db}
    lost = {"share": round(100 * one.lost, 1), "ms": one.delay_ms}
    kept = {"seats": one.recorded_seats, "seconds": one.recorded_seconds, "clock": one.clock_seconds}
    return [
        head,
        text("Picture is good: %(count)s pictures each way.", **seen)
        if one.picture
        else text(
            "No picture: only %(count)s came through. Please look at LIANXIN_MEDIA_ADDRESSES and the firewall.", **seen
        ),
        text("Sound is good: both tones were heard, %(level)s dB.", **heard)
        if one.sound
        else text("No sound: the tones were not heard, %(level)s dB.", **heard),
        text("The line is good: %(share)s %% lost, %(ms)s ms from camera to screen.", **lost)
        if one.line
        else text("The line is bad: %(share)s %% lost, %(ms)s ms. Is something else busy on this machine?", **lost),
        text("The recording is good: %(seats)s seats, %(seconds)s s, opened again.", **kept)
        if one.recording
        else text(
            "The recording is not whole: %(seats)s seats, %(seconds)s s of %(clock)s s. Is the disk full?", **kept
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
