"""One browser on the live socket: who it is, and what it is still to be told."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from server.accounts.roles import Actor
from server.signaling.messages import Place
from server.signaling.relays import Relays

MAX_REPLIES = 200


class Outbox:
    """What is to be told. Pushes are whole states, so a newer one replaces one not yet sent; replies keep their order.

    ``overflowed`` says that the browser has not read for so long that it is better cut off.
    """

    def __init__(self) -> None:
        self._replies: deque[dict[str, Any]] = deque()
        self._pushes: dict[str, dict[str, Any]] = {}
        self._sent: dict[str, dict[str, Any]] = {}
        self._something = asyncio.Event()
        self.overflowed = False

    def reply(self, told: dict[str, Any]) -> None:
        """Answer a message."""
        self.overflowed = self.overflowed or len(self._replies) >= MAX_REPLIES
        if not self.overflowed:
            self._replies.append(told)
        self._something.set()

    def push(self, kind: str, state: dict[str, Any], *, always: bool = False) -> None:
        """Tell a whole state, unless it is what was told last."""
        told = {"type": kind, **state}
        if always or self._sent.get(kind) != told:
            self._sent[kind] = self._pushes[kind] = told
            self._something.set()

    def forget(self, kind: str) -> None:
        """Tell this state again next time, whatever it is."""
        self._sent.pop(kind, None)

    async def next(self) -> dict[str, Any]:
        """Wait for what is to be told next; replies go first."""
        while not self._replies and not self._pushes:
            self._something.clear()
            await self._something.wait()
        if self._replies:
            return self._replies.popleft()
        return self._pushes.pop(next(iter(self._pushes)))


@dataclass(eq=False)
class Connection:
    """A browser that has said hello. ``key`` is unique: whoever takes the same key replaces this one.

    ``relays_until``: when it is to be told again how the engine is reached.
    """

    place: Place
    actor: Actor
    key: str
    seat: str
    language: str
    number: str | None = None
    official_id: int | None = None
    token: str | None = None
    microphone: bool = True
    camera: bool = True
    relays_until: datetime | None = None
    outbox: Outbox = field(default_factory=Outbox)
    hang_up: asyncio.Event = field(default_factory=asyncio.Event)
    close_code: int = 1000

    def as_participant(self) -> dict[str, Any]:
        """Somebody at the table without a seat of the record: a clerk who writes."""
        return {"seat": self.seat, "role": self.seat.split("-")[0], "name": self.actor.name, "post": ""}

    def tell_relays(self, relays: Relays, now: datetime) -> None:
        """Tell how the engine is reached; again when half the life of the credentials is over."""
        if self.relays_until is None or self.relays_until <= now:
            self.relays_until = now + timedelta(seconds=relays.seconds / 2)
            self.outbox.push("relays", relays.told(now))

    def close(self, code: int) -> None:
        """Hang up after what is already in the outbox."""
        self.close_code = self.close_code if self.hang_up.is_set() else code
        self.hang_up.set()
