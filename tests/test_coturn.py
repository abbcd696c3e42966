"""What coturn, set up as docs/operations.md says, does for nobody: a client of its own making asks for it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager

import pytest
from aioice import stun, turn

from server.certificates import certificates_in, make_certificate
from server.clock import SystemClock
from server.signaling.relays import Relays
from tests.coturn import SECRET, Coturn, on_loopback, open_coturn


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    """One whose media are at 127.0.0.1."""
    folder = tmp_path_factory.mktemp("coturn")
    files = certificates_in(folder)
    make_certificate(files, names=["127.0.0.1"], now=SystemClock().now())
    with open_coturn(folder / "running", on_loopback(), media="127.0.0.1", certificate=files.server) as running:
        yield running


def credentials(*, secret: str = SECRET, seconds: int = 60) -> tuple[str, str]:
    """Name and password as the server makes them; ``seconds`` may be over."""
    relays = Relays(urls=("turn:any",), secret=secret, seconds=seconds, only=False)
    (server,) = relays.told(SystemClock().now())["servers"]
    return server["username"], server["credential"]


@asynccontextmanager
async def caller(coturn: Coturn, name: str, password: str) -> AsyncIterator[turn.TurnClientTcpProtocol]:
    """A client of its own making, as an attacker has one, with a name and a password."""
    where = (coturn.address, coturn.tcp_port)
    transport, made = await asyncio.get_running_loop().create_connection(
        lambda: turn.TurnClientTcpProtocol(where, name, password, 600, 500), *where
    )
    try:
        yield made
    finally:
        if made.refresh_task is not None:
            made.refresh_task.cancel()
        transport.close()


async def refused(work: Awaitable[object]) -> int | None:
    """The number by which coturn refuses."""
    with pytest.raises(stun.TransactionFailed) as refusal:
        await work
    return refusal.value.response.error_code


GOOD = credentials()
BAD = {
    "expired": credentials(seconds=-1),
    "forged": credentials(secret=SECRET[::-1]),
    "made longer": (f"9{GOOD[0]}", GOOD[1]),
    "without an end": (GOOD[0].split(":")[1], GOOD[1]),
}


@pytest.mark.parametrize("kind", list(BAD))
def test_credentials_that_are_not_good_open_nothing(coturn: Coturn, kind: str) -> None:
    async def attempt() -> None:
        async with caller(coturn, *BAD[kind]) as client:
            assert await refused(client.connect()) == 401

    asyncio.run(attempt())


INNER = ["127.0.0.2", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "198.51.100.1"]  # noqa: S104


def test_who_may_use_it_reaches_the_engine_and_no_inner_service(coturn: Coturn) -> None:
    async def attempt() -> None:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inner,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media,
        ):
            inner.bind(("127.0.0.2", 0))
            media.bind(("127.0.0.1", 0))
            media.setblocking(False)
            async with caller(coturn, *credentials()) as client:
                await client.connect()
                for number, address in enumerate(INNER):
                    assert await refused(client.channel_bind(0x4000 + number, (address, 53))) == 403
                with pytest.raises(stun.TransactionFailed):
                    await client.send_data(b"to an inner service", inner.getsockname())
                indicate(client, inner.getsockname())
                await client.send_data(b"to the media", media.getsockname())
                received = await asyncio.get_running_loop().sock_recv(media, 100)
            assert received == b"to the media"
            inner.setblocking(False)
            with pytest.raises(BlockingIOError):
                inner.recv(100)

    asyncio.run(attempt())


def indicate(client: turn.TurnClientTcpProtocol, address: tuple[str, int]) -> None:
    """Send without a permission."""
    message = stun.Message(message_method=stun.Method.SEND, message_class=stun.Class.INDICATION)
    message.attributes["XOR-PEER-ADDRESS"] = address
    message.attributes["DATA"] = b"to an inner service"
    client.send_stun(message, client.server)


def test_it_opens_no_tcp_connections(coturn: Coturn) -> None:
    async def attempt() -> None:
        async with caller(coturn, *credentials()) as client:
            request = stun.Message(message_method=stun.Method.ALLOCATE, message_class=stun.Class.REQUEST)
            request.attributes["REQUESTED-TRANSPORT"] = turn.TCP_TRANSPORT
            assert await refused(client.request_with_retry(request)) == 442

    asyncio.run(attempt())
