"""A synthetic participant that measures: numbered pictures tell delay and loss, a tone tells whether it was heard."""

import math
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack, VideoStreamTrack

from server.demonstration.synthetic import RATE, SyntheticPeer

WIDTH, HEIGHT, BITS = 320, 240, 16
BLOCK = WIDTH // BITS
LIGHT, DARK = 235, 16
EVERY = 5
RECOGNISED = 0.5


class Numbered(VideoStreamTrack):
    """Pictures with their number as light and dark blocks; ``sent`` holds when each was made."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[int, float] = {}

    async def recv(self) -> av.VideoFrame:
        """The next picture, in time."""
        pts, time_base = await self.next_timestamp()
        number = len(self.sent)
        row = b"".join(bytes([LIGHT if number >> bit & 1 else DARK]) * BLOCK for bit in range(BITS))
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        frame.planes[0].update(row * (2 * BLOCK) + bytes([128]) * WIDTH * (HEIGHT - 2 * BLOCK))
        for plane in frame.planes[1:]:
            plane.update(bytes([128]) * (WIDTH * HEIGHT // 4))
        frame.pts, frame.time_base = pts, time_base
        self.sent[number] = time.monotonic()
        return frame


def number_of(frame: av.VideoFrame) -> int:
    """The number that a picture carries."""
    plane = frame.planes[0]
    row = bytes(plane)[BLOCK * plane.line_size :][:WIDTH]
    return sum(1 << bit for bit in range(BITS) if row[bit * BLOCK + BLOCK // 2] > (LIGHT + DARK) // 2)


def tone_share(samples: Sequence[int], pitch: float) -> float:
    """How much of the power is at this pitch, from 0 to 1 (Goertzel)."""
    energy = sum(one * one for one in samples)
    if not energy:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * pitch / RATE)
    before = last = 0.0
    for one in samples:
        before, last = last, one + factor * last - before
    power = before * before + last * last - factor * before * last
    return min(1.0, power / (energy * len(samples) / 2))


class Probe(SyntheticPeer):
    """Sends a tone and numbered pictures. ``delays`` are those of the pictures of ``other``, by their numbers."""

    def __init__(self, *, pitch: float) -> None:
        self.pitch = pitch
        self.numbered = Numbered()
        self.other: Probe | None = None
        self.delays: dict[int, float] = {}
        self.recognised = 0
        self.loudest = 0.0
        super().__init__(pitch=pitch, shade=0, picture=self.numbered)

    @property
    def level(self) -> float:
        """The loudest that was heard, in decibels below full scale."""
        return 20 * math.log10(max(self.loudest, 1.0) / 32768)

    @property
    def lost(self) -> float:
        """The share of the other's pictures that did not arrive, between the first and the last that did."""
        if len(self.delays) < 2:
            return 1.0
        return 1 - len(self.delays) / (max(self.delays) - min(self.delays) + 1)

    async def _count(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                self.frames[track.kind] += 1
                if isinstance(frame, av.VideoFrame):
                    self._look(frame)
                elif isinstance(frame, av.AudioFrame) and self.frames["audio"] % EVERY == 0:
                    self._listen_to(frame)

    def _look(self, frame: av.VideoFrame) -> None:
        number = number_of(frame)
        made = self.other.numbered.sent.get(number) if self.other is not None else None
        if made is not None:
            self.delays[number] = time.monotonic() - made

    def _listen_to(self, frame: av.AudioFrame) -> None:
        channels = len(frame.layout.channels)
        samples = array("h", bytes(frame.planes[0])[: frame.samples * channels * 2])[::channels]
        self.loudest = max(self.loudest, math.sqrt(sum(one * one for one in samples) / len(samples)))
        if self.other is not None and tone_share(samples, self.other.pitch) > RECOGNISED:
            self.recognised += 1
