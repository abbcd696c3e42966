"""Every datagram of the process: whose it is and what is done with it, a batch at a time, without a task or a queue."""

import asyncio
import socket
import time
from collections.abc import Callable

from server.media import stun
from server.media.guard import RTCP_WEIGHT
from server.media.outbox import Outbox
from server.media.pace import Pace
from server.media.peer import Peer
from server.media.rewrite import FIXED
from server.media.room import Room
from server.media.udp import SLOT, SLOTS, Address, Wire, bound_socket, host_and_port
from server.media.udp_batch import BatchWire, can_batch
from server.media.udp_plain import PlainWire

MAX_DATAGRAM = 1500
MAX_ADDRESSES = 4
STALL = 0.5
BATCHES = 8
Seated = tuple[Room, Peer]


def open_wire(made: socket.socket) -> Wire:
    """The wire of a bound socket, in batches where the system can."""
    return BatchWire(made) if can_batch() else PlainWire(made)


class Traffic:
    """The socket and the tables of peers: by ufrag until they are known, then by address.

    ``wire`` puts a bound socket to use. While much comes, up to ``group`` seconds of it are taken and sent together.
    ``stalled`` is called when this process stood still: what came meanwhile is recorded and not passed on.
    """

    def __init__(
        self,
        *,
        group: float,
        wire: Callable[[socket.socket], Wire],
        now: Callable[[], float],
        stalled: Callable[[], None],
    ) -> None:
        self._pace, self._open, self._now, self._stalled = Pace(group), wire, now, stalled
        self._by_ufrag: dict[str, tuple[Room, Peer, str]] = {}
        self._by_address: dict[Address, Seated] = {}
        self._wire: Wire | None = None
        self._outbox: Outbox | None = None
        self._draining = False
        self._next: asyncio.TimerHandle | None = None
        self._backlog_until = 0.0
        self._dropped = 0

    @property
    def outbox(self) -> Outbox:
        """Where datagrams to be sent are put. Raises ``RuntimeError`` before ``start``."""
        if self._outbox is None:
            raise RuntimeError("the socket is not open")
        return self._outbox

    @property
    def dropped(self) -> int:
        """Datagrams that went nowhere, of both directions."""
        return self._dropped + (self._outbox.dropped if self._outbox is not None else 0)

    def start(self, host: str, port: int) -> int:
        """Bind, begin to listen, and return the port in force. Raises ``OSError`` when it is taken."""
        self._wire = self._open(bound_socket(host, port))
        self._outbox = Outbox(self._wire, self._soon)
        asyncio.get_running_loop().add_reader(self._wire.descriptor, self.readable)
        return self._wire.port

    def stop(self) -> None:
        """Send what waits, then close the socket."""
        if self._next is not None:
            self._next.cancel()
        if self._wire is not None:
            self.outbox.flush()
            asyncio.get_running_loop().remove_reader(self._wire.descriptor)
            self._wire.close()
            self._wire = None

    def expect(self, room: Room, peer: Peer) -> None:
        """Know a peer by its present ufrag; the ufrags before it stay in force until ``retire``."""
        self._by_ufrag[peer.ufrag] = (room, peer, peer.password)

    def retire(self, ufrag: str) -> None:
        """Answer no more checks under this ufrag."""
        self._by_ufrag.pop(ufrag, None)

    def forget(self, peer: Peer) -> None:
        """Know nothing more of this peer."""
        for ufrag in [name for name, (_, one, _) in self._by_ufrag.items() if one is peer]:
            del self._by_ufrag[ufrag]
        for address in peer.addresses:
            self._drop_address(address, peer)

    def _drop_address(self, address: Address, peer: Peer) -> None:
        if address in self._by_address and self._by_address[address][1] is peer:
            del self._by_address[address]

    def _soon(self) -> None:
        if not self._draining:
            asyncio.get_running_loop().call_soon(self.outbox.flush)

    def readable(self) -> None:
        """Take what has come and send what comes of it; while much comes, look again by the clock."""
        if self.drain() and self._wire is not None and (wait := self._pace.wait):
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._wire.descriptor)
            self._next = loop.call_later(wait, self._look_again)

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        if self.drain() and self._wire is not None and (wait := self._pace.wait):
            self._next = loop.call_later(wait, self._look_again)
        elif self._wire is not None:
            loop.add_reader(self._wire.descriptor, self.readable)

    def drain(self) -> int:
        """Take and send until less than a batch is left, or for one turn of the loop; how many there were.

        A flood must leave turns for timers and for those who join; the kernel tells again of what is left.
        """
        taken = 0
        self._draining = True
        try:
            for _ in range(BATCHES):
                count = self._batch(self._wire) if self._wire is not None else 0
                taken += count
                if count < SLOTS:
                    break
        finally:
            self._draining = False
            self.outbox.flush()
        self._pace.take(taken, self._now())
        return taken

    def _batch(self, wire: Wire) -> int:
        came = wire.receive()
        if came:
            oldest, wall = wire.received_at(0), time.time()
            if wall - oldest > STALL:
                self._backlog_until = wall
                self._stalled()
            late = wall if oldest <= self._backlog_until else 0.0
            now, view, seats = self._now(), wire.inbox.view, self._by_address
            for index, (length, address) in enumerate(came):
                if 128 <= view[index * SLOT] <= 191 and FIXED.size <= length <= MAX_DATAGRAM and address in seats:
                    room, peer = seats[address]
                    passed = late and late - wire.received_at(index)
                    live = not late or wire.received_at(index) > self._backlog_until
                    if not self._media(wire, index, length, room, peer, now - passed, live):
                        peer.dropped += 1
                        self._dropped += 1
                    elif address == peer.guard.nominated:
                        peer.address, peer.guard.nominated = address, None
                else:
                    start = index * SLOT
                    self.datagram(wire.inbox.data[start : start + length], address)
        return len(came)

    def _media(self, wire: Wire, index: int, length: int, room: Room, peer: Peer, at: float, live: bool) -> bool:
        """Take RTP or RTCP that lies in a slot; False for what is too much or cannot be decrypted."""
        inbox, guard, start = wire.inbox, peer.guard, index * SLOT
        is_rtcp = 192 <= inbox.view[start + 1] <= 223
        source = inbox.data[start + 4 : start + 8] if is_rtcp else inbox.data[start + 8 : start + 12]
        if peer.keys is None or not guard.admits(source):
            return False
        inbound = peer.keys.inbound
        size = (inbound.open_rtcp if is_rtcp else inbound.open_rtp)(inbox.pointers[index], length)
        if size > 0:
            guard.spend(source, RTCP_WEIGHT * length if is_rtcp else length)
            packet = inbox.data[start : start + size]
            if is_rtcp:
                room.reported(peer, packet, at)
            else:
                room.deliver(peer, packet, at, live=live)
        return size > 0

    def datagram(self, data: bytes, address: Address) -> None:
        """Take one that is not media. Only an address that passed an authenticated check is heard beyond STUN."""
        seated = self._by_address.get(address)
        if not data or len(data) > MAX_DATAGRAM:
            self._dropped += 1
        elif data[0] < 4:
            self._check(data, address)
        elif seated is not None and 20 <= data[0] <= 63:
            if seated[1].keys is None:
                seated[1].address = address
            seated[0].shake_hands(seated[1], data)
        else:
            self._dropped += 1

    def _check(self, data: bytes, address: Address) -> None:
        check = stun.read_check(data, self._by_ufrag)
        if check is None or not check.authentic(self._by_ufrag[check.ufrag][2]):
            self._dropped += 1
            return
        room, peer, password = self._by_ufrag[check.ufrag]
        self._checked(room, peer, address)
        if peer.address is None:
            peer.address = address
        elif check.use_candidate:
            peer.guard.nominated = address if address != peer.address else None
        self.outbox.put(stun.write_answer(check, password, host_and_port(address)), address)

    def _checked(self, room: Room, peer: Peer, address: Address) -> None:
        """What still comes from the address before, or already from the next one, is the same peer's."""
        self._by_address[address] = (room, peer)
        if address not in peer.addresses:
            peer.addresses.append(address)
        for old in [one for one in peer.addresses if one != peer.address][: len(peer.addresses) - MAX_ADDRESSES]:
            if len(peer.addresses) > MAX_ADDRESSES:
                peer.addresses.remove(old)
                self._drop_address(old, peer)
