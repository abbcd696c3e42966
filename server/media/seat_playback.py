"""One seat's finished file, decoded from front to back: what it shows at an instant, and its sound in order."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from av import AudioFrame, Packet, VideoFrame

from server.sealed_file import StoredFile

SHOWN_SECONDS = 1.0
"""How long a picture stands when no other follows: what lasts longer is a gap, or the camera is off."""


class SeatPlayback:
    """Holds the pictures between two calls only. ``hear`` is given the sound as it was decoded.

    Raises ``Unavailable`` for a damaged or locked file, here and in ``play_to``.
    """

    def __init__(self, path: Path, key: bytes | None) -> None:
        self._stored = StoredFile(path, key)
        try:
            self._container = av.open(self._stored, "r")
        except BaseException:
            self._stored.close()
            raise
        for stream in self._container.streams:
            stream.codec_context.thread_count = 1
        self.sound = next(iter(self._container.streams.audio), None)
        self.hear: Callable[[AudioFrame], None] = lambda _: None
        self._packets = self._container.demux()
        self._coming: deque[tuple[float, VideoFrame]] = deque()
        self._shown: tuple[float, VideoFrame] | None = None
        self._at = -1.0

    def play_to(self, instant: float) -> None:
        """Decode everything before ``instant``."""
        while self._at < instant:
            packet = next(self._packets, None)
            if packet is None:
                self._at = float("inf")
                return
            if packet.pts is not None and packet.time_base is not None:
                self._at = max(self._at, float(packet.pts * packet.time_base))
            self._decode(packet)

    def _decode(self, packet: "Packet[Any]") -> None:
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            if isinstance(frame, VideoFrame) and frame.time is not None:
                self._coming.append((frame.time, frame))
            elif isinstance(frame, AudioFrame):
                self.hear(frame)

    def picture(self, instant: float) -> VideoFrame | None:
        """What is seen at ``instant``, which must not go back; nothing in a gap and while the camera is off."""
        while self._coming and self._coming[0][0] <= instant:
            self._shown = self._coming.popleft()
        if self._shown is None or instant - self._shown[0] > SHOWN_SECONDS:
            return None
        return self._shown[1]

    def close(self) -> None:
        """Give the file back."""
        self._container.close()
        self._stored.close()
