"""A program of ours that works piece by piece in the background: it says how far it is and waits to go on."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from server.database import writing

LOOK_SECONDS, PATIENCE = 2.0, 10.0
MOST_LINE = 1 << 20
Came = TypeVar("Came")


class Worker:
    """The process as its master sees it."""

    def __init__(self, child: Process) -> None:
        self._child = child

    async def heard(self) -> str:
        """The next line it says; empty when it has ended."""
        return (await self._child.stdout.readline()).decode() if self._child.stdout is not None else ""

    async def tell(self, line: str = "") -> None:
        """Tell it something, or to go on. One that is gone is noticed when it says nothing more."""
        if self._child.stdin is not None:
            with suppress(ConnectionError):
                self._child.stdin.write(line.encode() + b"\n")
                await self._child.stdin.drain()

    async def ended_badly(self) -> bool:
        """Whether it ended by a fault; waits for the end."""
        return bool(await self._child.wait())


@asynccontextmanager
async def worker(program: Sequence[str]) -> AsyncIterator[Worker]:
    """Start a program; at the end of the block nobody goes on with it, and it takes away what it had begun."""
    child = await asyncio.create_subprocess_exec(*program, stdin=PIPE, stdout=PIPE, limit=MOST_LINE)
    try:
        yield Worker(child)
    finally:
        ending = asyncio.create_task(_end(child))
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:
            # Told to stop while it ends: the end takes ``PATIENCE`` at most, and nobody else would wait for it.
            await asyncio.wait([ending])
            raise


async def _end(child: Process) -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        await asyncio.wait_for(child.communicate(), PATIENCE)
    except TimeoutError:
        child.kill()
        await child.wait()


def in_transaction(engine: Engine, write: Callable[[Session], Came]) -> Came:
    """Do one verb. Blocks."""
    with writing(engine) as db:
        return write(db)
