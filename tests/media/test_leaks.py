"""500 joins, in 100 recorded sessions, leave nothing behind: no socket, task, thread, table entry or memory."""

import asyncio
import gc
import os
import threading
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from server.media.dtls import Handshake, Identity
from server.media.engine import Engine
from server.media.journal_writer import JournalWriter
from server.media.outgoing import Outgoing
from server.media.peer import Peer
from server.media.recorder import Recorder
from server.media.room import Room
from server.media.srtp import Direction
from tests.benchmarks.media.target import memory_bytes
from tests.media.browsers import until
from tests.media.raw_peer import RawPeer
from tests.media.test_traffic import engine_of, received, sound

ROUNDS, JOINS, FIRST = 100, 5, 20
KINDS = (Room, Peer, Handshake, Outgoing, Direction, Recorder, JournalWriter, RawPeer)
LEAST_OF_A_PEER = 30_000
IDENTITIES = [Identity.make() for _ in range(3)]


async def joined(engine: Engine, session: str, seat: str, peer: RawPeer) -> RawPeer:
    answer = await engine.join(session=session, seat=seat, offer=peer.offer())
    await asyncio.to_thread(peer.connect, answer.sdp)
    return peer


async def play(engine: Engine, session: str) -> None:
    """Two join; one reloads, the other starts ICE anew at another address; both talk, are recorded, and leave."""
    await engine.open_session(session=session)
    await engine.start_recording(session=session)
    await joined(engine, session, "a", RawPeer(identity=IDENTITIES[0]))
    b = await joined(engine, session, "b", RawPeer(identity=IDENTITIES[1]))
    a = await joined(engine, session, "a", RawPeer(identity=IDENTITIES[2]))
    answer = await engine.join(session=session, seat="b", offer=b.offer())
    b.move()
    b.retake(answer.sdp)
    assert await asyncio.to_thread(b.checked)
    b.send(*sound(1, 2, 3))
    a.send(*sound(1, 2, 3))
    assert len(await received(a, 3)) == len(await received(b, 3)) == 3
    gone = await joined(engine, session, "guest-1", RawPeer(identity=IDENTITIES[0]))
    gone.socket.sendto(gone.sealed(sound(1)[0]), gone.remote)
    await engine.leave(session=session, seat="guest-1")
    await engine.leave(session=session, seat="a")
    await engine.close_session(session=session)


def counted(engine: Engine) -> dict[str, int]:
    """What there is at this moment that could have been left."""
    gc.collect()
    kinds = Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, KINDS))
    traffic = engine._traffic
    return {
        **kinds,
        "tasks": len(asyncio.all_tasks()),
        "threads": len([one for one in threading.enumerate() if not one.name.startswith("asyncio_")]),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "rooms": len(engine._rooms),
        "ufrags": len(traffic._by_ufrag),
        "addresses": len(traffic._by_address),
        "listeners": len(engine._listeners),
    }


async def settled(engine: Engine) -> dict[str, int]:
    """The same, once recordings that are being closed are."""
    async with asyncio.timeout(20):
        await until(lambda: len(engine._tasks) == 1)
    return counted(engine)


def test_500_joins_and_leaves_leave_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with AsyncExitStack() as stack:
            engine = await stack.enter_async_context(engine_of(root=tmp_path))
            await engine.close_session(session="s")
            for number in range(FIRST):
                await play(engine, f"session-{number}")
            before, memory = await settled(engine), memory_bytes(os.getpid())
            for number in range(FIRST, ROUNDS):
                await play(engine, f"session-{number}")
            assert await settled(engine) == before
            assert all(kind.__name__ not in before for kind in KINDS)
            assert (before["rooms"], before["ufrags"], before["addresses"]) == (0, 0, 0)
            assert memory_bytes(os.getpid()) - memory < (ROUNDS - FIRST) * JOINS * LEAST_OF_A_PEER

    asyncio.run(run())
    assert len(list(tmp_path.iterdir())) == ROUNDS
