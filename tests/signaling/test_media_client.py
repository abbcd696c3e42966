"""The control socket from both ends: a real media process, a real client."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.errors import Invalid, NotFound, Unavailable
from server.media.ports import EventKind, MediaEvent, SeatState
from server.signaling.media_client import MediaClient
from tests.e2e.house import ROOT
from tests.media.browsers import Synthetic, until

PROCESS = """
import sys; from pathlib import Path; from server.media.process import run
folder = Path(sys.argv[1])
ours = "127.0.0.1"
run(control_path=folder/"m.sock", host=ours, port=0, public_addresses=[ours], recordings=folder/"sessions")
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROCESS, str(folder)], cwd=ROOT)


async def with_client(folder: Path, work: Callable[[MediaClient, list[MediaEvent]], Awaitable[None]]) -> None:
    client, events = MediaClient(folder / "m.sock"), list[MediaEvent]()
    client.subscribe(events.append)
    await client.start()
    try:
        async with asyncio.timeout(30):
            await until(lambda: client.connected)
            await work(client, events)
    finally:
        await client.stop()


def run(folder: Path, work: Callable[[MediaClient, list[MediaEvent]], Awaitable[None]]) -> None:
    process = start(folder)
    try:
        asyncio.run(with_client(folder, work))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_talk_is_recorded_and_its_files_are_told(tmp_path: Path) -> None:
    async def work(client: MediaClient, events: list[MediaEvent]) -> None:
        await client.open_session(session="s")
        assert (await client.start_recording(session="s")).recording
        ours, theirs = Synthetic(), Synthetic()
        await ours.join(client, "s", "petitioner")
        await theirs.join(client, "s", "official")
        await ours.receives(audio=80, video=30)
        status = await client.status(session="s")
        assert [one.seat for one in status.seats] == ["petitioner", "official"]
        assert status.recording.bytes > 0
        await client.mark(session="s", kind="paper", detail="x")
        await ours.close()
        await theirs.close()
        await client.close_session(session="s")
        await until(lambda: any(event.kind is EventKind.FINALISED for event in events))
        assert SeatState.CONNECTED in {event.state for event in events}
        files = await client.files(session="s")
        assert {file.seat for file in files} == {"petitioner", "official"}
        sealed = next(event.detail for event in events if event.kind is EventKind.SEALED)
        events.clear()
        await client.close_session(session="s")
        await until(lambda: any(event.kind is EventKind.FINALISED for event in events))
        assert [event.detail for event in events if event.kind is EventKind.SEALED] == [sealed]
        assert all(file.has_video and file.has_audio for file in files)

    run(tmp_path, work)


def test_errors_come_through_with_their_codes(tmp_path: Path) -> None:
    async def work(client: MediaClient, events: list[MediaEvent]) -> None:
        with pytest.raises(NotFound, match="no_such_session"):
            await client.status(session="none")
        await client.open_session(session="s")
        with pytest.raises(Invalid, match="sdp_size"):
            await client.join(session="s", seat="petitioner", offer="nonsense")
        with pytest.raises(Invalid, match="bad_request"):
            await client._ask("stop", session="s")
        with pytest.raises(Invalid, match="bad_request"):
            await client._ask("status", session="s", other="x")
        with pytest.raises(Invalid, match="bad_request"):
            await client._ask("join", session="s")

    run(tmp_path, work)


def test_a_killed_engine_is_reported_and_found_again(tmp_path: Path) -> None:
    processes = [start(tmp_path)]

    async def work(client: MediaClient, events: list[MediaEvent]) -> None:
        await client.open_session(session="s")
        processes[0].kill()
        await until(lambda: EventKind.ENGINE_LOST in {event.kind for event in events})
        with pytest.raises(Unavailable, match="media_unavailable"):
            await client.status(session="s")
        processes.append(start(tmp_path))
        await until(lambda: client.connected)
        boots = [event.detail for event in events if event.kind is EventKind.ENGINE_READY]
        assert len(set(boots)) == 2
        with pytest.raises(NotFound, match="no_such_session"):
            await client.status(session="s")

    try:
        asyncio.run(with_client(tmp_path, work))
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_without_an_engine_every_verb_says_so(tmp_path: Path) -> None:
    async def work() -> None:
        client = MediaClient(tmp_path / "m.sock")
        with pytest.raises(Unavailable, match="media_unavailable"):
            await client.open_session(session="s")

    asyncio.run(work())
