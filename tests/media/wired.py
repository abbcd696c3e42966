"""The browsers of ``table``, at real sockets: they send, repair and measure in real time, through any relay."""

import re
import select
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from server.media.rtcp import Estimate, read_compound
from server.media.srtp import REFUSED
from tests.media.raw_peer import RawPeer
from tests.media.table import OFFERS, TICK, Seat
from tests.relay import Hop, Relay

MOST = 300_000


@dataclass
class Told:
    """A stream as an answer names it."""

    ssrc: int
    rtx_ssrc: int


@dataclass
class Answered:
    """What a browser knows of the engine: the streams on its pairs. Stands where the table has the engine's peer."""

    outgoing: dict[tuple[str, int], Told] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: str) -> "Answered":
        found = cls()
        counts = {"audio": 0, "video": 0}
        for section in answer.split("\r\nm=")[1:]:
            kind, ssrcs = section.split()[0], [int(one) for one in re.findall(r"a=ssrc:(\d+) ", section)]
            if ssrcs:
                found.outgoing[kind, counts[kind]] = Told(ssrcs[0], ssrcs[-1])
            counts[kind] += 1
        return found

    def stream_out(self, kind: str, pair: int) -> Told:
        return self.outgoing[kind, pair]


class Up(Hop):
    """Puts what a seat says on the wire, encrypted."""

    raw: RawPeer

    def put(self, data: bytes, now: float) -> None:
        """See Hop."""
        rtcp = 192 <= data[1] <= 223
        sealed = self.raw.sealed_report(data) if rtcp else self.raw.sealed(data)
        self.raw.socket.sendto(sealed, self.raw.remote)


@dataclass
class Wired(Seat):
    """A seat at a socket; it draws what the engine's estimate allows."""

    raw: RawPeer = field(default_factory=RawPeer)

    def hear(self, data: bytes, now: float) -> None:
        """See Seat."""
        if 192 <= data[1] <= 223:
            told = [one.bitrate for one in read_compound(data) if isinstance(one, Estimate)]
            self.picture_rate = min([MOST, *told]) if told else self.picture_rate
        super().hear(data, now)

    def listen(self, now: float) -> None:
        """Take everything that has come."""
        for data in self.raw.wait(0):
            if data[0] < 128:
                continue
            slots, inbound = self.raw.slots, self.raw.inbound
            slots.data[: len(data)] = data
            opening = inbound.open_rtcp if 192 <= data[1] <= 223 else inbound.open_rtp
            length = opening(slots.pointers[0], len(data))
            if length != REFUSED:
                self.hear(bytes(slots.data[:length]), now)


def offer_of(raw: RawPeer, name: str = "chromium_one_pair") -> str:
    """A real browser's offer with this peer's names and fingerprint."""
    offer = (OFFERS / f"{name}.sdp").read_bytes().decode()
    told = {"ice-ufrag": raw.ufrag, "ice-pwd": raw.password, "fingerprint": f"sha-256 {raw.identity.fingerprint}"}
    for key, value in told.items():
        offer = re.sub(rf"a={key}:.*?\r\n", f"a={key}:{value}\r\n", offer)
    return offer


def wired(raw: RawPeer, answer: str, relay: Relay, ssrc: int) -> Wired:
    """Connect by a new line of the relay."""
    raw.take(answer)
    raw.remote = ("127.0.0.1", relay.port)
    assert raw.checked()
    raw.shake_hands()
    up = Up(0)
    up.raw = raw
    return Wired(cast(Any, Answered.of(answer)), up, relay.lines[-1].down, ssrc, raw=raw)


class Stage:
    """Plays seats in real time, in ticks of 5 ms; a tick that is late is played as soon as it can be."""

    def __init__(self, seats: Sequence[Wired]) -> None:
        self.seats, self.tick, self.origin = seats, 0, time.monotonic()

    def play(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds / TICK)):
            self.tick += 1
            due = self.origin + self.tick * TICK
            while (left := due - time.monotonic()) > 0:
                select.select([one.raw.socket for one in self.seats], [], [], left)
                for seat in self.seats:
                    seat.listen(time.monotonic())
            now = time.monotonic()
            for seat in self.seats:
                seat.act(self.tick, now)
