"""Hostile datagrams, seeded, and a process that sends them as fast as asked: ``python -m tests.media.blaster``.

``PORT SECONDS RATE SEED UFRAG``; says how many went out in how many seconds. Sources are eight ports of 127.0.0.2.
"""

import random
import socket
import struct
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from server.media.stun import COOKIE
from server.media.udp import SLOT, SLOTS, pack_address
from server.media.udp_batch import BatchWire

SOURCES = 8
MAKES_UP = 0.1
DTLS = b"\xfe\xfd"
CLIENT_HELLO, HELLO_VERIFY, HANDSHAKE, ALERT = 1, 3, 22, 21


def record(kind: int, body: bytes, *, epoch: int = 0, number: int = 0) -> bytes:
    """A DTLS 1.2 record."""
    return struct.pack("!B2sHHIH", kind, DTLS, epoch, 0, number, len(body)) + body


def message(kind: int, body: bytes) -> bytes:
    """A handshake message in one piece, the first of its side."""
    length = len(body).to_bytes(3, "big")
    return struct.pack("!B3sH3s3s", kind, length, 0, bytes(3), length) + body


def client_hello(chance: random.Random) -> bytes:
    """A whole ClientHello of somebody else, with use_srtp."""
    extensions = b"\x00\x0e\x00\x05\x00\x02\x00\x07\x00" + b"\x00\x0a\x00\x04\x00\x02\x00\x17"
    body = DTLS + chance.randbytes(32) + b"\0\0" + b"\x00\x04\xc0\x2b\xc0\x2f" + b"\x01\x00"
    body += struct.pack("!H", len(extensions)) + extensions
    return record(HANDSHAKE, message(CLIENT_HELLO, body))


def alert(chance: random.Random) -> bytes:
    """A fatal alert."""
    return record(ALERT, bytes((2, chance.choice((10, 20, 40, 42, 80)))), number=chance.randrange(100))


def hello_verify(chance: random.Random) -> bytes:
    """A HelloVerifyRequest, which only servers send."""
    body = DTLS + b"\x14" + chance.randbytes(20)
    return record(HANDSHAKE, message(HELLO_VERIFY, body))


def stun(chance: random.Random, ufrag: str) -> bytes:
    """A check under that ufrag, or under one that there is not, with an integrity out of thin air."""
    name = f"{chance.choice((ufrag, 'nobody'))}:x".encode()
    body = struct.pack("!HH", 6, len(name)) + name + bytes(-len(name) % 4)
    body += b"\x00\x24\x00\x04\x6e\x7f\x1e\xff" + b"\x80\x29\x00\x08" + bytes(8) + b"\x00\x25\x00\x00"
    body += b"\x00\x08\x00\x14" + chance.randbytes(20) + b"\x80\x28\x00\x04" + chance.randbytes(4)
    return struct.pack("!HHI", 1, len(body), COOKIE) + chance.randbytes(12) + body


def hostile(chance: random.Random, ufrag: str) -> bytes:
    """One datagram that nobody invited."""
    match chance.randrange(10):
        case 0:
            return b""
        case 1:
            return bytes((chance.randint(128, 191),)) + bytes(chance.randint(1500, SLOT - 1))
        case 2 | 3:
            head = struct.pack(
                "!BBHII", 0x80, chance.choice((96, 111, 200, 205)), *(chance.getrandbits(n) for n in (16, 32, 32))
            )
            return head + chance.randbytes(chance.randint(0, 1200))
        case 4:
            return client_hello(chance)
        case 5:
            return alert(chance)
        case 6:
            return hello_verify(chance)
        case 7:
            return chance.randbytes(chance.randint(1, 300))
        case 8:
            told = bytearray(stun(chance, ufrag))
            told[chance.randrange(len(told))] = chance.randrange(256)
            return bytes(told[: chance.randint(1, len(told))])
        case _:
            return stun(chance, ufrag)


@dataclass
class Blaster:
    """Boxes of datagrams, laid out beforehand so that sending them is all there is to do."""

    port: int
    seed: int
    ufrag: str

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - seeded on purpose
        target = pack_address("127.0.0.1", self.port)
        self._wires: list[tuple[BatchWire, Sequence[tuple[int, bytes]]]] = []
        for _ in range(SOURCES):
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind(("127.0.0.2", 0))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**22)
            wire, lengths = BatchWire(made), []
            for index in range(SLOTS):
                data = hostile(chance, self.ufrag)
                wire.outbox.data[index * SLOT : index * SLOT + len(data)] = data
                lengths.append((len(data), target))
            self._wires.append((wire, lengths))

    def run(self, seconds: float, rate: int) -> tuple[int, float]:
        """Send so much at that rate at most, and never faster to make up; how many went out, in how many seconds."""
        began, sent, due = time.monotonic(), 0, time.monotonic()
        while sent < seconds * rate:
            wire, datagrams = self._wires[sent // SLOTS % SOURCES]
            gone = len(datagrams) - wire.send(datagrams)
            sent += gone
            due = max(due + gone / rate, time.monotonic() - MAKES_UP)
            if (ahead := due - time.monotonic()) > 0.001:
                time.sleep(ahead)
        return sent, time.monotonic() - began


def main() -> None:
    """Blast."""
    port, seconds, rate, seed, ufrag = sys.argv[1:]
    sent, took = Blaster(int(port), int(seed), ufrag).run(float(seconds), int(rate))
    sys.stdout.write(f"{sent} {took:.2f}\n")


if __name__ == "__main__":
    main()
