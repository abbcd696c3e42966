"""80,000 broken inputs through the packet path, as datagrams of strangers and decrypted ones of seats; seeded.

With the 20,000 offers of ``test_sdp`` they are 100,000. Nothing leaves but by name, and nothing is kept of them.
"""

import asyncio
import gc
import itertools
import os
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from server.media.dtls import Handshake, Keys
from server.media.engine import Engine
from server.media.extensions import BLOCK
from server.media.feedback import nack, pli, receiver_report, remb, sender_report
from server.media.finalise import finalise
from server.media.guard import BURST
from server.media.peer import MAX_SOURCES, Peer
from server.media.recorder import Recorder
from server.media.transport_feedback import Arrivals
from server.media.udp import SLOT, SLOTS, Datagram, pack_address
from server.media.udp_plain import PlainWire
from tests.benchmarks.media.target import memory_bytes
from tests.media.blaster import alert, client_hello, hello_verify
from tests.media.packets import talk
from tests.media.raw_peer import RawPeer
from tests.media.table import OFFERS, Clear
from tests.media.test_dtls import CONTEXT, THEIRS, Browser

RTP, RTCP, STUN, DTLS = 36_000, 24_000, 16_000, 4_000
TICK = 0.01
OFFERED = {"petitioner": "chromium_three_pairs", "official": "firefox_three_pairs", "guest-1": "chromium_five_pairs"}
Make = Callable[[random.Random], bytes]


class Fed(PlainWire):
    """A wire that receives what it is fed, and sends nowhere."""

    waiting: list[tuple[bytes, bytes]]
    sent = 0

    def receive(self) -> Sequence[Datagram]:
        """See Wire."""
        came, self.waiting = self.waiting[:SLOTS], self.waiting[SLOTS:]
        for index, (data, _) in enumerate(came):
            self.inbox.data[index * SLOT : index * SLOT + len(data)] = data
        return [(len(data), address) for data, address in came]

    def received_at(self, index: int) -> float:
        """See Wire."""
        return time.time()

    def send(self, datagrams: Sequence[Datagram]) -> int:
        """See Wire."""
        assert all(0 < length <= SLOT for length, _ in datagrams)
        self.sent += len(datagrams)
        return 0


class Table:
    """An engine with three seats whose keys encrypt nothing, and a clock of its own."""

    def __init__(self, root: Path) -> None:
        self.now = 1000.0
        self.wire: Fed
        self.engine = Engine(
            host="127.0.0.1",
            port=0,
            addresses=["127.0.0.1"],
            wire=self._opened,
            sinks=lambda session: Recorder(root=root, session=session),
            now=lambda: self.now,
        )
        self.addresses = [pack_address("127.0.0.9", 1000 + number) for number in range(len(OFFERED))]

    def _opened(self, made: socket.socket) -> Fed:
        self.wire = Fed(made)
        self.wire.waiting = []
        return self.wire

    @property
    def peers(self) -> list[Peer]:
        return list(self.engine._rooms["s"].peers.values())

    async def seat(self) -> None:
        """Three browsers join, and are recorded."""
        await self.engine.start()
        await self.engine.open_session(session="s")
        for (seat, name), address in zip(OFFERED.items(), self.addresses, strict=True):
            await self.engine.join(session="s", seat=seat, offer=(OFFERS / f"{name}.sdp").read_bytes().decode())
            peer = self.engine._rooms["s"].peers[seat]
            peer.address, peer.addresses = address, [address]
            peer.keys = peer._handshake.keys = Keys(Clear(), Clear())
            self.engine._traffic._by_address[address] = (self.engine._rooms["s"], peer)
        await self.engine.start_recording(session="s")

    def feed(self, make: Make, count: int, chance: random.Random, senders: Sequence[bytes]) -> None:
        """So many inputs, while the clock goes on and everything that is done by the clock is done."""
        room = self.engine._rooms["s"]
        for batch in range(count // SLOTS + 1):
            for peer in self.peers:
                peer.guard.left = BURST
                peer.guard.sources.clear()
            self.wire.waiting = [(make(chance), chance.choice(senders)) for _ in range(SLOTS)]
            self.engine._traffic.drain()
            self.now += TICK
            for peer in self.peers:
                peer.repair(self.now)
            if batch % 20 == 0:
                room.steer(self.now)
                assert len(room.health(self.now)) == len(OFFERED)
                room.speaking(self.now)

    def sizes(self) -> dict[str, int]:
        """How much is kept in tables that an input could grow."""
        gc.collect()
        peers, traffic = self.peers, self.engine._traffic
        return {
            "ufrags": len(traffic._by_ufrag),
            "addresses": len(traffic._by_address),
            "incoming": sum(len(one.incoming) for one in peers),
            "missing": sum(len(stream.missing) for one in peers for stream in one.incoming.values()),
            "pending": sum(len(one._arrivals.pending) for one in peers),
            "reported": sum(len(stream.reported) for one in peers for stream in one.outgoing.values()),
            "resent": sum(len(one._allowance.sent) for one in peers),
        }


@asynccontextmanager
async def playing(root: Path) -> AsyncIterator[Table]:
    table = Table(root)
    try:
        await table.seat()
        yield table
    finally:
        await table.engine.stop()


def broken(data: bytes, chance: random.Random) -> bytes:
    """The same with up to four faults."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed)) if changed else 0
        match chance.randrange(7):
            case 0 if changed:
                changed[at] ^= 1 << chance.randrange(8)
            case 1 if changed:
                changed[at] = chance.choice((0, 1, 127, 128, 255))
            case 2:
                del changed[at:]
            case 3:
                del changed[at : at + chance.randint(1, 8)]
            case 4:
                changed[at:at] = chance.randbytes(chance.randint(1, 12))
            case 5:
                changed[at : at + 2] = chance.choice((b"\0\0", b"\xff\xff", b"\x7f\xff", b"\x80\0"))
            case _:
                changed += changed[at : at + 40]
    return bytes(changed[: SLOT - 200])


def media() -> Make:
    """Voices and pictures, retransmissions and redundant sound, with extensions, broken."""
    plain = [one.rtp for one in talk(2.0)]
    numbers, sequence = (111, 96, 97, 63, 109, 120, 124, 100), itertools.count()

    def make(chance: random.Random) -> bytes:
        packet = chance.choice(plain)
        packet = packet[:2] + struct.pack("!H", next(sequence) % 65536) + packet[4:]
        extension = BLOCK + b"\0\x02" + chance.randbytes(8)
        head = bytes((0x90 | chance.choice((0, 0, 0, 0x20, 2)), chance.choice(numbers) | chance.choice((0, 128))))
        whole = head + packet[2:12] + extension + packet[12:]
        return whole if chance.random() < 0.5 else broken(whole, chance)

    return make


def reports(peers: Sequence[Peer]) -> Make:
    """Everything that RTCP can say of the streams that there are, broken."""

    def make(chance: random.Random) -> bytes:
        peer = chance.choice(peers)
        known = [one.ssrc for one in peer.outgoing.values()] + list(peer.incoming) + [1]
        ssrc, arrivals = chance.choice(known), Arrivals()
        arrivals.take(chance.randrange(65536), chance.random())
        parts = [
            sender_report(ssrc, chance.getrandbits(64), chance.getrandbits(32), 5, 6),
            receiver_report(1, [struct.pack("!I", ssrc) + chance.randbytes(20) for _ in range(chance.randint(0, 3))]),
            nack(1, ssrc, [chance.randrange(65536) for _ in range(chance.randint(1, 40))]),
            pli(1, ssrc),
            b"\x84\xce\x00\x04" + bytes(8) + struct.pack("!II", ssrc, 0),
            remb(1, chance.getrandbits(chance.randint(1, 60)), [ssrc]),
            *arrivals.build(1, ssrc),
            b"\x81\xcb\x00\x01" + struct.pack("!I", ssrc),
        ]
        compound = b"".join(chance.sample(parts, chance.randint(1, 4)))
        return broken(compound, chance) if chance.random() < 0.8 else compound

    return make


def checks(table: Table) -> Make:
    """Checks that know the password, and others, broken."""
    known = [RawPeer() for _ in table.peers]
    for raw, peer in zip(known, table.peers, strict=True):
        raw.theirs = (peer.ufrag, peer.password)

    def make(chance: random.Random) -> bytes:
        peer = chance.choice(known)
        peer.ufrag = chance.choice(("x", "", "x" * 300, "a:b", "\u00e9"))
        check = peer.written_check(nominate=chance.random() < 0.5)
        return broken(check, chance) if chance.random() < 0.9 else check

    return make


def test_broken_packets_of_seats_and_strangers_raise_nothing_and_leave_nothing(tmp_path: Path) -> None:
    async def play() -> None:
        async with playing(tmp_path) as table:
            chance = random.Random(20261126)  # noqa: S311 - seeded on purpose
            strangers = [pack_address("127.0.0.9", port) for port in range(3000, 3050)]
            kinds = (
                (media(), RTP, table.addresses),
                (reports(table.peers), RTCP, table.addresses),
                (checks(table), STUN, [*strangers, *table.addresses]),
            )
            for make, count, senders in kinds:
                table.feed(make, count // 4, chance, senders)
            before, memory = table.sizes(), memory_bytes_now()
            for make, count, senders in kinds:
                table.feed(make, 3 * count // 4, chance, senders)
            after = table.sizes()
            assert table.wire.sent > 3_000
            assert after["incoming"] <= MAX_SOURCES * len(OFFERED)
            assert after["addresses"] <= before["addresses"] + 4 * len(OFFERED)
            assert after["missing"] <= 256 * after["incoming"]
            assert after["ufrags"] == len(OFFERED)
            assert after["resent"] <= 1025 * len(OFFERED)
            assert memory_bytes_now() - memory < 4_000_000

    asyncio.run(play())
    assert {one.seat for one in finalise(tmp_path, "s")} <= set(OFFERED)


def memory_bytes_now() -> int:
    gc.collect()
    return memory_bytes(os.getpid())


def test_broken_handshakes_raise_nothing() -> None:
    chance = random.Random(7)  # noqa: S311 - seeded on purpose
    ours, browser = Handshake(CONTEXT, THEIRS.fingerprint), Browser()
    hello = browser.step([])
    flight = browser.step(ours.receive(hello))
    said = [hello, flight, alert(chance), hello_verify(chance)]
    finished = 0
    for _ in range(DTLS // 20):
        ours = Handshake(CONTEXT, THEIRS.fingerprint)
        for _ in range(19):
            ours.receive(broken(chance.choice((*said, client_hello(chance))), chance))
            ours.tick()
        finished += ours.keys is not None
    assert finished == 0
