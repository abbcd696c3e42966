"""Two and three synthetic browsers talk through the real engine over loopback."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.errors import Conflict, NotFound
from server.media.engine import Engine
from server.media.ports import EventKind, MediaEvent, SeatState
from server.media.sdp import LEVEL
from tests.media.browsers import Synthetic, until
from tests.media.raw_peer import AUDIO, RawPeer, rtp
from tests.media.table import OFFERS


@asynccontextmanager
async def running() -> AsyncIterator[Engine]:
    engine = Engine(host="127.0.0.1", port=0, addresses=["127.0.0.1"])
    await engine.start()
    await engine.open_session(session="s")
    try:
        yield engine
    finally:
        await engine.stop()


async def two(engine: Engine) -> tuple[Synthetic, Synthetic]:
    kiosk, desk = Synthetic(), Synthetic()
    await kiosk.join(engine, "s", "petitioner")
    await desk.join(engine, "s", "official")
    await asyncio.gather(kiosk.receives(audio=20, video=10), desk.receives(audio=20, video=10))
    return kiosk, desk


def test_two_see_and_hear_each_other() -> None:
    async def play() -> None:
        async with running() as engine:
            people = await two(engine)
            status = await engine.status(session="s")
            assert [(one.seat, one.state) for one in status.seats] == [
                ("petitioner", SeatState.CONNECTED),
                ("official", SeatState.CONNECTED),
            ]
            for one in people:
                await one.close()

    asyncio.run(play())


def test_a_reload_takes_the_same_seat_and_the_other_goes_on_receiving() -> None:
    async def play() -> None:
        async with running() as engine:
            kiosk, desk = await two(engine)
            await kiosk.close()
            again = Synthetic()
            await again.join(engine, "s", "petitioner")
            await asyncio.gather(desk.receives(audio=20, video=10), again.receives(audio=20, video=10))
            assert [one.seat for one in (await engine.status(session="s")).seats] == ["petitioner", "official"]
            for one in (again, desk):
                await one.close()

    asyncio.run(play())


def test_a_third_is_received_by_both() -> None:
    async def play() -> None:
        async with running() as engine:
            kiosk, desk = await two(engine)
            guest = Synthetic(video=False, extra=0)
            await guest.join(engine, "s", "guest-1")
            before = kiosk.frames["audio"], desk.frames["audio"]
            await guest.receives(audio=60, video=20)
            await asyncio.gather(kiosk.receives(audio=60, video=5), desk.receives(audio=60, video=5))
            assert kiosk.frames["audio"] > before[0]
            for one in (kiosk, desk, guest):
                await one.close()

    asyncio.run(play())


def test_somebody_who_falls_silent_is_noticed_and_comes_back() -> None:
    async def play() -> None:
        async with running() as engine:
            events: list[MediaEvent] = []
            engine.subscribe(events.append)
            kiosk, desk = await two(engine)
            await kiosk.close()
            async with asyncio.timeout(10):
                await until(lambda: ("petitioner", SeatState.LOST) in [(one.seat, one.state) for one in events])
            again = Synthetic()
            await again.join(engine, "s", "petitioner")
            await desk.receives(audio=10, video=5)
            async with asyncio.timeout(10):
                await until(lambda: [e.state for e in events if e.seat == "petitioner"][-1] is SeatState.CONNECTED)
            assert all(one.kind is EventKind.SEAT_CHANGED for one in events)
            for one in (again, desk):
                await one.close()

    asyncio.run(play())


def test_hostile_datagrams_disturb_nobody() -> None:
    async def play() -> None:
        async with running() as engine:
            kiosk, desk = await two(engine)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stun_start = b"\x00\x01\x00\x00!\x12\xa4B"
                for data in (b"", b"\x16\xfe\xfd", b"\x80" * 2000, b"\x90" + os.urandom(200), stun_start):
                    for _ in range(200):
                        stranger.sendto(data, ("127.0.0.1", engine.port))
                    await asyncio.sleep(0.02)
            await asyncio.gather(kiosk.receives(audio=20, video=10), desk.receives(audio=20, video=10))
            assert engine.dropped > 0
            for one in (kiosk, desk):
                await one.close()

    asyncio.run(play())


def test_a_session_that_was_never_opened_is_not_joined() -> None:
    async def play() -> None:
        async with running() as engine:
            with pytest.raises(NotFound, match="no_such_session"):
                await engine.join(session="other", seat="x", offer="v=0")

    asyncio.run(play())


def test_a_seventh_seat_is_refused_by_name_and_the_six_may_come_again() -> None:
    async def play() -> None:
        async with running() as engine:
            talks, listens = (OFFERS / f"chromium_{one}.sdp" for one in ("five_pairs", "listens"))
            for number in range(6):
                await engine.join(session="s", seat=f"seat-{number}", offer=talks.read_bytes().decode())
            for number in range(2):
                await engine.join(session="s", seat=f"recorder-{number}", offer=listens.read_bytes().decode())
            for offer in (talks, listens):
                with pytest.raises(Conflict, match="seats_taken"):
                    await engine.join(session="s", seat="more", offer=offer.read_bytes().decode())
            await engine.leave(session="s", seat="seat-3")
            await engine.join(session="s", seat="seat-3", offer=talks.read_bytes().decode())
            assert [one.seat for one in (await engine.status(session="s")).seats][:6] == [
                f"seat-{number}" for number in range(6)
            ]

    asyncio.run(play())


def test_who_speaks_is_reported_when_it_changes() -> None:
    async def play() -> None:
        async with running() as engine:
            events: list[MediaEvent] = []
            engine.subscribe(events.append)
            seats = [RawPeer(), RawPeer()]
            for name, peer in zip("ab", seats, strict=True):
                answer = await engine.join(session="s", seat=name, offer=with_levels(peer.offer()))
                await asyncio.to_thread(peer.connect, answer.sdp)
            seats[0].send(*(spoken(number) for number in range(10)))
            told = [EventKind.SPEAKING, EventKind.SPEAKING]
            async with asyncio.timeout(20):
                await until(lambda: [one.kind for one in events if one.kind is EventKind.SPEAKING] == told)
            assert [list(one.speaking) for one in events if one.kind is EventKind.SPEAKING] == [["a"], []]

    asyncio.run(play())


def with_levels(offer: str) -> str:
    return offer.replace("a=rtpmap:111", f"a=extmap:1 {LEVEL}\r\na=rtpmap:111")


def spoken(number: int) -> bytes:
    plain = rtp(AUDIO, number, 960 * number, 7, b"voice")
    return b"\x90" + plain[1:12] + b"\xbe\xde\x00\x01\x10\x1e\x00\x00" + plain[12:]
