"""Checks that run at this moment: each a room in an engine of its own, for the one who began it. Nothing is recorded.

A kiosk sends on the seat ``out`` and receives the same on the seat ``back``: packets take the way of a real talk.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from server.errors import LianxinError, NotFound, TooMany
from server.media.ports import MediaPort
from server.signaling.placement import PASSING

LASTS_SECONDS = 20.0
MOST_AT_ONCE = 8
MOST_A_MINUTE = 6
SEATS = frozenset({"out", "back"})


@dataclass
class _Check:
    owner: str
    end: asyncio.Task[None] | None = field(default=None, repr=False)


class Loopbacks:
    """The running checks by token. ``owner`` is who may use one: nobody else finds it."""

    def __init__(
        self, media: MediaPort, *, lasts: float = LASTS_SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._media, self._lasts, self._now = media, lasts, now
        self._checks: dict[str, _Check] = {}
        self._began: dict[str, deque[float]] = {}

    async def begin(self, *, owner: str) -> str:
        """Begin a check; one that the owner left running ends. Raises ``TooMany``, ``Unavailable("media_full")``."""
        self._allow(owner)
        for token in [token for token, one in self._checks.items() if one.owner == owner]:
            await self.end(owner=owner, token=token)
        if len(self._checks) >= MOST_AT_ONCE:
            raise TooMany("checks_running", "Other points are checking at this moment. Please try again in a minute.")
        token = PASSING + secrets.token_urlsafe(18)
        check = self._checks[token] = _Check(owner)
        try:
            await self._media.open_session(session=token)
        except LianxinError:
            del self._checks[token]
            raise
        check.end = asyncio.create_task(self._end_later(token))
        return token

    def _allow(self, owner: str) -> None:
        now = self._now()
        self._began = {one: times for one, times in self._began.items() if now - times[-1] < 60}
        times = self._began.setdefault(owner, deque(maxlen=MOST_A_MINUTE))
        if len(times) == MOST_A_MINUTE and now - times[0] < 60:
            raise TooMany("checks_too_often", "That was often. Please wait a minute before the next check.")
        times.append(now)

    async def offer(self, *, owner: str, token: str, seat: str, sdp: str) -> str:
        """Answer the offer of one of the two connections."""
        self._own(owner, token)
        if seat not in SEATS:
            raise _no_such_check()
        return (await self._media.join(session=token, seat=seat, offer=sdp)).sdp

    async def end(self, *, owner: str, token: str) -> None:
        """End a check before its time."""
        self._own(owner, token)
        check = self._checks.pop(token)
        if check.end is not None:
            check.end.cancel()
        with suppress(LianxinError):
            await self._media.close_session(session=token)

    async def stop(self) -> None:
        """End all of them."""
        for token, check in list(self._checks.items()):
            await self.end(owner=check.owner, token=token)

    def _own(self, owner: str, token: str) -> None:
        check = self._checks.get(token)
        if check is None or check.owner != owner:
            raise _no_such_check()

    async def _end_later(self, token: str) -> None:
        await asyncio.sleep(self._lasts)
        del self._checks[token]
        with suppress(LianxinError):
            await self._media.close_session(session=token)


def _no_such_check() -> NotFound:
    return NotFound("no_such_check", "This check is over. Please check again.")
