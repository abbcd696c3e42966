"""The live socket: hello, then one task that reads and one that tells, until either ends."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from server.accounts.roles import Role
from server.accounts.service import actor_of_token
from server.dependencies import COOKIE
from server.errors import Invalid, LianxinError
from server.responses import error_body, locale_of
from server.signaling import greeting, handlers, messages
from server.signaling.connection import Connection
from server.signaling.messages import MAX_BYTES, SUBPROTOCOL, Close
from server.signaling.switchboard import Switchboard

log = structlog.get_logger()
router = APIRouter()
HELLO_SECONDS, IDLE_SECONDS, RECHECK_SECONDS = 5.0, 25.0, 10.0
RATE, BURST = 20.0, 100.0


@dataclass
class Allowance:
    """A bucket of messages: ``RATE`` a second, ``BURST`` at once."""

    left: float = BURST
    at: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Whether one more message is allowed."""
        now = time.monotonic()
        self.left, self.at = min(BURST, self.left + (now - self.at) * RATE) - 1, now
        return self.left >= 0


class HangUp(Exception):
    """End the connection with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Serve one browser."""
    board: Switchboard = socket.app.state.board
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    try:
        me = await _greet(board, socket)
    except HangUp as end:
        await _close(socket, end.code)
        return
    except WebSocketDisconnect:
        return
    try:
        await board.seat(me)
        await board.tell_lists()
        await _until_one_ends(board, socket, me)
    finally:
        await board.unseat(me)
        await board.tell_lists()
    await _close(socket, me.close_code)


async def _until_one_ends(board: Switchboard, socket: WebSocket, me: Connection) -> None:
    tasks = [
        asyncio.create_task(_read(board, socket, me)),
        asyncio.create_task(_tell(socket, me)),
        asyncio.create_task(_hung_up(me)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        # Not gather: cancelled here, it would end with the cancellation of a task, which is nobody's scope's.
        await asyncio.wait(tasks)
        for error in [task.exception() for task in tasks if not task.cancelled()]:
            if isinstance(error, HangUp):
                me.close(error.code)
            elif isinstance(error, Exception) and not isinstance(error, WebSocketDisconnect):
                log.error("live_fault", kind=type(error).__name__, place=me.place.value)
                me.close(1011)


async def _hung_up(me: Connection) -> None:
    """Wait for the order to hang up, and a moment for the last words."""
    await me.hang_up.wait()
    await asyncio.sleep(0.1)


async def _tell(socket: WebSocket, me: Connection) -> None:
    while True:
        told = await me.outbox.next()
        if me.outbox.overflowed:
            raise HangUp(Close.TOO_MANY)
        await socket.send_text(json.dumps(told, ensure_ascii=False))


async def _receive(socket: WebSocket, seconds: float, silence: int) -> str:
    try:
        received = await asyncio.wait_for(socket.receive(), seconds)
    except TimeoutError as error:
        raise HangUp(silence) from error
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1005))
    text = received.get("text")
    if text is None:
        raise HangUp(Close.PROTOCOL)
    if len(text.encode()) > MAX_BYTES:
        raise HangUp(Close.TOO_LARGE)
    return str(text)


async def _greet(board: Switchboard, socket: WebSocket) -> Connection:
    text = await _receive(socket, HELLO_SECONDS, Close.BAD_HELLO)
    language = locale_of(socket)
    try:
        hello = messages.read(text)
        if not isinstance(hello, messages.Hello) or hello.version != messages.VERSION:
            raise HangUp(Close.BAD_HELLO)
        actor = await board.read(actor_of_token, token=socket.cookies.get(COOKIE), now=board.clock.now())
        me = await greeting.connection(board, actor, hello, language)
    except Invalid as error:
        raise HangUp(Close.BAD_HELLO) from error
    except LianxinError as error:
        await socket.send_text(json.dumps(_error(error, language, None), ensure_ascii=False))
        raise HangUp(Close.NOT_ALLOWED) from error
    me.outbox.reply({"type": "welcome", "reply_to": hello.id, "you": greeting.you(me)})
    return me


async def _read(board: Switchboard, socket: WebSocket, me: Connection) -> None:
    allowance, checked = Allowance(), time.monotonic()
    while True:
        text = await _receive(socket, IDLE_SECONDS, Close.IDLE)
        if not allowance.take():
            raise HangUp(Close.TOO_MANY)
        if time.monotonic() - checked > RECHECK_SECONDS:
            checked = time.monotonic()
            await _still_signed_in(board, socket, me)
        me.outbox.reply(await _answer(board, me, text))


async def _still_signed_in(board: Switchboard, socket: WebSocket, me: Connection) -> None:
    """A revoked sign-in ends the connection too; guests have none."""
    if me.actor.role is not Role.GUEST:
        actor = await board.read(actor_of_token, token=socket.cookies.get(COOKIE), now=board.clock.now())
        if actor != me.actor:
            raise HangUp(Close.NOT_ALLOWED)


async def _answer(board: Switchboard, me: Connection, text: str) -> dict[str, Any]:
    try:
        return await handlers.answer(board, me, messages.read(text))
    except LianxinError as error:
        return _error(error, me.language, messages.id_in(text))


def _error(error: LianxinError, language: str, reply_to: str | None) -> dict[str, Any]:
    return {"type": "error", "reply_to": reply_to, **error_body(error, language)["error"]}


async def _close(socket: WebSocket, code: int) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code)
