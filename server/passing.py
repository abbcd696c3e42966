"""Offers that nobody answered go on to the next one in the line, some seconds after their time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.background import going_on
from server.clock import Clock
from server.database import reading, writing
from server.errors import LianxinError
from server.scheduling.service_offer import anything_over, expire

log = structlog.get_logger()
LOOK_SECONDS = 20.0


@asynccontextmanager
async def passing_on(engine: Engine, clock: Clock) -> AsyncIterator[None]:
    """Pass offers on until the process ends; several processes may."""
    async with going_on(_work(engine, clock)):
        yield


async def _work(engine: Engine, clock: Clock) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await asyncio.to_thread(pass_on, engine, clock)


def pass_on(engine: Engine, clock: Clock) -> int:
    """End the offers whose time is over; how many. What fails is logged and done at the next look. Blocks."""
    now = clock.now()
    try:
        with reading(engine) as db:
            if not anything_over(db, now=now):
                return 0
        with writing(engine) as db:
            return len(expire(db, now=now))
    except (SQLAlchemyError, LianxinError) as error:
        log.error("offers_not_passed_on", kind=type(error).__name__)
        return 0
