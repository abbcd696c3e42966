"""The one socket of the media process, its addresses, and the memory in which its datagrams lie."""

import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Protocol

from cffi import FFI

SLOT = 2048
SLOTS = 128
BUFFER = 32 * 1024 * 1024
SO_RCVBUFFORCE = 33
"""Of Linux; it goes beyond net.core.rmem_max, for those who may."""
ANY_BOTH, ANY_IPV4 = "::", "0.0.0.0"  # noqa: S104 - browsers call in from everywhere
MAPPED = bytes(10) + b"\xff\xff"
_V4 = struct.Struct("=H2s4s8x")
_V6 = struct.Struct("=H2sI16sI")
Address = bytes
Datagram = tuple[int, Address]


class Slots:
    """``SLOTS`` places of ``SLOT`` bytes: ``pointers`` for C, numbers in ``view``, bytes to be cut out of ``data``."""

    def __init__(self) -> None:
        ffi = FFI()
        self.memory = ffi.new("char[]", SLOTS * SLOT)
        self.data: Any = ffi.buffer(self.memory)
        self.view = memoryview(self.data)
        self.pointers = [self.memory + index * SLOT for index in range(SLOTS)]


class Wire(Protocol):
    """A bound socket. An address is the bytes of a socket address: equal for the same peer, otherwise opaque."""

    descriptor: int
    port: int
    inbox: Slots
    outbox: Slots

    def receive(self) -> Sequence[Datagram]:
        """What has come, at most ``SLOTS``: the n-th lies in the n-th slot of ``inbox``; one too long fills it."""
        ...

    def received_at(self, index: int) -> float:
        """When the kernel took the n-th of the last batch, in seconds since 1970."""
        ...

    def send(self, datagrams: Sequence[Datagram]) -> int:
        """Send the n-th slot of ``outbox`` to the n-th address; how many were not sent."""
        ...

    def close(self) -> None:
        """Close the socket."""
        ...


def pack_address(host: str, port: int) -> Address:
    """The address of a numeric host, as the kernel writes it."""
    number = struct.pack("!H", port)
    if ":" in host:
        return _V6.pack(socket.AF_INET6, number, 0, socket.inet_pton(socket.AF_INET6, host), 0)
    return _V4.pack(socket.AF_INET, number, socket.inet_pton(socket.AF_INET, host))


@lru_cache(maxsize=4096)
def host_and_port(address: Address) -> tuple[str, int]:
    """The numeric host and the port; IPv4 in its own notation also where it came through an IPv6 socket."""
    if len(address) == _V4.size:
        _, number, raw = _V4.unpack(address)
    else:
        _, number, _, raw, _ = _V6.unpack(address)
        raw = raw[12:] if raw[:12] == MAPPED else raw
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, raw), int.from_bytes(number, "big")


def bound_socket(host: str, port: int) -> socket.socket:
    """A non-blocking UDP socket with room for a burst; ``::`` takes both families, or IPv4 where that is all there is.

    Raises ``OSError`` when the port is taken.
    """
    if host == ANY_BOTH and not socket.has_dualstack_ipv6():
        host = ANY_IPV4
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF, SO_RCVBUFFORCE):
        with suppress(OSError):
            made.setsockopt(socket.SOL_SOCKET, option, BUFFER)
    try:
        if made.family is socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(host != ANY_BOTH))
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
