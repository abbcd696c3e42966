"""Browsers on the live socket, without pages: they say hello, ask, and remember what they were told last."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from server.accounts.models import SignIn
from server.accounts.roles import Actor, Role
from server.accounts.service import hash_token
from server.database import writing
from server.dependencies import COOKIE
from server.signaling.messages import SUBPROTOCOL
from tests.fakes import FakeClock

Told = dict[str, Any]
END = {"outcome": "accepted", "opinion": "由住建局处理", "unit": 1, "due_on": "2026-12-08"}
PATH = "M 10 10 L 20 20 L 30 10"


def cookie_of(engine: Engine, clock: FakeClock, actor: Actor) -> str:
    """A sign-in of this actor, as the cookie holds it."""
    token = f"token of {actor.role} {actor.id}"
    with writing(engine) as db:
        if db.exec(select(SignIn).where(SignIn.token_hash == hash_token(token))).first() is None:
            kiosk = actor.role is Role.KIOSK
            now = clock.now()
            row = SignIn(token_hash=hash_token(token), created_at=now, seen_at=now, expires_at=now.replace(year=2030))
            row.kiosk_id, row.user_id = (actor.id, None) if kiosk else (None, actor.id)
            db.add(row)
    return token


class Talker:
    """One browser. ``last`` holds the newest state of each kind."""

    def __init__(self, socket: WebSocketTestSession) -> None:
        self.socket = socket
        self.last: dict[str, Told] = {}
        self._ids = itertools.count(1)

    def hear(self) -> Told:
        """The next thing told."""
        told: Told = self.socket.receive_json()
        self.last[told["type"]] = told
        return told

    def until(self, kind: str, **wanted: object) -> Told:
        """Listen until a state of this kind says what is wanted."""
        for _ in range(60):
            told = self.last.get(kind)
            if told is not None and all(told.get(name) == value for name, value in wanted.items()):
                return told
            self.hear()
        raise AssertionError(f"never told {kind} {wanted}; last {self.last.get(kind)}")

    def comes_to(self, kind: str, so: Callable[[Told], bool]) -> Told:
        """Listen until the newest state of this kind is so."""
        for _ in range(60):
            if kind in self.last and so(self.last[kind]):
                return self.last[kind]
            self.hear()
        raise AssertionError(f"{kind} never came to be so; last {self.last.get(kind)}")

    def cut_off(self) -> int:
        """Listen until the server hangs up; its code."""
        try:
            while True:
                self.hear()
        except WebSocketDisconnect as end:
            return end.code

    def ask(self, kind: str, **told: object) -> Told:
        """Send a message; its answer."""
        number = str(next(self._ids))
        self.socket.send_json({"type": kind, "id": number, **told})
        while True:
            heard = self.hear()
            if heard.get("reply_to") == number:
                return heard

    def done(self, kind: str, **told: object) -> Told:
        """Send a message that must succeed."""
        answer = self.ask(kind, **told)
        assert answer["type"] != "error", answer
        return answer


@contextmanager
def connected(client: TestClient, cookie: str | None = None, **hello: object) -> Iterator[Talker]:
    """A browser that has said hello."""
    headers = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
    with client.websocket_connect("/live", subprotocols=[SUBPROTOCOL], headers=headers) as socket:
        talker = Talker(socket)
        if hello:
            socket.send_json({"type": "hello", "id": "hello", "version": 1, **hello})
        yield talker


Open = Callable[..., Talker]
