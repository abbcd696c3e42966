"""Stock aiortc as its examples do it: MediaRelay from one to the other, a MediaRecorder each; it decodes and encodes.

As a program it takes the offers of two as JSON lines and answers them so, then goes on until it is ended.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRecorder, MediaRelay

from tests.benchmarks.media.target import end
from tests.media.raw_peer import RawPeer


class Stock:
    """See Target; one session."""

    name = "aiortc"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        command = [sys.executable, "-m", "tests.benchmarks.media.stock", str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def connect(self, session: int, pair: tuple[RawPeer, RawPeer]) -> None:
        """See Target."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        for one in pair:
            self.process.stdin.write(json.dumps(one.offer("active")).encode() + b"\n")
        self.process.stdin.flush()
        for one in pair:
            one.connect(json.loads(self.process.stdout.readline()))

    def stop(self) -> None:
        """See Target."""
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        end(self.process)


async def call(folder: Path) -> None:
    """Answer two offers; pass on and record what each sends."""
    relay, loop = MediaRelay(), asyncio.get_running_loop()
    pair = RTCPeerConnection(), RTCPeerConnection()
    recorders = MediaRecorder(folder / "0.mp4"), MediaRecorder(folder / "1.mp4")
    for number, one in enumerate(pair):
        offer = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
        await one.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for track in [each.receiver.track for each in one.getTransceivers()]:
            pair[1 - number].addTrack(relay.subscribe(track))
            recorders[number].addTrack(relay.subscribe(track))
    for one, recorder in zip(pair, recorders, strict=True):
        await one.setLocalDescription(await one.createAnswer())
        _say(json.dumps(one.localDescription.sdp))
        await recorder.start()
    await loop.create_future()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _say("ready")
    asyncio.run(call(Path(sys.argv[1])))
