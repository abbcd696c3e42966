"""Talks through the real engine, recorded, finalised and opened again."""

import asyncio
import time
from functools import partial
from pathlib import Path

from server.demonstration.synthetic import SyntheticPeer
from server.media.engine import Engine
from server.media.finalise import finalise_apart
from server.media.manifest import read_files
from server.media.ports import Alarm, EventKind, MediaEvent
from server.media.recorder import Recorder
from server.media.recording_index import read_index
from server.media.seal import read_seal
from server.media.verify_recording import status, verify
from tests.media.browsers import until
from tests.media.packets import decode

SECONDS = 12.0


async def talk_through_engine(root: Path) -> float:
    """Two moving, sounding people for twelve seconds; how long the recording ran by the clock."""
    events: list[MediaEvent] = []
    engine = Engine(
        host="127.0.0.1",
        port=0,
        addresses=["127.0.0.1"],
        sinks=lambda session: Recorder(root=root, session=session),
        seal=lambda session: read_seal(root / session),
        finalise=partial(finalise_apart, root),
        recorded=partial(read_files, root),
    )
    engine.subscribe(events.append)
    await engine.start()
    await engine.open_session(session="s")
    people = {"petitioner": SyntheticPeer(pitch=330, shade=90), "official": SyntheticPeer(pitch=440, shade=180)}
    for seat, peer in people.items():
        answer = await engine.join(session="s", seat=seat, offer=await peer.offer())
        await peer.take({"sdp": answer.sdp})
    async with asyncio.timeout(20):
        await until(lambda: all(min(peer.frames.values()) > 5 for peer in people.values()))
    began = time.monotonic()
    await engine.start_recording(session="s")
    await asyncio.sleep(SECONDS / 2)
    await engine.mark(session="s", kind="paper", detail="half")
    await asyncio.sleep(SECONDS / 2)
    state = (await engine.status(session="s")).recording
    assert state.alarm is None
    length = time.monotonic() - began
    await engine.close_session(session="s")
    async with asyncio.timeout(30):
        await until(lambda: EventKind.FINALISED in [event.kind for event in events])
    assert [event.detail for event in events if event.kind is EventKind.SEALED] == [read_seal(root / "s")]
    assert list(await engine.files(session="s")) == read_files(root, "s")
    for peer in people.values():
        await peer.close()
    await engine.stop()
    return length


def test_a_talk_through_the_engine_is_there_afterwards(tmp_path: Path) -> None:
    length = asyncio.run(talk_through_engine(tmp_path))
    files = {file.seat: file for file in read_files(tmp_path, "s")}
    assert files.keys() == {"petitioner", "official"}
    for file in files.values():
        told = decode(tmp_path / "s" / file.name)
        assert abs(told.duration - length) < 0.01 * length
        assert told.pictures[0] < 2.0
        assert told.pictures[-1] > length - 1.0
        assert len(told.pictures) > 8 * SECONDS
        assert told.loud[0] < 2.0
        assert 0.5 < len(told.loud) / len(told.sound) < 0.85
        assert 3 <= len(file.speech) <= 6
        assert file.gaps == ()
    assert status(verify(tmp_path / "s", read_seal(tmp_path / "s"))) == 0
    paper = next(entry for entry in read_index(tmp_path / "s") if entry.event == "paper")
    assert abs(paper.offset - SECONDS / 2) < 0.1


async def tapped_on_a_broken_disk(root: Path) -> list[tuple[EventKind, Alarm | None]]:
    """What is told of a recording where nothing can be written, the tap on "record again" included."""
    told: list[tuple[EventKind, Alarm | None]] = []
    sinks = partial(Recorder, root=root, flush_seconds=0.05)
    engine = Engine(host="127.0.0.1", port=0, addresses=["127.0.0.1"], sinks=lambda session: sinks(session=session))
    engine.subscribe(lambda event: told.append((event.kind, event.alarm)))
    await engine.start()
    await engine.open_session(session="s")
    async with asyncio.timeout(10):
        for taps in (1, 2):
            await engine.start_recording(session="s")
            await until(lambda taps=taps: len(told) == taps)  # type: ignore[misc]
    await engine.stop()
    return told


def test_a_tap_that_mends_nothing_is_told_again(tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(b"")
    told = asyncio.run(tapped_on_a_broken_disk(tmp_path / "a file"))
    assert told == [(EventKind.RECORDING_ALARM, Alarm.DISK)] * 2
