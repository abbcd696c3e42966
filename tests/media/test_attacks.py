"""Who attacks from outside, from the way, or from a seat: the engine stands it, and nobody else notices."""

import asyncio
import random
import socket
import struct

import pytest
from OpenSSL import SSL

from server.errors import Invalid
from server.media.dtls import Identity
from server.media.engine import Engine
from server.media.guard import BURST, MOST_SOURCES
from server.media.peer import MAX_SOURCES, Peer
from server.media.sdp import MAX_OFFER
from tests.media.blaster import alert, client_hello, hello_verify
from tests.media.browsers import until
from tests.media.raw_peer import AUDIO, RawPeer, rtp
from tests.media.test_traffic import engine_of, joined, received, sound, two

IDENTITY = Identity.make()
FORGERIES = (client_hello, alert, hello_verify)
HANDSHAKES = 120
SOURCES = 60_000


def seat(engine: Engine, name: str) -> Peer:
    return engine._rooms["s"].peers[name]


class Beset(RawPeer):
    """A browser at whose address, and at another, a forger speaks whenever it does."""

    forger: socket.socket
    chance: random.Random

    def _flush(self, connection: SSL.Connection) -> None:
        super()._flush(connection)
        for forge in FORGERIES:
            self.forger.sendto(forge(self.chance), self.remote)
            self.socket.sendto(forge(self.chance), self.remote)


def test_none_of_120_handshakes_is_lost_to_forgers(stranger: socket.socket) -> None:
    async def play() -> None:
        async with engine_of() as engine:
            chance = random.Random(1)  # noqa: S311 - seeded on purpose
            for number in range(HANDSHAKES):
                peer = Beset(identity=IDENTITY)
                peer.forger, peer.chance = stranger, chance
                await joined(engine, "a", peer)
                assert seat(engine, "a").keys is not None, number
                await engine.leave(session="s", seat="a")

    asyncio.run(play())


def test_after_the_handshake_forgers_end_nothing(stranger: socket.socket) -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            chance = random.Random(2)  # noqa: S311 - seeded on purpose
            for _ in range(30):
                for forge in FORGERIES:
                    stranger.sendto(forge(chance), a.remote)
                    a.socket.sendto(forge(chance), a.remote)
            a.send(*sound(1, 2))
            assert [number for number, _ in await received(b, 2)] == [1, 2]
            assert not seat(engine, "a").closed

    asyncio.run(play())


def test_a_check_heard_on_the_way_and_said_again_elsewhere_moves_nothing(stranger: socket.socket) -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            check = a.written_check()
            a.socket.sendto(check, a.remote)
            stranger.sendto(check, a.remote)
            assert (await asyncio.to_thread(stranger.recv, 2048))[:2] == b"\1\1"
            a.send(*sound(1))
            b.send(*sound(*range(1, 11)))
            assert len(await received(a, 10)) == 10
            with pytest.raises(TimeoutError):
                stranger.recv(2048)

    asyncio.run(play())


def test_a_check_said_again_during_the_handshake_does_not_lead_it_astray(stranger: socket.socket) -> None:
    class Followed(RawPeer):
        """Somebody else says each of its checks again before it shakes hands."""

        def shake_hands(self) -> None:
            check = self.written_check()
            self.socket.sendto(check, self.remote)
            stranger.sendto(check, self.remote)
            assert stranger.recv(2048)[:2] == b"\1\1"
            super().shake_hands()

    async def play() -> None:
        async with engine_of() as engine:
            a, b = await joined(engine, "a", Followed()), await joined(engine, "b", RawPeer())
            b.send(*sound(1, 2))
            assert len(await received(a, 2)) == 2
            with pytest.raises(TimeoutError):
                stranger.recv(2048)

    asyncio.run(play())


def test_what_was_heard_on_the_way_is_not_taken_twice(stranger: socket.socket) -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            voices = [a.sealed(one) for one in sound(*range(1, 21))]
            report = a.sealed_report(struct.pack("!BBHI", 0x80, 201, 1, a.ssrcs[AUDIO]))
            for data in (*voices, report):
                a.socket.sendto(data, a.remote)
            assert len(await received(b, 20)) == 20
            peer, outside = seat(engine, "a"), engine.dropped
            before = peer.dropped
            for data in (*voices, report):
                a.socket.sendto(data, a.remote)
                stranger.sendto(data, a.remote)
            await until(lambda: (peer.dropped, engine.dropped) == (before + 21, outside + 42))
            a.send(*sound(21))
            assert [number for number, _ in await received(b, 1)] == [21]

    asyncio.run(play())


def test_60000_sources_of_one_seat_grow_no_table() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            a, b = await two(engine)
            a.send(*sound(1))
            assert len(await received(b, 1)) == 1
            chance = random.Random(3)  # noqa: S311 - seeded on purpose
            await asyncio.to_thread(many_sources, a, chance)
            peer = seat(engine, "a")
            await until(lambda: peer.dropped > SOURCES // 100)
            assert len(peer.guard.sources) <= MOST_SOURCES
            assert len(peer.incoming) <= MAX_SOURCES
            peer.guard.left = BURST
            a.send(*sound(2))
            assert b"sound2" in [payload for _, payload in await received(b, MAX_SOURCES)]

    asyncio.run(play())


def many_sources(peer: RawPeer, chance: random.Random) -> None:
    """Packets of one source each, and reports of one source each; with keys that are made anew before they are full."""
    for number in range(SOURCES):
        ssrc = chance.getrandbits(32)
        if number % 500 == 0:
            peer.outbound = peer.new_outbound()
        if number % 2:
            peer.send(rtp(AUDIO, number, 0, ssrc, b"many"))
        else:
            peer.socket.sendto(peer.sealed_report(struct.pack("!BBHI", 0x80, 201, 1, ssrc)), peer.remote)


def test_inner_addresses_in_an_offer_are_never_called(stranger: socket.socket) -> None:
    """The same offer makes a stock connection call there: ``test_stock_connection``."""

    async def play() -> None:
        async with engine_of() as engine:
            a = RawPeer()
            offer = with_inner(a.offer(), stranger.getsockname(), 300)
            answer = await engine.join(session="s", seat="a", offer=offer)
            assert "127.0.0.3" not in answer.sdp
            await asyncio.to_thread(a.connect, answer.sdp)
            b = await joined(engine, "b", RawPeer())
            a.send(*sound(1, 2))
            b.send(*sound(1, 2))
            assert len(await received(b, 2)) == len(await received(a, 2)) == 2
            with pytest.raises(TimeoutError):
                stranger.recv(2048)

    asyncio.run(play())


def with_inner(offer: str, inner: tuple[str, int], count: int) -> str:
    """An offer that names an inner address in every place where one can be named."""
    host, port = inner
    lines = "".join(f"a=candidate:{one} 1 udp {one} {host} {port} typ host\r\n" for one in range(count))
    offer = offer.replace("IN IP4 0.0.0.0", f"IN IP4 {host}")
    return offer.replace("a=rtcp-mux\r\n", f"a=rtcp-mux\r\na=rtcp:{port} IN IP4 {host}\r\n{lines}")


def test_2000_candidates_are_refused_by_name_and_cost_nothing() -> None:
    async def play() -> None:
        async with engine_of() as engine:
            with pytest.raises(Invalid, match="sdp_size"):
                await engine.join(session="s", seat="a", offer=with_inner(RawPeer().offer(), ("10.0.0.1", 22), 2000))
            assert len(with_inner(RawPeer().offer(), ("10.0.0.1", 22), 300)) < MAX_OFFER
            assert engine._rooms["s"].peers == {}

    asyncio.run(play())
