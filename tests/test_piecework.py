"""A program that works piece by piece: nothing of it is left, whenever its master stops."""

import asyncio
import sys

import pytest

from server.piecework import worker
from tests.background import children

HEARS = (sys.executable, "-c", "import sys; print('here', flush=True); sys.stdin.read()")


SLOW = (*HEARS[:2], f"{HEARS[2]}; import time; time.sleep(1)")


async def use(program: tuple[str, ...] = HEARS) -> None:
    async with worker(program) as made:
        await made.heard()
        await asyncio.sleep(60)


async def stopped_after(steps: int) -> None:
    task = asyncio.create_task(use())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("steps", range(12))
def test_a_master_that_stops_at_any_moment_leaves_no_program_behind(steps: int) -> None:
    before = set(children())
    asyncio.run(stopped_after(steps))
    assert set(children()) - before == set()


async def stopped_twice() -> None:
    task = asyncio.create_task(use(SLOW))
    for _ in range(2):
        await asyncio.sleep(0.3)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_master_that_is_told_twice_to_stop_waits_for_the_end_too() -> None:
    before = set(children())
    asyncio.run(stopped_twice())
    assert set(children()) - before == set()


def test_it_is_heard_and_ends_with_its_block() -> None:
    async def all_of_it() -> str:
        async with worker(HEARS) as made:
            return await made.heard()

    before = set(children())
    assert asyncio.run(all_of_it()) == "here\n"
    assert set(children()) - before == set()
