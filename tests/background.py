"""What tests of work in the background share: engines with a load, a story beside a look, the programs that run."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from server.media.ports import EngineLoad
from server.piecework import Master

IDLE = EngineLoad()
BUSY = EngineLoad(sessions=("a",), cpu=0.4, lag=0.001)


class Engines:
    """The engines' own word of their load."""

    def __init__(self) -> None:
        self.loads: list[EngineLoad | None] = [IDLE]

    def __call__(self) -> list[EngineLoad | None]:
        """As a master asks."""
        return self.loads


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - it comes from another process
            await asyncio.sleep(0.02)


def children(word: str = "") -> Iterator[int]:
    """The processes of this one that have not ended, or those that were started with ``word``."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == os.getpid() and (not word or word.encode() in words):
            yield int(path.name)


def play(master: Master, story: Callable[[], Awaitable[None]]) -> None:
    """Let the master look for work while a story goes on beside it."""

    async def both() -> None:
        looking = asyncio.create_task(master.look())
        await story()
        await looking

    asyncio.run(both())
