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
        self._put(data, address, None)

    def put_rtp(self, packet: bytes, address: Address, keys: Direction) -> None:
        """Send an RTP packet, encrypted."""
        self._put(packet, address, keys.seal_rtp)

    def put_rtcp(self, compound: bytes, address: Address, keys: Direction) -> None:
        """Send an RTCP compound, encrypted."""
        self._put(compound, address, keys.seal_rtcp)

    def _put(self, data: bytes, address: Address, seal: Callable[[Any, int], int] | None) -> None:
        waiting, length = self._waiting, len(data)
        index = len(waiting)
        if length <= LARGEST:
            start = index * SLOT
            self._data[start : start + length] = data
            if seal is not None:
                length = seal(self._pointers[index], length)
        else:
            length = REFUSED
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
