"""Two and three synthetic browsers talk through the real engine over loopback."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.errors import NotFound
from server.media.engine import Engine
from server.media.ports import EventKind, MediaEvent, SeatState
from tests.media.browsers import Synthetic, until


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
