"""Whether each TURN server of the settings lets a browser through to the media: it is asked for what a browser asks.

Part of ``lianxin selftest``. A path to the media is asked for and given up again; nothing is sent to them.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aioice import stun, turn

from server.certificates import certificates_in
from server.clock import SystemClock
from server.console import text
from server.settings import TURN_URL, Settings
from server.signaling.relays import Relays

PATIENCE = 6.0
LASTS, REFRESHED, FIRST_CHANNEL = 60, 60, 0x4000
PORTS = {"turn": 3478, "turns": 5349}
UNAUTHORISED, FORBIDDEN = 401, 403


@dataclass(frozen=True)
class Trial:
    """What came of one server; ``problem`` is empty where browsers get through."""

    url: str
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether browsers get through."""
        return not self.problem


async def trials(settings: Settings) -> list[Trial]:
    """Try all of them at once."""
    return list(await asyncio.gather(*(_tried(one, settings) for one in settings.turn_servers)))


async def _tried(url: str, settings: Settings) -> Trial:
    try:
        async with asyncio.timeout(PATIENCE), _client(url, settings) as client:
            await client.connect()
            return Trial(url, "" if await _reaches(client, settings) else "closed")
    except ssl.SSLCertVerificationError:
        return Trial(url, "certificate")
    except stun.TransactionFailed as refusal:
        return Trial(url, "refused" if refusal.response.error_code == UNAUTHORISED else "failed")
    except (OSError, TimeoutError, stun.TransactionError):
        return Trial(url, "silent")


@asynccontextmanager
async def _client(url: str, settings: Settings) -> AsyncIterator[turn.TurnClientProtocol]:
    scheme, host, port, transport = _parts(url)
    (server,) = Relays.of(settings).told(SystemClock().now())["servers"]
    told = ((host, port), server["username"], server["credential"], LASTS, REFRESHED)
    loop = asyncio.get_running_loop()
    wire: asyncio.Transport | asyncio.DatagramTransport
    client: turn.TurnClientProtocol
    if transport == "udp":
        wire, client = await loop.create_datagram_endpoint(
            lambda: turn.TurnClientUdpProtocol(*told), remote_addr=(host, port)
        )
    else:
        secure = _trusting(settings) if scheme == "turns" else None
        wire, client = await loop.create_connection(lambda: turn.TurnClientTcpProtocol(*told), host, port, ssl=secure)
    try:
        yield client
    finally:
        if client.refresh_task is not None:
            client.refresh_task.cancel()
        wire.abort()
        await asyncio.sleep(0)


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and transport of an address that the settings have taken."""
    scheme, host, port, transport = TURN_URL.sub(r"\g<scheme> \g<host> \g<port> \g<transport>", url).split(" ")
    transport = transport or ("tcp" if scheme == "turns" else "udp")
    return scheme, host.strip("[]"), int(port or PORTS[scheme]), transport


def _trusting(settings: Settings) -> ssl.SSLContext:
    """What a kiosk trusts: the certificates of the system, and our own."""
    made = ssl.create_default_context()
    own = certificates_in(settings.state_dir).authority
    if own.exists():
        made.load_verify_locations(own)
    return made


async def _reaches(client: turn.TurnClientProtocol, settings: Settings) -> bool:
    """Whether any address of the media may be written to; one of another family than the relay's never may."""
    port = settings.media_engines[0].public_port or settings.media_engines[0].port
    for number, address in enumerate(settings.media_public_addresses):
        try:
            await client.channel_bind(FIRST_CHANNEL + number, (address, port))
        except stun.TransactionFailed as refusal:
            if refusal.response.error_code != FORBIDDEN and ":" not in address:
                raise
        else:
            return True
    return False


def sentence(one: Trial) -> str:
    """What a person is told of one server."""
    words = {
        "": text("TURN server %(url)s: it lets through to the media.", url=one.url),
        "silent": text("TURN server %(url)s: it does not answer. Does it run, and is its port open?", url=one.url),
        "certificate": text("TURN server %(url)s: its certificate is not for this name, or not trusted.", url=one.url),
        "refused": text(
            "TURN server %(url)s: it refuses our credentials. Is LIANXIN_TURN_SECRET its secret, and its clock right?",
            url=one.url,
        ),
        "closed": text("TURN server %(url)s: it does not let through to the media. See allowed-peer-ip.", url=one.url),
        "failed": text("TURN server %(url)s: it answers, but takes no call. Please look at its log.", url=one.url),
    }
    return words[one.problem]
