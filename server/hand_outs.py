"""Makes the files for handing out, one at a time, in a process of its own, and only while no talk would suffer.

The work stands in the database, so it goes on after a restart, from the start. The process that makes it waits after
each second of the talk until it is told to go on; when this process ends, that one ends too.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import Engine

from server.background import going_on
from server.clock import Clock
from server.database import reading
from server.media.holding import claimed
from server.media.ports import SIDE_BY_SIDE
from server.petitions.player import FIRST
from server.petitions.service_hand_out import Work, begin_hand_out, end_hand_out, next_hand_out, report_hand_out
from server.piecework import LOOK_SECONDS, Loads, Master, Worker, worker
from server.sealing import recording_key
from server.settings import Settings
from server.storage import LEAST_FREE_BYTES, free_bytes

log = structlog.get_logger()
NO_ROOM, TO_BE_TRIED_AGAIN = "no_room", "again"


@asynccontextmanager
async def hand_outs(engine: Engine, clock: Clock, settings: Settings, loads: Loads) -> AsyncIterator[None]:
    """Make what is asked for until the process ends; several processes may."""
    async with going_on(Workshop(engine, clock, settings, loads).work()):
        yield


class Workshop(Master):
    """Makes the files."""

    ours = (sys.executable, "-m", "server.media.side_by_side")
    trouble = "hand_out_not_made"

    async def look(self) -> None:
        """Make the next file, if there is one and the machine has nothing better to do."""
        if not self._calm():
            return
        work = await asyncio.to_thread(self._next)
        if work is None or not (self._settings.sessions_dir / work.token).is_dir():
            return
        # One at a time on this machine, whoever looks; the lock goes with the process.
        with claimed(self._settings.state_dir) as alone:
            if alone and await self._write(begin_hand_out, session_id=work.session_id):
                await self._make(work)

    def _next(self) -> Work | None:
        with reading(self._engine) as db:
            return next_hand_out(db)

    async def _make(self, work: Work) -> None:
        root = self._settings.sessions_dir
        told = (str(root), work.token, *FIRST)
        async with worker((*self._program, *told)) as made:
            fault = await self._attend(made, work)
        log.info("hand_out", session=work.token, fault=fault)
        if not fault:
            size = (root / work.token / SIDE_BY_SIDE).stat().st_size
            await self._write(end_hand_out, session_id=work.session_id, size=size)
        elif fault != TO_BE_TRIED_AGAIN:
            await self._write(end_hand_out, session_id=work.session_id, fault=fault)

    async def _attend(self, child: Worker, work: Work) -> str:
        """Tell the process to go on, piece by piece; what went wrong in the end, if anything."""
        key = recording_key(self._settings.recording_key.get_secret_value(), work.token) or b""
        await child.tell(key.hex())
        while words := (await child.heard()).split():
            if words[0] == "fault":
                return TO_BE_TRIED_AGAIN if words[-1] == "not_finalised" else words[-1]
            refused = await self._wait_for_calm(work, int(100 * float(words[0])))
            if refused:
                return refused
            await child.tell()
        return TO_BE_TRIED_AGAIN if await child.ended_badly() else ""

    async def _wait_for_calm(self, work: Work, percent: int) -> str:
        """Until the next piece may be made; why it must not be."""
        while True:
            if free_bytes(self._settings) < LEAST_FREE_BYTES:
                return NO_ROOM
            calm = self._calm()
            if not await self._write(report_hand_out, session_id=work.session_id, percent=percent, resting=not calm):
                return TO_BE_TRIED_AGAIN
            if calm:
                return ""
            await asyncio.sleep(LOOK_SECONDS)
