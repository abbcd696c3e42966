"""A MediaPort that asks the media process over its control socket, and finds it again when it was gone."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from pydantic import TypeAdapter

from server import errors
from server.media.ports import (
    Answer,
    EngineLoad,
    EventKind,
    MediaEvent,
    RecordedFile,
    RecordingState,
    SessionStatus,
)

log = structlog.get_logger()
MAX_LINE = 16 * 1024 * 1024
PATIENCE = 3.0
_KINDS = {kind.__name__: kind for kind in errors.LianxinError.__subclasses__()}
_ANSWER = TypeAdapter(Answer)
_STATE = TypeAdapter(RecordingState)
_STATUS = TypeAdapter(SessionStatus)
_FILES = TypeAdapter(list[RecordedFile])
_LOAD = TypeAdapter(EngineLoad)
_EVENT = TypeAdapter(MediaEvent)


def unavailable() -> errors.Unavailable:
    """The engine does not answer."""
    return errors.Unavailable("media_unavailable", "The video connection is being set up again. Please wait a moment.")


class MediaClient:
    """See EnginePort. ``ENGINE_READY`` comes with every connection; its ``detail`` names the engine's run.

    ``tried`` says that the engine was looked for at least once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.tried = False
        self._listeners: list[Callable[[MediaEvent], None]] = []
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the media process answers at this moment."""
        return self._writer is not None

    async def start(self) -> None:
        """Begin to look for the media process."""
        self._task = asyncio.create_task(self._keep_connected())

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep_connected(self) -> None:
        while True:
            with suppress(OSError, ValueError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_unix_connection(self._path, limit=MAX_LINE)
                try:
                    await self._listen(reader, writer)
                finally:
                    self._lost(writer)
            self.tried = True
            await asyncio.sleep(random.uniform(0.05, 0.25))  # noqa: S311 - jitter, nothing secret

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = json.loads(await reader.readline() or b"{}").get("hello")
        if hello is None:
            return
        self._writer, self.tried = writer, True
        self._report(MediaEvent(EventKind.ENGINE_READY, detail=str(hello["boot"])))
        while line := await reader.readline():
            self._take(json.loads(line))

    def _take(self, told: dict[str, Any]) -> None:
        if "event" in told:
            self._report(_EVENT.validate_python(told["event"]))
            return
        waiting = self._waiting.pop(told.get("id") or 0, None)
        if waiting is None or waiting.done():
            return
        error = told.get("error")
        if error is None:
            waiting.set_result(told["done"])
        else:
            kind = _KINDS.get(error["kind"], errors.Unavailable)
            waiting.set_exception(kind(error["code"], error["message"], params=error["params"]))

    def _lost(self, writer: asyncio.StreamWriter) -> None:
        was, self._writer = self._writer, None
        writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(unavailable())
        self._waiting.clear()
        if was is not None:
            self._report(MediaEvent(EventKind.ENGINE_LOST))

    def _report(self, event: MediaEvent) -> None:
        for listener in self._listeners:
            listener(event)

    async def _ask(self, verb: str, **told: str) -> Any:
        writer, number = self._writer, next(self._numbers)
        if writer is None:
            raise unavailable()
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        writer.write(json.dumps({"id": number, "verb": verb, **told}).encode() + b"\n")
        try:
            return await asyncio.wait_for(waiting, PATIENCE)
        except TimeoutError as error:
            raise unavailable() from error
        finally:
            self._waiting.pop(number, None)

    async def open_session(self, *, session: str) -> None:
        """See MediaPort."""
        await self._ask("open_session", session=session)

    async def join(self, *, session: str, seat: str, offer: str) -> Answer:
        """See MediaPort."""
        return _ANSWER.validate_python(await self._ask("join", session=session, seat=seat, offer=offer))

    async def leave(self, *, session: str, seat: str) -> None:
        """See MediaPort."""
        await self._ask("leave", session=session, seat=seat)

    async def start_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        return _STATE.validate_python(await self._ask("start_recording", session=session))

    async def pause_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        return _STATE.validate_python(await self._ask("pause_recording", session=session))

    async def mark(self, *, session: str, kind: str, detail: str = "") -> None:
        """See MediaPort."""
        await self._ask("mark", session=session, kind=kind, detail=detail)

    async def close_session(self, *, session: str) -> None:
        """See MediaPort."""
        await self._ask("close_session", session=session)

    async def status(self, *, session: str) -> SessionStatus:
        """See MediaPort."""
        return _STATUS.validate_python(await self._ask("status", session=session))

    async def files(self, *, session: str) -> Sequence[RecordedFile]:
        """See MediaPort."""
        return _FILES.validate_python(await self._ask("files", session=session))

    async def load(self) -> EngineLoad:
        """See EnginePort."""
        return _LOAD.validate_python(await self._ask("load"))

    def subscribe(self, listener: Callable[[MediaEvent], None]) -> None:
        """See MediaPort."""
        self._listeners.append(listener)
