"""A synthetic participant: aiortc's peer connection with a moving picture and a tone, counting what it receives."""

import asyncio
import math
import time
from array import array
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack, VideoStreamTrack

RATE, SAMPLES = 48_000, 960
WIDTH, HEIGHT, SQUARE = 640, 480, 80


class Tone(MediaStreamTrack):
    """A tone that comes and goes like speech: heard for two seconds, silent for one."""

    kind = "audio"

    def __init__(self, pitch: float) -> None:
        super().__init__()
        self._pitch = pitch
        self._sent = 0
        self._began = 0.0

    async def recv(self) -> av.AudioFrame:
        """Twenty milliseconds, in time."""
        self._began = self._began or time.monotonic()
        await asyncio.sleep(max(0.0, self._began + self._sent / RATE - time.monotonic()))
        loud = 9000 if (self._sent // RATE) % 3 < 2 else 0
        step = 2 * math.pi * self._pitch / RATE
        wave = array("h", (int(loud * math.sin(step * at)) for at in range(self._sent, self._sent + SAMPLES)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=SAMPLES)
        frame.planes[0].update(wave.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._sent, Fraction(1, RATE)
        self._sent += SAMPLES
        return frame


class Picture(VideoStreamTrack):
    """A square that wanders, so that every frame differs."""

    def __init__(self, shade: int) -> None:
        super().__init__()
        self._shade = shade
        self._count = 0

    async def recv(self) -> av.VideoFrame:
        """The next frame, in time."""
        pts, time_base = await self.next_timestamp()
        left = (self._count * 4) % (WIDTH - SQUARE)
        plain = bytes([self._shade]) * WIDTH
        crossed = plain[:left] + bytes([60]) * SQUARE + plain[left + SQUARE :]
        top = (HEIGHT - SQUARE) // 2
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        frame.planes[0].update(plain * top + crossed * SQUARE + plain * (HEIGHT - SQUARE - top))
        for plane in frame.planes[1:]:
            plane.update(bytes([128]) * (WIDTH * HEIGHT // 4))
        self._count += 1
        frame.pts, frame.time_base = pts, time_base
        return frame


class SyntheticPeer:
    """One participant; ``frames`` counts decoded frames by kind."""

    def __init__(self, *, pitch: float, shade: int, picture: MediaStreamTrack | None = None) -> None:
        self._connection = RTCPeerConnection()
        self._listening: list[asyncio.Task[None]] = []
        self.frames = {"audio": 0, "video": 0}
        self._connection.on("track", self._listen)
        self._connection.addTrack(Tone(pitch))
        self._connection.addTrack(picture or Picture(shade))

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening.append(asyncio.create_task(self._count(track)))

    async def _count(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                await track.recv()
                self.frames[track.kind] += 1

    async def offer(self) -> str:
        """Our offer."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return str(self._connection.localDescription.sdp)

    async def take(self, answer: dict[str, Any]) -> None:
        """The server's answer."""
        await self._connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
