"""Stored files over HTTP: whole or one range of them, opened piece by piece and never held whole."""

from collections.abc import Iterator
from pathlib import Path

import structlog
from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Send

from server.errors import LianxinError, NotFound
from server.sealed_file import CHUNK, StoredFile
from server.sealing import current_sealer

log = structlog.get_logger()


class Unsatisfiable(Exception):
    """A range that begins after the end."""


class Piecewise(StreamingResponse):
    """A body that is broken off where the file turns out to be damaged: the connection ends, and no length is met."""

    async def stream_response(self, send: Send) -> None:
        """Send the pieces."""
        try:
            await super().stream_response(send)
        except (LianxinError, OSError) as error:
            log.error("stored_file_broken_off", code=getattr(error, "code", type(error).__name__))


def wanted(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a ``Range`` header, or None to give the whole (RFC 9110, section 14.2).

    Several ranges, other units and what is not understood get the whole. Raises ``Unsatisfiable``.
    """
    unit, _, told = header.partition("=")
    first, dash, last = (one.strip() for one in told.partition("-"))
    if unit.strip().lower() != "bytes" or dash != "-" or not all(one == "" or _is_number(one) for one in (first, last)):
        return None
    if not first:
        return _suffix(last, size)
    begin, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < begin:
        return None
    if begin >= size:
        raise Unsatisfiable
    return begin, end


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _suffix(last: str, size: int) -> tuple[int, int] | None:
    if not last:
        return None
    if int(last) == 0 or size == 0:
        raise Unsatisfiable
    return max(0, size - int(last)), size - 1


def stored_answer(request: Request, path: Path, key: bytes | None, *, media_type: str, missing: NotFound) -> Response:
    """The file, or the range of it that was asked for; call it from a thread.

    What it begins with is opened before anything is sent. Raises ``missing`` where there is no file, else
    ``Unavailable``: ``file_locked``, ``file_damaged``.
    """
    try:
        file = StoredFile(path, key)
    except OSError as error:
        raise missing from error
    headers = {"accept-ranges": "bytes", "cache-control": "private, no-store", "etag": f'"{file.tag}"'}
    try:
        span = _span(request, file, headers["etag"])
    except Unsatisfiable:
        file.close()
        return Response(status_code=416, headers=headers | {"content-range": f"bytes */{file.size}"})
    begin, end = span or (0, file.size - 1)
    headers["content-length"] = str(end - begin + 1)
    if span is not None:
        headers["content-range"] = f"bytes {begin}-{end}/{file.size}"
    if request.method == "HEAD":
        file.close()
        return Response(headers=headers, media_type=media_type)
    pieces = _pieces(file, begin, end + 1)
    return Piecewise(pieces, 206 if span else 200, headers=headers, media_type=media_type)


def paper_answer(request: Request, path: Path, media_type: str) -> Response:
    """A photographed paper that the service has found for this person."""
    missing = NotFound("no_such_photograph", "This photograph is not there any more.")
    return stored_answer(request, path, current_sealer().papers_key, media_type=media_type, missing=missing)


def _span(request: Request, file: StoredFile, tag: str) -> tuple[int, int] | None:
    header = request.headers.get("range", "")
    if request.method != "GET" or request.headers.get("if-range", tag) != tag:
        return None
    return wanted(header, file.size)


def _pieces(file: StoredFile, at: int, end: int) -> Iterator[bytes]:
    """The bytes from ``at`` to ``end``; the first piece is read now, so that its damage is told in the answer."""
    file.seek(at)
    try:
        first = file.read(min(CHUNK, end - at))
    except BaseException:
        file.close()
        raise

    def rest() -> Iterator[bytes]:
        with file:
            piece, sent = first, 0
            while piece:
                yield piece
                sent += len(piece)
                piece = file.read(min(CHUNK, end - at - sent))

    return rest()
