"""Sends the notices that are due, one at a time, until the process ends; several processes may.

A notice is claimed in one transaction, sent, and noted in another. Dying between leaves it claimed: it is not sent
again by itself (``service_sending``). A way that fails rests for a minute, so that its letters do not all fail at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from threading import Event

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.background import going_on
from server.clock import Clock
from server.database import reading, writing
from server.errors import Unavailable
from server.notices.channels import Way, ways_of
from server.notices.planning import Quiet
from server.notices.sending import Came
from server.notices.service_sending import has_work, note, tidy
from server.notices.states import SendingEvent
from server.notices.words import Channel
from server.scheduling.service_letters import next_letter
from server.settings import Settings
from server.translation import DEFAULT_LOCALE, translate

log = structlog.get_logger()
LOOK_SECONDS = 2.0
REST = timedelta(minutes=1)


@asynccontextmanager
async def outbox(
    engine: Engine, clock: Clock, settings: Settings, noticed: Callable[[str, str], None]
) -> AsyncIterator[None]:
    """Empty it until the process ends, which waits for a letter that is under way. ``noticed``: way, what came."""
    out = Outbox(engine, clock, ways_of(settings), Quiet.of(settings.quiet_hours), noticed)
    async with going_on(out.work()):
        try:
            yield
        finally:
            out.stopping.set()


class Outbox:
    """See the module."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        ways: Mapping[Channel, Way],
        quiet: Quiet,
        noticed: Callable[[str, str], None] = lambda way, came: None,
    ) -> None:
        self._engine, self._clock, self._ways, self._quiet, self._noticed = engine, clock, ways, quiet, noticed
        self._rests: dict[Channel, datetime] = {}
        self._came: dict[int, Came] = {}
        self.stopping = Event()

    async def work(self) -> None:
        """Look for letters until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            looking = asyncio.create_task(asyncio.to_thread(self.look))
            try:
                await asyncio.shield(looking)
            except asyncio.CancelledError:
                await asyncio.wait([looking])
                raise
            except (OSError, SQLAlchemyError, Unavailable) as error:
                log.error("notices_not_sent", kind=type(error).__name__)

    def look(self) -> None:
        """Send everything that is due. Blocks."""
        self._note()
        now = self._clock.now()
        with reading(self._engine) as db:
            if not has_work(db, now=now, ways=self._open(now)):
                return
        with writing(self._engine) as db:
            tidy(db, now=now)
        while not self.stopping.is_set() and self._send_next():
            pass

    def _send_next(self) -> bool:
        now = self._clock.now()
        with writing(self._engine) as db:
            out = next_letter(db, now=now, ways=self._open(now), words=_chinese)
        if out is None:
            return False
        came = self._ways[out.channel](out.letter)
        if came.event is SendingEvent.WAIT:
            self._rests[out.channel] = now + REST
        self._noticed(out.channel.value, came.event.value)
        log.info("notice", id=out.notice_id, channel=out.channel.value, came=came.event.value, fault=came.fault)
        self._came[out.notice_id] = came
        self._note()
        return True

    def _note(self) -> None:
        """What the database did not take is noted at the next look."""
        for notice_id, came in list(self._came.items()):
            with writing(self._engine) as db:
                note(db, now=self._clock.now(), notice_id=notice_id, came=came)
            del self._came[notice_id]

    def _open(self, now: datetime) -> set[Channel]:
        """The ways that may be used now: no phone rings in the quiet hours."""
        quiet = {Channel.SMS} if self._quiet.holds(now) else set()
        return {one for one in self._ways if one not in quiet and self._rests.get(one, now) <= now}


def _chinese(message: str) -> str:
    return translate(message, DEFAULT_LOCALE)
