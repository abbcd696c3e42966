"""What must go by itself: recordings past their time, bookings that nobody finished, days of plans. Every hour."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from threading import Event
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from server.accounts.roles import Actor, Role
from server.background import going_on
from server.clock import Clock
from server.database import writing
from server.errors import Unavailable
from server.notices.service_sending import forget
from server.petitions.service_index import index_missing
from server.petitions.service_retention import clear_away, delete_recording, due_recordings, throw_drafts_away
from server.scheduling.service_holds import forget_holds
from server.scheduling.service_once import forget_answers
from server.scheduling.service_plan_days import extend_plans
from server.settings import Settings

log = structlog.get_logger()
FIRST_SECONDS = 60.0
EVERY_SECONDS = 3600.0
HOUSE = Actor(role=Role.ADMINISTRATOR, name="retention")
PLANS = Actor(role=Role.ADMINISTRATOR, name="plans")
Came = TypeVar("Came")


@asynccontextmanager
async def housekeeping(engine: Engine, clock: Clock, settings: Settings) -> AsyncIterator[None]:
    """Keep house until the process ends; several processes may."""
    stopping = Event()
    async with going_on(_go_on(partial(keep_house, engine, clock, settings, stopping))):
        try:
            yield
        finally:
            stopping.set()


async def _go_on(work: Callable[[], None]) -> None:
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        await asyncio.to_thread(work)
        await asyncio.sleep(EVERY_SECONDS)


def keep_house(engine: Engine, clock: Clock, settings: Settings, stopping: Event | None = None) -> None:
    """Delete what is due, a transaction each; ends early where ``stopping`` is set. Blocks."""
    now, days, sessions = clock.now(), settings.recording_keep_days, settings.sessions_dir
    due = _attempt(engine, partial(due_recordings, actor=HOUSE, now=now, keep_days=days))
    deletion = partial(delete_recording, actor=HOUSE, now=now, sessions_dir=sessions, keep_days=days)
    drafts = partial(throw_drafts_away, papers_dir=settings.papers_dir, keep_days=settings.draft_keep_days)
    work: list[Callable[[Session], object]] = [
        *(partial(deletion, session_id=session_id) for session_id in due or ()),
        partial(clear_away, actor=HOUSE, sessions_dir=sessions),
        partial(drafts, actor=HOUSE, now=now),
        partial(extend_plans, actor=PLANS, now=now),
        index_missing,
        partial(forget_answers, now=now),
        partial(forget_holds, now=now),
        partial(forget, now=now, keep_days=settings.notice_keep_days),
    ]
    for one in work:
        if stopping is None or not stopping.is_set():
            _attempt(engine, one)


def _attempt(engine: Engine, work: Callable[[Session], Came]) -> Came | None:
    """One piece of work; what fails is logged and tried again an hour later."""
    try:
        with writing(engine) as db:
            return work(db)
    except (OSError, SQLAlchemyError, Unavailable) as error:
        log.error("not_deleted", kind=type(error).__name__)
        return None
