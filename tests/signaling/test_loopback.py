"""A check ends by itself, and all end with the process."""

import asyncio

import pytest

from server.errors import NotFound, TooMany
from server.signaling.loopback import MOST_A_MINUTE, Loopbacks
from tests.fakes import FakeMedia
from tests.media.browsers import until


def test_a_check_ends_by_itself() -> None:
    async def work() -> None:
        media = FakeMedia()
        running = Loopbacks(media, lasts=0.05)
        token = await running.begin(owner="kiosk 1")
        assert list(media.sessions) == [token]
        async with asyncio.timeout(10):
            await until(lambda: not media.sessions)
        with pytest.raises(NotFound, match="no_such_check"):
            await running.offer(owner="kiosk 1", token=token, seat="out", sdp="x")

    asyncio.run(work())


def test_all_end_with_the_process_also_where_the_engine_is_gone() -> None:
    async def work() -> None:
        media = FakeMedia()
        running = Loopbacks(media)
        await running.begin(owner="kiosk 1")
        await running.begin(owner="kiosk 2")
        media.down = True
        await running.stop()
        media.down = False
        await running.begin(owner="kiosk 1")
        await running.stop()
        assert len(media.sessions) == 2

    asyncio.run(work())


def test_after_a_minute_one_may_check_again() -> None:
    now = 0.0

    async def work() -> None:
        nonlocal now
        running = Loopbacks(FakeMedia(), now=lambda: now)
        for _ in range(MOST_A_MINUTE):
            await running.begin(owner="kiosk 1")
            now += 1
        with pytest.raises(TooMany, match="checks_too_often"):
            await running.begin(owner="kiosk 1")
        await running.begin(owner="kiosk 2")
        now = 60.5
        await running.begin(owner="kiosk 1")
        await running.stop()

    asyncio.run(work())
