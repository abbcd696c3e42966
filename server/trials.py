"""Plays the trials of the planning aid, one at a time, in a process of its own, and only while no talk would suffer.

A trial stands in the database, so it goes on after a restart, from the start; the seed brings the same result. The
process that plays it waits after each piece until it is told to go on; when this process ends, that one ends too.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine

from server.background import going_on
from server.clock import Clock
from server.database import reading
from server.media.holding import claimed
from server.piecework import LOOK_SECONDS, Loads, Master, Worker, worker
from server.planning.player import RESULT, TRIAL
from server.planning.service_trials import begin_trial, end_trial, next_trial, report_trial
from server.planning.summing import Result
from server.planning.trial import Trial
from server.settings import Settings

log = structlog.get_logger()


@asynccontextmanager
async def trials(engine: Engine, clock: Clock, settings: Settings, loads: Loads) -> AsyncIterator[None]:
    """Play what is asked for until the process ends; several processes may."""
    async with going_on(Theatre(engine, clock, settings, loads).work()):
        yield


class Theatre(Master):
    """Plays the trials."""

    ours = (sys.executable, "-m", "server.planning.player")
    trouble = "trial_not_played"

    async def look(self) -> None:
        """Play the next trial, if there is one and the machine has nothing better to do."""
        trial_id = await asyncio.to_thread(self._next) if self._calm() else None
        if trial_id is None:
            return
        # One piece of background work at a time on this machine, whoever looks; the lock goes with the process.
        with claimed(self._settings.state_dir) as alone:
            trial = await self._write(begin_trial, trial_id=trial_id) if alone else None
            if trial is not None:
                await self._play(trial_id, trial)

    def _next(self) -> int | None:
        with reading(self._engine) as db:
            return next_trial(db)

    async def _play(self, trial_id: int, trial: Trial) -> None:
        async with worker(self._program) as player:
            await player.tell(TRIAL.dump_json(trial).decode())
            result = await self._attend(player, trial_id)
        log.info("trial", trial=trial_id, played=result is not None)
        if result is not None:
            await self._write(end_trial, trial_id=trial_id, result=result)

    async def _attend(self, player: Worker, trial_id: int) -> Result | None:
        """Tell the process to go on, piece by piece; what came of it. Nothing: it was stopped, or is tried again."""
        while line := await player.heard():
            word, _, told = line.partition(" ")
            if word == "result":
                with suppress(ValidationError):
                    return RESULT.validate_json(told)
                return None
            if not await self._wait_for_calm(trial_id, int(100 * float(word))):
                return None
            await player.tell()
        return None

    async def _wait_for_calm(self, trial_id: int, percent: int) -> bool:
        """Until the next piece may be played; whether it is still wanted."""
        while True:
            calm = self._calm()
            if not await self._write(report_trial, trial_id=trial_id, percent=percent, resting=not calm):
                return False
            if calm:
                return True
            await asyncio.sleep(LOOK_SECONDS)
