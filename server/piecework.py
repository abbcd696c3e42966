"""A program of ours that works piece by piece in the background: it says how far it is and waits to go on.

The work stands in the database, so it goes on after a restart, from the start. Each piece waits until no talk would
suffer from it; when this process ends, the program ends too.
"""

import asyncio
from abc import ABC, abstractmethod
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.clock import Clock
from server.database import writing
from server.errors import Unavailable
from server.media.ports import EngineLoad
from server.settings import Settings

log = structlog.get_logger()
LOOK_SECONDS, PATIENCE = 2.0, 10.0
MOST_LINE = 1 << 20
Came = TypeVar("Came")
Loads = Callable[[], Sequence[EngineLoad | None]]
"""The load of every media process; nothing where one does not answer."""


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


class Master(ABC):
    """Looks for work and has ``program`` do it, ``ours`` in life. ``trouble`` is logged where a look failed."""

    ours: ClassVar[Sequence[str]]
    trouble: ClassVar[str]

    def __init__(
        self, engine: Engine, clock: Clock, settings: Settings, loads: Loads, program: Sequence[str] | None = None
    ) -> None:
        self._engine, self._clock, self._settings, self._loads = engine, clock, settings, loads
        self._program = program or self.ours

    async def work(self) -> None:
        """Look for work until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (OSError, SQLAlchemyError, Unavailable) as error:
                log.error(self.trouble, kind=type(error).__name__)

    @abstractmethod
    async def look(self) -> None:
        """Do the next piece of work, if there is one and the machine has nothing better to do."""

    def _calm(self) -> bool:
        return all(one is not None and one.nearly_idle for one in self._loads())

    async def _write(self, verb: Callable[..., Came], **told: Any) -> Came:
        """Do one verb of a service, in a transaction of its own."""

        def write() -> Came:
            with writing(self._engine) as db:
                return verb(db, now=self._clock.now(), **told)

        return await asyncio.to_thread(write)
