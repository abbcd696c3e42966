"""The attacks of ``test_attacks`` against a stock aiortc connection (1.16): which of them break it.

What does not break the installed version is asserted as such. A packet said again is refused by libsrtp on both sides.
"""

import asyncio
import random
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from aiortc.rtcrtpreceiver import RemoteStreamTrack

from tests.media.blaster import alert, client_hello, hello_verify
from tests.media.browsers import until
from tests.media.raw_peer import rtp
from tests.media.test_attacks import SOURCES, with_inner
from tests.media.test_sdp import mutated, offer_of

OPUS = 96
Forge = Callable[[random.Random], bytes]


class Pair:
    """Two stock connections with a voice each way; ``victim`` answers, ``address`` is where it listens."""

    def __init__(self) -> None:
        self.caller, self.victim = RTCPeerConnection(), RTCPeerConnection()
        for one in (self.caller, self.victim):
            one.addTrack(AudioStreamTrack())

    async def call(self) -> None:
        await self.caller.setLocalDescription(await self.caller.createOffer())
        await self.victim.setRemoteDescription(self.caller.localDescription)
        await self.victim.setLocalDescription(await self.victim.createAnswer())

    @property
    def address(self) -> tuple[str, int]:
        found = re.search(r"a=candidate:\S+ 1 udp \d+ ([0-9.]+) (\d+) typ host", self.victim.localDescription.sdp)
        assert found is not None
        return found[1], int(found[2])

    async def connect(self) -> None:
        await self.caller.setRemoteDescription(self.victim.localDescription)

    async def until(self, *states: str) -> None:
        async with asyncio.timeout(20):
            await until(lambda: self.victim.connectionState in states)


@asynccontextmanager
async def paired() -> AsyncIterator[Pair]:
    pair = Pair()
    await pair.call()
    yield pair
    for one in (pair.caller, pair.victim):
        await one.close()


@pytest.mark.parametrize("data", [b"", b"\x80" * 1501, b"\xbf" * 2000], ids=["empty", "1501", "2000"])
def test_one_datagram_of_anybody_closes_it(stranger: socket.socket, data: bytes) -> None:
    async def play() -> None:
        async with paired() as pair:
            await pair.connect()
            await pair.until("connected")
            stranger.sendto(data, pair.address)
            await pair.until("closed")

    asyncio.run(play())


@pytest.mark.parametrize("forge", [client_hello, alert, hello_verify])
def test_forgers_end_its_handshake(stranger: socket.socket, forge: Forge) -> None:
    async def speak(pair: Pair) -> None:
        chance = random.Random(1)  # noqa: S311 - seeded on purpose
        while True:
            stranger.sendto(forge(chance), pair.address)
            await asyncio.sleep(0.001)

    async def play() -> None:
        async with paired() as pair:
            forging = asyncio.ensure_future(speak(pair))
            await pair.connect()
            await pair.until("failed", "closed")
            forging.cancel()

    asyncio.run(play())


def test_forgers_end_nothing_after_its_handshake(stranger: socket.socket) -> None:
    async def play() -> None:
        async with paired() as pair:
            await pair.connect()
            await pair.until("connected")
            chance = random.Random(2)  # noqa: S311 - seeded on purpose
            track = pair.victim.getReceivers()[0].track
            for _ in range(20):
                for forge in (client_hello, alert, hello_verify):
                    stranger.sendto(forge(chance), pair.address)
                await track.recv()
            assert pair.victim.connectionState == "connected"

    asyncio.run(play())


def test_each_source_of_a_seat_grows_its_tables() -> None:
    """A hundredth of what ``test_60000_sources_of_one_seat_grow_no_table`` sends to us; each one stays."""

    async def play() -> None:
        async with paired() as pair:
            await pair.connect()
            await pair.until("connected")
            receiver, sender = pair.victim.getReceivers()[0], pair.caller.getSenders()[0]
            table = receiver.transport._rtp_router.ssrc_table
            for number in range(SOURCES // 100):
                await sender.transport._send_rtp(rtp(OPUS, number, 0, number + 1, b"many"))
            async with asyncio.timeout(20):
                await until(lambda: len(table) > SOURCES // 200)

    asyncio.run(play())


def test_what_nobody_reads_is_kept_without_limit() -> None:
    """The engine has no queue of decoded sound that could grow."""

    async def play() -> None:
        async with paired() as pair:
            await pair.connect()
            await pair.until("connected")
            track = pair.victim.getReceivers()[0].track
            assert isinstance(track, RemoteStreamTrack)
            async with asyncio.timeout(20):
                await until(lambda: track._queue.qsize() > 50)

    asyncio.run(play())


def test_inner_addresses_in_an_offer_are_called(stranger: socket.socket) -> None:
    async def play() -> None:
        pair = Pair()
        await pair.caller.setLocalDescription(await pair.caller.createOffer())
        offer = with_inner(pair.caller.localDescription.sdp, stranger.getsockname(), 1)
        await pair.victim.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await pair.victim.setLocalDescription(await pair.victim.createAnswer())
        stranger.settimeout(20)
        heard = await asyncio.to_thread(stranger.recv, 2048)
        assert heard[:2] == b"\0\1"
        for one in (pair.caller, pair.victim):
            await one.close()

    asyncio.run(play())


def test_mutated_offers_make_it_raise_what_nobody_named() -> None:
    """Also when it is closed again; ``test_sdp`` gives ours 20,000."""
    text = offer_of("firefox_one_pair")

    async def play() -> set[str]:
        chance, raised = random.Random(20261126), set()  # noqa: S311 - seeded on purpose
        for _ in range(150):
            connection = RTCPeerConnection()
            try:
                await connection.setRemoteDescription(RTCSessionDescription(mutated(text, chance), "offer"))
                await connection.close()
            except Exception as error:  # noqa: BLE001 - which ones, is the question
                raised.add(type(error).__name__)
        return raised

    assert {"AttributeError", "KeyError"} <= asyncio.run(play())
