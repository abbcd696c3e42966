"""Raw peers through the engine's socket: both families and both kinds of wire, moves, restarts, stalls, strangers."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from server.media.engine import Engine
from server.media.ports import PacketSink
from server.media.recorder import Recorder
from server.media.traffic import BATCHES, STALL, open_wire
from server.media.udp import SLOTS, Datagram, Wire, pack_address
from server.media.udp_batch import BatchWire
from server.media.udp_plain import PlainWire
from tests.media.browsers import until
from tests.media.raw_peer import AUDIO, VIDEO, RawPeer, rtp

KEYFRAME, DELTA = b"\x10\x00picture", b"\x10\x01picture"
NOWHERE = pack_address("192.0.2.1", 9)
Make = Callable[[socket.socket], Wire]


@asynccontextmanager
async def engine_of(make: Make = open_wire, *, group: float = 0.0, root: Path | None = None) -> AsyncIterator[Engine]:
    def sink(session: str) -> PacketSink:
        assert root is not None
        return Recorder(root=root, session=session)

    made = Engine(host="::", port=0, addresses=["127.0.0.1", "::1"], wire=make, group=group, sinks=sink)
    await made.start()
    await made.open_session(session="s")
    try:
        yield made
    finally:
        await made.stop()


async def joined(engine: Engine, seat: str, peer: RawPeer) -> RawPeer:
    answer = await engine.join(session="s", seat=seat, offer=peer.offer())
    await asyncio.to_thread(peer.connect, answer.sdp)
    return peer


async def two(engine: Engine, *, host: str = "127.0.0.1") -> tuple[RawPeer, RawPeer]:
    return await joined(engine, "a", RawPeer(host)), await joined(engine, "b", RawPeer())


async def received(peer: RawPeer, count: int) -> list[tuple[int, bytes]]:
    """Sequence numbers and payloads of the next packets."""
    packets = await asyncio.to_thread(peer.packets, count)
    return [(struct.unpack_from("!H", one, 2)[0], one[12:]) for one in packets]


def sound(*sequences: int, ssrc: int = 7) -> list[bytes]:
    return [rtp(AUDIO, one, 960 * one, ssrc, b"sound%d" % one) for one in sequences]


@pytest.mark.parametrize("make", [open_wire, PlainWire])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_packets_pass_both_ways_between_both_families(make: Make, host: str) -> None:
    async def play() -> None:
        async with engine_of(make) as engine:
            a, b = await two(engine, host=host)
            a.send(*sound(5, 6, 7))
            assert await received(b, 3) == [(5, b"sound5"), (6, b"sound6"), (7, b"sound7")]
            b.send(rtp(VIDEO, 1, 0, 9, KEYFRAME + bytes(1430)))
            assert await received(a, 1) == [(1, KEYFRAME + bytes(1430))]

    asyncio.run(play())


def test_a_burst_of_more_than_a_batch_arrives_whole_and_in_order() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            a.send(*sound(*range(400)))
            assert [number for number, _ in await received(b, 400)] == list(range(400))

    asyncio.run(play())


def test_what_gathers_while_much_comes_arrives_whole_and_in_order() -> None:
    async def play() -> None:
        async with engine_of(group=0.004) as engine:
            a, b = await two(engine)
            for first in range(0, 4000, 40):
                a.send(*sound(*range(first, first + 40)))
                assert [number for number, _ in await received(b, 40)] == list(range(first, first + 40))

    asyncio.run(play())


def test_a_changed_address_goes_on_with_the_next_check_and_not_before() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            a.send(*sound(1))
            assert len(await received(b, 1)) == 1
            a.move()
            dropped = engine.dropped
            a.send(*sound(2))
            b.send(*sound(1, ssrc=8))
            await until(lambda: engine.dropped > dropped)
            assert await asyncio.to_thread(a.checked)
            a.send(*sound(3))
            b.send(*sound(2, ssrc=8))
            assert [payload for _, payload in await received(b, 1)] == [b"sound3"]
            assert [payload for _, payload in await received(a, 1)] == [b"sound2"]

    asyncio.run(play())


def test_a_check_that_does_not_nominate_moves_nothing() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            elsewhere = RawPeer(ufrag=a.ufrag, remote_of=a)
            assert await asyncio.to_thread(elsewhere.checked, nominate=False)
            b.send(*sound(1))
            assert len(await received(a, 1)) == 1

    asyncio.run(play())


def test_a_forged_check_moves_nothing_and_gets_no_answer() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            thief = RawPeer(ufrag=a.ufrag, remote_of=a)
            dropped = engine.dropped
            thief.check(password="guessed-guessed-guessed")  # noqa: S106 - it is no secret
            assert await asyncio.to_thread(thief.wait, 0.2) == []
            assert engine.dropped == dropped + 1
            b.send(*sound(1))
            assert len(await received(a, 1)) == 1

    asyncio.run(play())


def test_a_restart_keeps_the_keys_and_the_old_ufrag_while_it_lasts() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            before = a.theirs
            answer = await engine.join(session="s", seat="a", offer=a.offer())
            a.move()
            assert await asyncio.to_thread(a.checked)
            a.retake(answer.sdp)
            assert a.theirs != before
            assert await asyncio.to_thread(a.checked)
            a.send(*sound(1))
            assert len(await received(b, 1)) == 1

    asyncio.run(play())


def test_what_comes_from_an_address_without_a_check_is_dropped() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, _ = await two(engine)
            stranger = RawPeer(remote_of=a)
            dropped = engine.dropped
            for data in (b"", b"\x16\xfe\xfd" + bytes(50), b"\x80" + os.urandom(100), bytes(3000), b"\xff" * 20):
                stranger.socket.sendto(data, a.remote)
            await until(lambda: engine.dropped == dropped + 5)

    asyncio.run(play())


def test_after_a_standstill_the_backlog_is_recorded_but_not_passed_on(tmp_path: Path) -> None:
    class Delayed(BatchWire):
        behind = 0.0

        def received_at(self, index: int) -> float:
            return super().received_at(index) - Delayed.behind

    async def play() -> None:
        async with engine_of(Delayed, root=tmp_path) as engine:
            a, b = await two(engine)
            await engine.start_recording(session="s")
            a.send(*sound(1, 2))
            assert [number for number, _ in await received(b, 2)] == [1, 2]
            Delayed.behind = 10 * STALL
            a.send(*sound(3, 4, 5))
            await engine.status(session="s")
            await recorded(tmp_path, b"sound5")
            Delayed.behind = 0.0
            a.send(*sound(6, 7), rtp(VIDEO, 1, 0, 9, DELTA))
            assert await received(b, 3) == [(3, b"sound6"), (4, b"sound7"), (1, DELTA)]
            assert await asked_for_keyframe(a)

    asyncio.run(play())


def test_a_flood_leaves_turns_for_everything_else() -> None:
    class Endless(PlainWire):
        """One datagram is never taken, and counts as a full batch for ever."""

        batches = 0

        def receive(self) -> list[Datagram]:
            Endless.batches += 1
            return [(0, NOWHERE)] * SLOTS if Endless.batches < 1000 else []

    async def play() -> None:
        async with engine_of(Endless) as engine:
            stranger, seen = RawPeer(), []
            stranger.socket.sendto(b"x", ("127.0.0.1", engine.port))
            while Endless.batches < 500:
                await asyncio.sleep(0)
                seen.append(Endless.batches)
            assert max(later - before for before, later in pairwise([0, *seen])) <= BATCHES

    asyncio.run(play())


async def recorded(root: Path, payload: bytes) -> None:
    """Wait until a payload is on the disk."""

    def there() -> bool:
        return any(payload in path.read_bytes() for path in root.rglob("a-*.journal"))

    async with asyncio.timeout(10):
        await until(there)


async def asked_for_keyframe(peer: RawPeer) -> bool:
    """Whether a PLI comes among the next RTCP compounds."""
    for _ in range(100):
        for data in await asyncio.to_thread(peer.wait):
            if data[0] >= 128 and 192 <= data[1] <= 223:
                peer.slots.data[: len(data)] = data
                length = peer.inbound.open_rtcp(peer.slots.pointers[0], len(data))
                if b"\x81\xce" in bytes(peer.slots.data[: max(length, 0)]):
                    return True
    return False
