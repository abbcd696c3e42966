"""The load: peers whose packets were encrypted beforehand, sent on time, and how long each was under way."""

import gc
import random
import select
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from server.media.udp import SLOT
from server.media.udp_batch import BatchWire
from tests.media.raw_peer import AUDIO, VIDEO, RawPeer, rtp

FRAMES, SOUNDS = 25, 50
FRAME_PACKETS, FRAME_BYTES, SOUND_BYTES = 3, 1000, 80
KEY_EVERY = 50
PER_SECOND = FRAMES * FRAME_PACKETS + SOUNDS
SETTLE = 0.5
KEYFRAME = b"\x10\x10\x02\x00\x9d\x01\x2a\x80\x02\xe0\x01"
Event = tuple[float, int, Sequence[bytes], tuple[int, int]]
Says = Callable[[RawPeer, int, float], Iterator[Event]]


@dataclass
class Measured:
    """Of one window: packets sent and received in it, and the delays in seconds, in order."""

    sent: int = 0
    received: int = 0
    delays: list[float] = field(default_factory=list)


def stream(peer: RawPeer, number: int, seconds: float) -> Iterator[Event]:
    """All a peer sends, encrypted: 25 pictures of three packets and 50 sounds a second, from a phase of its own.

    Each event has its payload type and timestamp, which servers keep; sequence numbers are often given anew.
    """
    chance = random.Random(number)  # noqa: S311 - phases, nothing secret
    noise = chance.randbytes(FRAME_BYTES)
    phase = chance.random() / FRAMES
    for frame in range(int(seconds * FRAMES)):
        packets = []
        for part in range(FRAME_PACKETS):
            start = (KEYFRAME if frame % KEY_EVERY == 0 else b"\x10\x11\x02\x00") if part == 0 else b"\x00"
            packet = rtp(
                VIDEO, frame * FRAME_PACKETS + part, 3600 * frame, peer.ssrcs[VIDEO], start + noise[len(start) :]
            )
            last = bytes([packet[1] | 128]) if part == FRAME_PACKETS - 1 else packet[1:2]
            packets.append(peer.sealed(packet[:1] + last + packet[2:]))
        yield phase + frame / FRAMES, number, packets, (VIDEO, 3600 * frame)
    phase = chance.random() / SOUNDS
    for sound in range(int(seconds * SOUNDS)):
        packet = rtp(AUDIO, sound, 960 * sound, peer.ssrcs[AUDIO], noise[:SOUND_BYTES])
        yield phase + sound / SOUNDS, number, [peer.sealed(packet)], (AUDIO, 960 * sound)


class Load:
    """Sends what the peers have to say; the n-th and the one beside it talk with each other. ``says`` is what."""

    def __init__(
        self,
        peers: Sequence[RawPeer],
        seconds: float,
        says: Says = stream,
    ) -> None:
        self._peers = peers
        self._wires = [BatchWire(one.socket) for one in peers]
        self._by_descriptor = {wire.descriptor: number for number, wire in enumerate(self._wires)}
        events = [one for number, peer in enumerate(peers) for one in says(peer, number, seconds)]
        self._events = sorted(events, key=lambda event: event[0])
        self._sent_at: list[dict[tuple[int, int], deque[float]]] = [{} for _ in peers]
        self._poll = select.epoll()
        for wire in self._wires:
            self._poll.register(wire.descriptor, select.EPOLLIN)
        self.measured = Measured()
        self._window = (0.0, 0.0)

    def run(self, *, begin: float, end: float, at_begin: Callable[[], None], at_end: Callable[[], None]) -> Measured:
        """Play everything; only what is sent between ``begin`` and ``end`` seconds is measured."""
        gc.collect()
        gc.disable()
        origin = time.time() + 0.2
        self._window = (origin + begin, origin + end)
        marks = [(begin, at_begin), (end, at_end)]
        for at, number, packets, name in self._events:
            while marks and at >= marks[0][0]:
                marks.pop(0)[1]()
            self._listen_until(origin + at)
            self._say(number, packets, name)
        for _, mark in marks:
            mark()
        self._listen_until(time.time() + SETTLE)
        self._poll.close()
        gc.enable()
        self.measured.delays.sort()
        return self.measured

    def _say(self, number: int, packets: Sequence[bytes], name: tuple[int, int]) -> None:
        peer, instants = self._peers[number], deque[float]()
        self._sent_at[number][name] = instants
        for packet in packets:
            now = time.time()
            instants.append(now)
            peer.socket.sendto(packet, peer.remote)
            if self._window[0] <= now < self._window[1]:
                self.measured.sent += 1

    def _listen_until(self, instant: float) -> None:
        while True:
            left = instant - time.time()
            for descriptor, _ in self._poll.poll(max(0.0, left)):
                self._hear(self._by_descriptor[descriptor])
            if left <= 0:
                return

    def _hear(self, number: int) -> None:
        wire, sent_at = self._wires[number], self._sent_at[number ^ 1]
        view = wire.inbox.view
        for index, (length, _) in enumerate(wire.receive()):
            start = index * SLOT
            kind = view[start + 1] & 127
            if length > 12 and kind in (AUDIO, VIDEO):
                (timestamp,) = struct.unpack_from("!I", view, start + 4)
                instants = sent_at.get((kind, timestamp))
                sent = instants.popleft() if instants else 0.0
                if self._window[0] <= sent < self._window[1]:
                    self.measured.received += 1
                    self.measured.delays.append(wire.received_at(index) - sent)
            elif view[start] < 4:
                self._peers[number].answer(bytes(wire.inbox.data[start : start + length]))
