"""A room without a network: seats with offers of real browsers, hops that lose, delay and narrow, an own clock.

Everything but the sockets and the encryption is the engine's. All chance is seeded.
"""

import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.media.dtls import Identity, Keys
from server.media.extensions import BLOCK
from server.media.feedback import Incoming, nack, receiver_report, remb
from server.media.outbox import Outbox
from server.media.peer import Peer
from server.media.ports import RecordingState
from server.media.rewrite import Header, read_header
from server.media.room import Room
from server.media.rtcp import Nack, PictureLost, read_compound
from server.media.sdp import read_offer
from server.media.srtp import Direction
from tests.fakes import FakeWire
from tests.relay import Hop, Way

OFFERS = Path(__file__).parent / "offers"
IDENTITY = Identity.make()
CONTEXT = IDENTITY.context()
TICK = 0.005
LOWEST = 10_000
AUDIO, VIDEO = 111, 96


class Clear(Direction):
    """Keys that encrypt nothing."""

    def __init__(self) -> None:
        """Nothing is needed."""

    def open_rtp(self, pointer: Any, length: int) -> int:
        """See Direction."""
        return length

    open_rtcp = seal_rtp = seal_rtcp = open_rtp


def hop(seed: int, *, loss: float = 0.0, twice: float = 0.0, late: float = 0.0, rate: int = 0) -> Hop:
    """One way of a line across the country: 20 ms."""
    return Hop(seed, Way(loss, twice, late, delay=0.02, rate=rate))


@dataclass
class Seat:
    """A browser: sends and repairs a voice and a picture, takes and asks for those of the others.

    Each payload ends with the instant it was made; ``stamps`` has the newest timestamp and instant of a stream,
    ``asked`` how many packets were asked for, by clock rate.
    """

    peer: Peer
    up: Hop
    down: Hop
    ssrc: int
    rtx: bool = True
    picture_rate: int = 300_000
    level: int = 30
    numbers: dict[int, int] = field(default_factory=dict)
    history: dict[tuple[int, int], bytes] = field(default_factory=dict)
    incoming: dict[int, Incoming] = field(default_factory=dict)
    got: dict[int, dict[int, bytes]] = field(default_factory=dict)
    stamps: dict[int, tuple[int, float]] = field(default_factory=dict)
    rtcp: list[bytes] = field(default_factory=list)
    asked: Counter[int] = field(default_factory=Counter)
    keyframes: int = 0
    owed: float = 0.0
    wants_keyframe: bool = True
    transport: int = 0
    octets: int = 0
    estimate: int = 300_000

    def received(self, kind: str, pair: int = 0) -> dict[int, bytes]:
        """Payloads by sequence number on a pair."""
        return self.got.get(self.peer.stream_out(kind, pair).ssrc, {})

    def speak(self, now: float) -> None:
        """20 ms of voice."""
        self._send(AUDIO, self.ssrc, round(now * 48000), b"voice%d" % self.numbers.get(self.ssrc, 0) + bytes(70), now)

    def show(self, now: float) -> None:
        """One picture of 40 ms in packets of at most 1,000 bytes, a keyframe where one is wanted."""
        key, self.wants_keyframe = self.wants_keyframe, False
        self.keyframes += key
        self.owed = min(self.owed, 8000) + self.picture_rate * 0.04 / 8
        begins = True
        while self.owed > 0:
            size = int(min(1000, max(60, self.owed)))
            payload = (b"\x10" if begins else b"\x00") + (b"\x00" if key else b"\x01") + bytes(size)
            self.owed -= size
            self._send(VIDEO, self.ssrc + 1, round(now * 90000), payload, now)
            begins = False

    def _send(self, number: int, ssrc: int, timestamp: int, payload: bytes, now: float) -> None:
        sequence = self.numbers[ssrc] = self.numbers.get(ssrc, 0) + 1
        head = struct.pack("!BBHII", 0x90, number, sequence % 65536, timestamp % 2**32, ssrc)
        self.history[ssrc, sequence % 65536] = head + self._block() + payload + struct.pack("!d", now)
        self.up.put(self.history[ssrc, sequence % 65536], now)

    def _block(self) -> bytes:
        self.transport += 1
        numbers = bytes((0x10, self.level, 0x31)) + struct.pack("!H", self.transport % 65536)
        return BLOCK + b"\0\x02" + numbers + bytes(3)

    def hear(self, data: bytes, now: float) -> None:
        """Take what came down."""
        if 192 <= data[1] <= 223:
            self.rtcp.append(data)
            for report in read_compound(data):
                if isinstance(report, Nack):
                    self._repair(report, now)
                elif isinstance(report, PictureLost):
                    self.wants_keyframe = True
            return
        header = read_header(data)
        assert header is not None
        self.octets += len(data) if header.payload_type != AUDIO else 0
        packet = self._plain(data, header)
        plain = read_header(packet)
        assert plain is not None
        stream = self.incoming.setdefault(
            plain.ssrc, Incoming(plain.ssrc, 48000 if plain.payload_type == AUDIO else 90000)
        )
        if packet is data:
            stream.take(plain, now, len(data))
        else:
            stream.missing.pop(stream.extended(plain.sequence), None)
        self.got.setdefault(plain.ssrc, {})[plain.sequence] = packet[plain.payload : plain.end]
        self.stamps[plain.ssrc] = plain.timestamp, struct.unpack("!d", packet[plain.end - 8 : plain.end])[0]

    def _plain(self, data: bytes, header: Header) -> bytes:
        if header.payload_type != 97:
            return data
        main = next(one.ssrc for one in self.peer.outgoing.values() if one.rtx_ssrc == header.ssrc)
        head = struct.pack("!BB2sII", 0x80, VIDEO, data[header.payload : header.payload + 2], header.timestamp, main)
        return head + data[header.payload + 2 : header.end]

    def _repair(self, asked: Nack, now: float) -> None:
        for sequence in asked.sequences:
            packet = self.history.get((asked.ssrc, sequence))
            if packet is not None and self.rtx and packet[1] & 127 == VIDEO:
                number = self.numbers[self.ssrc + 2] = self.numbers.get(self.ssrc + 2, 0) + 1
                head = struct.pack("!BBH4sI", 0x90, 97, number % 65536, packet[4:8], self.ssrc + 2)
                self.up.put(head + self._block() + packet[2:4] + packet[24:], now)
            elif packet is not None:
                self.up.put(packet, now)

    def report(self, now: float) -> None:
        """The sender's clock, of voice and picture."""
        for ssrc, rate in ((self.ssrc, 48000), (self.ssrc + 1, 90000)):
            clock = struct.pack("!IQI", ssrc, int(now * 2**32), round(now * rate) % 2**32)
            self.up.put(b"\x80\xc8\x00\x06" + clock + bytes(8), now)

    def ask(self, now: float) -> None:
        """NACKs and what else a browser says often."""
        for stream in self.incoming.values():
            lost = stream.to_ask(now, 0.05)
            if lost:
                self.asked[stream.clock_rate] += len(lost)
                self.up.put(nack(1, stream.ssrc, lost), now)

    def tell(self, now: float) -> None:
        """Reports, once a second."""
        blocks = [one.report_block(now) for one in self.incoming.values()]
        self.up.put(receiver_report(1, blocks), now)

    def act(self, tick: int, now: float) -> None:
        """All that is due at a tick of 5 ms."""
        if tick % 4 == 0:
            self.speak(now)
        if tick % 8 == 0:
            self.show(now)
        if tick % 4 == 1:
            self.ask(now)
        if tick % 200 == 3:
            self.tell(now)
        if tick % 40 == 7:
            self.measure(now)

    def measure(self, now: float) -> None:
        """This browser's estimate, five times a second: a step down where packets queue, else slowly up."""
        came, self.octets = 40 * self.octets, 0
        if self.down.free_at - now > 0.1:
            self.estimate = min(self.estimate, max(LOWEST, int(0.85 * came)))
        else:
            self.estimate = max(self.estimate, min(int(1.016 * self.estimate), int(1.5 * came) + 10_000))
        if came:
            self.up.put(remb(1, self.estimate, [1]), now)


@dataclass
class Kept:
    """A sink that remembers what it was given."""

    packets: list[tuple[str, str, int]] = field(default_factory=list)

    def mark(self, kind: str, detail: str = "") -> None:
        """See PacketSink."""

    def start(self) -> RecordingState:
        """See PacketSink."""
        return self.state()

    pause = start

    def state(self) -> RecordingState:
        """See PacketSink."""
        return RecordingState(recording=True)

    def close(self) -> None:
        """See PacketSink."""

    def packet(self, *, seat: str, kind: str, received_at: float, rtp: bytes, audio_level: int | None) -> None:
        """See PacketSink."""
        header = read_header(rtp)
        assert header is not None
        assert header.payload_type in {AUDIO, VIDEO}
        self.packets.append((seat, kind, header.sequence))


class Table:
    """The seats of one session, played in ticks of 5 ms."""

    def __init__(self) -> None:
        self.room, self.wire, self.now = Room("t"), FakeWire(), 1000.0
        self.outbox = Outbox(self.wire, lambda: None)
        self.seats: dict[str, Seat] = {}
        self.room.sink = self.kept = Kept()
        self.room.recording = True
        self.states: dict[str, list[str]] = {}

    def seat(
        self,
        name: str,
        *,
        offer: str = "chromium_five_pairs",
        up: Hop | None = None,
        down: Hop | None = None,
        ready: bool = True,
    ) -> Seat:
        """Let somebody join, with DTLS behind it where it is ``ready``."""
        read = read_offer((OFFERS / f"{offer}.sdp").read_bytes().decode())
        peer = Peer(session="t", seat=name, offer=read, context=CONTEXT, outbox=self.outbox)
        number = len(self.seats) + 1
        peer.address, peer.keys = bytes((number,)), Keys(Clear(), Clear()) if ready else None
        before = self.room.peers.get(name)
        if before is not None:
            peer.outgoing = before.outgoing
        self.room.seat(peer)
        made = Seat(peer, up or hop(number), down or hop(100 + number), ssrc=1000 * (number + len(self.states)))
        self.seats[name] = made
        return made

    def play(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            tick = round(self.now / TICK)
            for seat in self.seats.values():
                seat.act(tick, self.now)
            self._carry()
            if tick % 6 == 0:
                for peer in self.room.peers.values():
                    peer.repair(self.now)
            if tick % 200 == 0:
                self._look()
        self._carry()

    def _look(self) -> None:
        self.room.steer(self.now)
        for name, seat in self.seats.items():
            seat.peer.state = seat.peer.judge(self.now)
            self.states.setdefault(name, []).append(seat.peer.state.value)
            if seat.peer.bitrate:
                seat.picture_rate = min(1_000_000, seat.peer.bitrate)

    def _carry(self) -> None:
        by_address = {seat.peer.address: seat for seat in self.seats.values()}
        for seat in self.seats.values():
            for data in seat.up.take(self.now):
                if 192 <= data[1] <= 223:
                    self.room.reported(seat.peer, data, self.now)
                else:
                    self.room.deliver(seat.peer, data, self.now, live=True)
        self.outbox.flush()
        for data, address in self.wire.sent:
            if address in by_address:
                by_address[address].down.put(data, self.now)
        self.wire.sent.clear()
        for seat in self.seats.values():
            for data in seat.down.take(self.now):
                seat.hear(data, self.now)
