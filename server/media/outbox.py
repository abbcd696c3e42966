"""What is to be sent, gathered in the send slots and handed to the wire together."""

from collections.abc import Callable

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
        if self._place(data):
            self._add(len(data), address)

    def put_rtp(self, packet: bytes, address: Address, keys: Direction) -> None:
        """Send an RTP packet, encrypted."""
        if self._place(packet):
            self._add(keys.seal_rtp(self._pointers[len(self._waiting)], len(packet)), address)

    def put_rtcp(self, compound: bytes, address: Address, keys: Direction) -> None:
        """Send an RTCP compound, encrypted."""
        if self._place(compound):
            self._add(keys.seal_rtcp(self._pointers[len(self._waiting)], len(compound)), address)

    def _place(self, data: bytes) -> bool:
        if len(data) > LARGEST:
            self.dropped += 1
            return False
        start = len(self._waiting) * SLOT
        self._data[start : start + len(data)] = data
        return True

    def _add(self, length: int, address: Address) -> None:
        if length == REFUSED:
            self.dropped += 1
            return
        waiting = self._waiting
        waiting.append((length, address))
        if len(waiting) == SLOTS:
            self.flush()
        elif len(waiting) == 1:
            self._wanted()

    def flush(self) -> None:
        """Hand everything over to the wire."""
        if self._waiting:
            self.dropped += self._wire.send(self._waiting)
            self._waiting.clear()
