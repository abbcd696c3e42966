"""The engine behind a Unix socket: JSON lines, one request or report a line (docs/protocol.md, "Control").

A client is greeted with ``{"hello": {"version", "boot"}}``; ``boot`` names this run of the process, so that a
client learns that sessions it knew are gone. Requests ``{"id", "verb", …}`` are answered ``{"id", "done"}`` or
``{"id", "error": {"kind", "code", "message", "params"}}``. Reports come as ``{"event"}`` in between.
"""

import asyncio
import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from pydantic import TypeAdapter

from server.errors import Invalid, LianxinError, Unavailable
from server.media.ports import EnginePort, MediaEvent

log = structlog.get_logger()
VERSION = 1
MAX_LINE = 256 * 1024
MAX_UNREAD = 4 * 1024 * 1024
VERBS: dict[str, frozenset[str]] = {
    "open_session": frozenset({"session"}),
    "join": frozenset({"session", "seat", "offer"}),
    "leave": frozenset({"session", "seat"}),
    "start_recording": frozenset({"session"}),
    "pause_recording": frozenset({"session"}),
    "mark": frozenset({"session", "kind", "detail"}),
    "close_session": frozenset({"session"}),
    "status": frozenset({"session"}),
    "files": frozenset({"session"}),
    "load": frozenset(),
}
_ANY: TypeAdapter[Any] = TypeAdapter(Any)


class Control:
    """Serves an engine to the processes of this machine and this user (mode 0600)."""

    def __init__(self, engine: EnginePort, path: Path) -> None:
        self._engine, self._path = engine, path
        self._boot = secrets.token_hex(8)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        engine.subscribe(self._report)

    async def start(self) -> None:
        """Listen. A socket file that a dead process left is replaced."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._client, path=self._path, limit=MAX_LINE)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Hang up on everybody."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.close()
            self._path.unlink(missing_ok=True)

    def _report(self, event: MediaEvent) -> None:
        for writer in list(self._writers):
            self._say(writer, {"event": event})

    def _say(self, writer: asyncio.StreamWriter, told: dict[str, Any]) -> None:
        if writer.transport.get_write_buffer_size() > MAX_UNREAD:
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(_ANY.dump_json(told) + b"\n")

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._say(writer, {"hello": {"version": VERSION, "boot": self._boot}})
        with suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                self._say(writer, await self._answer(line))
                await writer.drain()
        self._writers.discard(writer)
        writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        number: object = None
        try:
            request = json.loads(line) if line.startswith(b"{") else {}
            number = request.pop("id", None)
            verb, told = _read(request)
            return {"id": number, "done": await getattr(self._engine, verb)(**told)}
        except ValueError:
            return {"id": number, "error": _plain(_not_understood())}
        except LianxinError as error:
            return {"id": number, "error": _plain(error)}
        except Exception as error:
            # One talk's fault must not take the line away from all the others.
            log.error("verb_failed", exc_info=error)
            return {"id": number, "error": _plain(_fault())}


def _fault() -> Unavailable:
    return Unavailable("media_fault", "This did not work. Please try it again, or reload the page.")


def _not_understood() -> Invalid:
    return Invalid("bad_request", "This request was not understood.")


def _read(request: dict[str, Any]) -> tuple[str, dict[str, str]]:
    verb = request.pop("verb", None)
    wanted = VERBS.get(verb) if isinstance(verb, str) else None
    if wanted is None or not set(request) <= wanted or not all(isinstance(one, str) for one in request.values()):
        raise _not_understood()
    if not wanted - {"detail"} <= set(request):
        raise _not_understood()
    return str(verb), request


def _plain(error: LianxinError) -> dict[str, Any]:
    params = {name: str(value) for name, value in error.params.items()}
    return {"kind": type(error).__name__, "code": error.code, "message": error.message, "params": params}
