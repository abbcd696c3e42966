"""The floor: receive, SRTP both ways, send, and nothing else; no ICE, no DTLS, no numbers, no recording.

As a program it takes its routes as JSON lines, then the word ``go``, and forwards until it is ended.
"""

import json
import secrets
import select
import subprocess
import sys

from server.media.srtp import PROFILES, Direction
from server.media.udp import SLOT, Datagram, bound_socket, pack_address
from server.media.udp_batch import BatchWire
from tests.benchmarks.media.target import end
from tests.media.raw_peer import RawPeer

PROFILE = b"SRTP_AEAD_AES_256_GCM"
KEY = sum(PROFILES[PROFILE][1:])


class Floor:
    """See Target; keys are handed over instead of agreed on."""

    name = "floor"

    def __init__(self, host: str) -> None:
        self._host = host
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.media.floor", host], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        self._port = int(self.process.stdout.readline())

    def connect(self, session: int, pair: tuple[RawPeer, RawPeer]) -> None:
        """See Target."""
        keys = [(secrets.token_bytes(KEY), secrets.token_bytes(KEY)) for _ in pair]
        for peer, (up, down) in zip(pair, keys, strict=True):
            peer.outbound, peer.inbound = Direction(PROFILE, up, inbound=False), Direction(PROFILE, down, inbound=True)
            peer.remote = (self._host, self._port)
        for mine, other in ((0, 1), (1, 0)):
            told = {"from": pair[mine].socket.getsockname(), "up": keys[mine][0].hex()}
            self._tell(json.dumps(told | {"to": pair[other].socket.getsockname(), "down": keys[other][1].hex()}))

    def go(self) -> None:
        """Begin to forward; no pair can be connected any more."""
        self._tell("go")

    def _tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def stop(self) -> None:
        """See Target."""
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        end(self.process)


def forward(host: str) -> None:
    """Forward between the pairs told on standard input."""
    wire = BatchWire(bound_socket(host, 0))
    sys.stdout.write(f"{wire.port}\n")
    sys.stdout.flush()
    routes = {}
    for line in sys.stdin:
        if line.strip() == "go":
            break
        told = json.loads(line)
        up, down = (Direction(PROFILE, bytes.fromhex(told[name]), inbound=name == "up") for name in ("up", "down"))
        routes[pack_address(*told["from"])] = (up, down, pack_address(*told["to"]))
    while True:
        select.select([wire.descriptor], [], [])
        waiting: list[Datagram] = []
        for index, (length, address) in enumerate(wire.receive()):
            up, down, to = routes[address]
            plain = up.open_rtp(wire.inbox.pointers[index], length)
            start, place = index * SLOT, len(waiting)
            wire.outbox.view[place * SLOT : place * SLOT + plain] = wire.inbox.view[start : start + plain]
            waiting.append((down.seal_rtp(wire.outbox.pointers[place], plain), to))
        wire.send(waiting)


if __name__ == "__main__":
    forward(sys.argv[1])
