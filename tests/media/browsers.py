"""A synthetic browser: aiortc's own peer connection, sending a moving picture and a tone, counting what it receives."""

import asyncio
import contextlib
from collections.abc import Callable

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack, VideoStreamTrack

from server.media.ports import MediaPort


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that happens in other tasks."""
    while not true():  # noqa: ASYNC110 - the condition is a count, and no one place sets it
        await asyncio.sleep(0.02)


class Synthetic:
    """One participant. ``frames`` counts decoded frames by kind, from each incoming track."""

    def __init__(self, *, video: bool = True, extra: int = 1) -> None:
        self.connection = RTCPeerConnection()
        self.frames = {"audio": 0, "video": 0}
        self.tasks: set[asyncio.Task[None]] = set()
        self.connection.on("track", self._listen)
        self.connection.addTrack(AudioStreamTrack())
        if video:
            self.connection.addTrack(VideoStreamTrack())
        else:
            self.connection.addTransceiver("video", direction="recvonly")
        for _ in range(extra):
            self.connection.addTransceiver("audio", direction="recvonly")
            self.connection.addTransceiver("video", direction="recvonly")

    def _listen(self, track: MediaStreamTrack) -> None:
        task = asyncio.ensure_future(self._count(track))
        self.tasks.add(task)

    async def _count(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()
                self.frames[track.kind] += 1

    async def join(self, engine: MediaPort, session: str, seat: str) -> None:
        """Offer, and take the answer."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        answer = await engine.join(session=session, seat=seat, offer=self.connection.localDescription.sdp)
        await self.connection.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))

    async def receives(self, *, audio: int, video: int) -> None:
        """Wait until that many more frames were decoded."""
        wanted = {"audio": self.frames["audio"] + audio, "video": self.frames["video"] + video}
        async with asyncio.timeout(20):
            await until(lambda: all(self.frames[kind] >= count for kind, count in wanted.items()))

    async def close(self) -> None:
        """Hang up."""
        await self.connection.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
