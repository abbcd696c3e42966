"""One datagram a call, for systems that have nothing better."""

import socket
import time
from collections.abc import Sequence

from server.media.udp import SLOT, SLOTS, Datagram, Slots, host_and_port, pack_address


class PlainWire:
    """A ``Wire`` over recvfrom and sendto. The kernel's instants are unknown: each counts as received when read."""

    def __init__(self, made: socket.socket) -> None:
        self._socket = made
        self._read_at = 0.0
        self.descriptor, self.port = made.fileno(), int(made.getsockname()[1])
        self.inbox, self.outbox = Slots(), Slots()

    def receive(self) -> Sequence[Datagram]:
        """See Wire."""
        came: list[Datagram] = []
        while len(came) < SLOTS:
            start = len(came) * SLOT
            try:
                length, address = self._socket.recvfrom_into(self.inbox.view[start : start + SLOT])
            except OSError:
                break
            came.append((length, pack_address(address[0], address[1])))
        self._read_at = time.time()
        return came

    def received_at(self, index: int) -> float:
        """See Wire."""
        return self._read_at

    def send(self, datagrams: Sequence[Datagram]) -> int:
        """See Wire."""
        failed = 0
        for index, (length, address) in enumerate(datagrams):
            host, port = host_and_port(address)
            if self._socket.family is socket.AF_INET6 and ":" not in host:
                host = f"::ffff:{host}"
            try:
                self._socket.sendto(self.outbox.view[index * SLOT : index * SLOT + length], (host, port))
            except OSError:
                failed += 1
        return failed

    def close(self) -> None:
        """See Wire."""
        self._socket.close()
