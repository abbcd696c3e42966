"""What is to be sent, gathered in the send slots and handed to the wire together."""

from collections.abc import Callable
from typing import Any

from server.media.srtp import REFUSED, TRAILER, Direction
from server.media.udp import SLOT, SLOTS, Address, Datagram, Wire

LARGEST = SLOT - TRAILER


class Outbox:
    """Datagrams wait here until ``flush``; a full box is flushed by itself. ``wanted`` is called with the first."""

    def __init__(self, wire: Wire, wanted: Callable[[], None]) -> None:
        self._wire, self._wanted = wire, wanted
        self._waiting: list[Datagram] = []
        self._data, self._pointers = wire.outbox.data, wire.outbox.pointers
        self.dropped = 0

    def put(self, data: bytes, address: Address) -> None:
        """Send as it is."""
        self._put(data, b"", address, None)

    def put_rtp(self, head: bytes, payload: bytes, address: Address, keys: Direction) -> None:
        """Send an RTP packet, encrypted."""
        self._put(head, payload, address, keys.seal_rtp)

    def put_rtcp(self, compound: bytes, address: Address, keys: Direction) -> None:
        """Send an RTCP compound, encrypted."""
        self._put(compound, b"", address, keys.seal_rtcp)

    def _put(self, head: bytes, rest: bytes, address: Address, seal: Callable[[Any, int], int] | None) -> None:
        waiting = self._waiting
        index, data = len(waiting), self._data
        start = index * SLOT
        middle = start + len(head)
        length = len(head) + len(rest)
        if length > LARGEST:
            self.dropped += 1
            return
        data[start:middle], data[middle : start + length] = head, rest
        if seal is not None:
            length = seal(self._pointers[index], length)
            if length == REFUSED:
                self.dropped += 1
                return
        waiting.append((length, address))
        if index == 0:
            self._wanted()
        elif index == SLOTS - 1:
            self.flush()

    def flush(self) -> None:
        """Hand everything over to the wire."""
        if self._waiting:
            self.dropped += self._wire.send(self._waiting)
            self._waiting.clear()
