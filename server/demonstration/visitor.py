"""The demonstration's browsers: one that fills in pages, one on the live socket."""

import asyncio
import itertools
import json
import re
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from server.dependencies import COOKIE
from server.errors import Unavailable
from server.signaling.messages import SUBPROTOCOL, VERSION

Told = dict[str, Any]
PATIENCE = 20.0
_CODE = re.compile(r'data-code="(\w+)"')


def _refused(what: str) -> Unavailable:
    return Unavailable("demonstration_refused", "The server refused a step: %(what)s", params={"what": what})


class Pages:
    """A browser without scripts that keeps its cookie."""

    def __init__(self, address: str, token: str = "") -> None:
        self.client = httpx2.Client(base_url=address, headers={"accept": "text/html"}, timeout=PATIENCE)
        if token:
            self.client.cookies.set(COOKIE, token)

    def sign_in(self, username: str, password: str) -> Self:
        """As a member of staff."""
        self.post("/sign-in", username=username, password=password, next="/")
        return self

    def post(self, address: str, **fields: str) -> str:
        """Fill in a form; the address it leads to."""
        answer = self.client.post(address, data=fields)
        if answer.status_code != 303:
            raise _refused(f"{address} {answer.status_code} {' '.join(_CODE.findall(answer.text))}")
        return str(answer.headers["location"])

    def get(self, address: str) -> httpx2.Response:
        """Open a page."""
        answer = self.client.get(address)
        if answer.status_code != 200:
            raise _refused(f"{address} {answer.status_code}")
        return answer

    @property
    def cookie(self) -> str:
        """The sign-in."""
        return str(self.client.cookies.get(COOKIE))


class LiveSeat:
    """A seat on the live socket; remembers the newest state of each kind."""

    def __init__(self, address: str, cookie: str, hello: Told) -> None:
        self._address = address.replace("http", "ws", 1) + "/live"
        self._cookie, self._hello = cookie, hello
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Told]] = {}
        self._news = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self.last: dict[str, Told] = {}

    async def __aenter__(self) -> Self:
        headers = {"cookie": f"{COOKIE}={self._cookie}"}
        self._socket = await connect(
            self._address, subprotocols=[Subprotocol(SUBPROTOCOL)], additional_headers=headers, max_size=2**20
        )
        await self._socket.send(json.dumps({"type": "hello", "id": "hello", "version": VERSION, **self._hello}))
        self._task = asyncio.create_task(self._hear())
        await self.told("welcome")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._task is not None:
            await self._task

    async def _hear(self) -> None:
        with suppress(ConnectionClosed):
            while self._socket is not None:
                told = json.loads(await self._socket.recv())
                waiting = self._waiting.pop(told.get("reply_to") or "", None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(told)
                async with self._news:
                    self.last[told["type"]] = told
                    self._news.notify_all()

    async def told(self, kind: str, **wanted: object) -> Told:
        """Wait for a state of this kind that says what is wanted."""

        def there() -> bool:
            told = self.last.get(kind)
            return told is not None and all(told.get(name) == value for name, value in wanted.items())

        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(there)
        return self.last[kind]

    async def ask(self, kind: str, **fields: object) -> Told:
        """Send a message; its answer."""
        if self._socket is None:
            raise _refused(kind)
        number = str(next(self._ids))
        waiting: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        await self._socket.send(json.dumps({"type": kind, "id": number, **fields}))
        async with asyncio.timeout(PATIENCE):
            answer = await waiting
        if answer["type"] == "error":
            raise _refused(f"{kind} {answer['code']}")
        return answer
