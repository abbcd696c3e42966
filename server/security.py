"""Walls around every request: origin, size, headers, a request id."""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

MAX_BODY = 10 * 1024 * 1024
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}


def same_origin(headers: Headers) -> bool:
    """Whether a browser says that the request comes from our own page; clients without a browser say nothing."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or (origin != "null" and urlsplit(origin).netloc == headers.get("host"))


class Walls:
    """ASGI middleware: refuses foreign writes and sockets, bounds bodies, adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it before anything reads it."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        bind_contextvars(request_id=scope["state"]["request_id"])
        headers = Headers(scope=scope)
        if scope["type"] == "websocket":
            await (self.app(scope, receive, send) if same_origin(headers) else _refuse_socket(receive, send))
            return
        answer = _with_headers(send, scope["state"]["request_id"])
        refusal = _refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        await self.app(scope, _bounded(receive), answer)


def _refusal(scope: Scope, headers: Headers) -> JSONResponse | None:
    if scope["method"] not in SAFE_METHODS and not same_origin(headers):
        return _plain("foreign_request", "请从本系统的页面上操作。", 403)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        return _plain("too_large", "内容太大了,请分几次提交。", 413)
    return None


def _plain(code: str, message: str, status: int) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "field": None}}, status_code=status)


async def _refuse_socket(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4002, "reason": "foreign_request"})


def _with_headers(send: Send, request_id: str) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["x-request-id"] = request_id
        await send(message)

    return answer


def _bounded(receive: Receive) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def next_message() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            return {"type": "http.disconnect"}
        return message

    return next_message
