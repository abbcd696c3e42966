"""Our own media process with its real recorder, over its control socket."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.media.target import connected, end
from tests.media.raw_peer import RawPeer


class Lianxin:
    """See Target. ``settings`` are more of the environment."""

    name = "lianxin"

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        own = {"LIANXIN_DEMONSTRATION": "1", "LIANXIN_DATA_DIR": str(folder), "LIANXIN_MEDIA_PORT": "0"}
        own |= {"LIANXIN_MEDIA_ADDRESSES": "127.0.0.1", "LIANXIN_LOG_LEVEL": "WARNING"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.media"], env={**os.environ, **own, **(settings or {})}
        )
        self._socket = connected(folder / "state" / "media.sock", self.process, socket.SOCK_STREAM)
        self._lines = self._socket.makefile("rwb")
        self._lines.readline()

    def ask(self, verb: str, **told: str) -> Any:
        """One verb of the control protocol."""
        self._lines.write(json.dumps({"id": 1, "verb": verb, **told}).encode() + b"\n")
        self._lines.flush()
        while True:
            answer = json.loads(self._lines.readline())
            if answer.get("id") == 1:
                assert "error" not in answer, answer
                return answer["done"]

    def connect(self, session: int, pair: tuple[RawPeer, RawPeer]) -> None:
        """See Target."""
        name = f"session-{session}"
        self.ask("open_session", session=name)
        for seat, peer in zip(("petitioner", "official"), pair, strict=True):
            peer.connect(self.ask("join", session=name, seat=seat, offer=peer.offer())["sdp"])
        self.ask("start_recording", session=name)

    def load(self) -> tuple[float, float, bool]:
        """What it says of its own load: the share of a core, the lateness in seconds, whether it takes no more."""
        told = self.ask("load")
        return float(told["cpu"]), float(told["lag"]), bool(told["full"])

    def stop(self) -> None:
        """See Target."""
        self._lines.close()
        self._socket.close()
        end(self.process)
