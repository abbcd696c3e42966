"""The engine: one UDP socket for every peer, ICE-lite, forwarding without decoding (design: docs/architecture.md)."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine, Sequence

from server.errors import NotFound
from server.media import sdp, stun
from server.media.dtls import Identity
from server.media.ending import Finalise, Seal, end_recording
from server.media.peer import Address, Peer
from server.media.ports import (
    Answer,
    EventKind,
    MediaEvent,
    PacketSink,
    RecordedFile,
    RecordingState,
    SeatState,
    SessionStatus,
)
from server.media.room import Room
from server.media.udp import bound_socket

BATCH = 64
BEAT = 0.03
MAX_DATAGRAM = 1500
RESTART_GRACE = 30.0


class Engine:
    """A MediaPort in this process.

    ``sinks`` makes the recorder of a session; once it is over ``seal`` tells its seal, ``finalise`` makes its files,
    ``recorded`` reads them.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        addresses: Sequence[str],
        public_port: int = 0,
        sinks: Callable[[str], PacketSink] | None = None,
        seal: Seal | None = None,
        finalise: Finalise | None = None,
        recorded: Callable[[str], Sequence[RecordedFile]] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bind = (host, port)
        self._addresses, self._public_port = list(addresses), public_port
        self._sinks, self._recorded, self._now = sinks, recorded, now
        self._seal, self._finalise = seal, finalise
        self._identity = Identity.make()
        self._context = self._identity.context()
        self._rooms: dict[str, Room] = {}
        self._by_ufrag: dict[str, tuple[Peer, str]] = {}
        self._by_address: dict[Address, Peer] = {}
        self._listeners: list[Callable[[MediaEvent], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: socket.socket | None = None
        self.dropped = 0
        self.port = port

    async def start(self) -> None:
        """Bind the socket and begin to listen; the port in force is ``port``."""
        self._socket = bound_socket(self._bind)
        self.port = self._socket.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)
        self._keep(self._beat())

    async def stop(self) -> None:
        """End everything; recordings are closed."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for sink in [room.sink for room in self._rooms.values() if room.sink is not None]:
            sink.close()
        self._rooms.clear()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _send(self, data: bytes, address: Address) -> None:
        if self._socket is not None:
            try:
                self._socket.sendto(data, address)
            except OSError:
                self.dropped += 1

    def _readable(self) -> None:
        if self._socket is None:
            return
        for _ in range(BATCH):
            try:
                data, address = self._socket.recvfrom(2048)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.dropped += 1
                return
            self.datagram(data, (address[0], address[1]))

    def datagram(self, data: bytes, address: Address) -> None:
        """Take one datagram. Only an address that passed an authenticated check is heard beyond STUN."""
        if not data or len(data) > MAX_DATAGRAM:
            self.dropped += 1
        elif data[0] < 4:
            self._check(data, address)
        else:
            peer = self._by_address.get(address)
            room = self._rooms.get(peer.session) if peer is not None else None
            if peer is None or room is None:
                self.dropped += 1
            elif 20 <= data[0] <= 63:
                room.shake_hands(peer, data)
            elif 128 <= data[0] <= 191:
                room.deliver(peer, data, self._now())

    def _check(self, data: bytes, address: Address) -> None:
        check = stun.read_check(data)
        found = self._by_ufrag.get(check.ufrag) if check is not None else None
        if check is None or found is None or not check.authentic(found[1]):
            self.dropped += 1
            return
        peer, password = found
        if peer.address is None or check.use_candidate:
            self._move(peer, address)
        self._send(stun.write_answer(check, password, address), address)

    def _move(self, peer: Peer, address: Address) -> None:
        if peer.address == address:
            return
        if peer.address is not None:
            self._by_address.pop(peer.address, None)
        peer.address = address
        self._by_address[address] = peer

    async def open_session(self, *, session: str) -> None:
        """See MediaPort."""
        if session not in self._rooms:
            self._rooms[session] = Room(session)

    def _room(self, session: str) -> Room:
        if session not in self._rooms:
            raise NotFound("no_such_session", "This talk is not there, or it is not yours.")
        return self._rooms[session]

    async def join(self, *, session: str, seat: str, offer: str) -> Answer:
        """See MediaPort."""
        room, read = self._room(session), sdp.read_offer(offer)
        peer = room.peers.get(seat)
        if peer is not None and peer.offer.fingerprint == read.fingerprint and not peer.closed:
            self._restart(peer, read)
            room.want_keyframes()
        else:
            peer = Peer(session=session, seat=seat, offer=read, context=self._context, send=self._send)
            self._replace(room, peer)
        self._by_ufrag[peer.ufrag] = (peer, peer.password)
        if room.sink is not None and room.recording:
            room.sink.mark("joined", seat)
        return Answer(sdp=sdp.write_answer(read, self._ours(peer, read)))

    def _replace(self, room: Room, peer: Peer) -> None:
        before = room.seat(peer)
        if before is not None:
            self._forget(before)
            if len(before.offer.sections) == len(peer.offer.sections):
                peer.outgoing = before.outgoing

    def _restart(self, peer: Peer, offer: sdp.Offer) -> None:
        old = peer.ufrag
        fresh = Peer(session=peer.session, seat=peer.seat, offer=offer, context=self._context, send=self._send)
        peer.ufrag, peer.password = fresh.ufrag, fresh.password
        peer.adopt(offer)
        asyncio.get_running_loop().call_later(RESTART_GRACE, self._by_ufrag.pop, old, None)

    def _ours(self, peer: Peer, offer: sdp.Offer) -> sdp.Ours:
        ssrcs = {
            (one.kind, one.pair): peer.stream_out(one.kind, one.pair).ssrc for one in offer.sections if one.receives
        }
        fingerprint = self._identity.fingerprint
        return sdp.Ours(peer.ufrag, peer.password, fingerprint, self._addresses, self._public_port or self.port, ssrcs)

    def _forget(self, peer: Peer) -> None:
        for ufrag in [name for name, (one, _) in self._by_ufrag.items() if one is peer]:
            del self._by_ufrag[ufrag]
        if peer.address is not None and self._by_address.get(peer.address) is peer:
            del self._by_address[peer.address]

    async def leave(self, *, session: str, seat: str) -> None:
        """See MediaPort."""
        room = self._room(session)
        peer = room.peers.pop(seat, None)
        if peer is not None:
            self._forget(peer)
            self._report(MediaEvent(EventKind.SEAT_CHANGED, session, seat, SeatState.ABSENT))
            if room.sink is not None and room.recording:
                room.sink.mark("left", seat)

    async def start_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        room = self._room(session)
        if self._sinks is None:
            return RecordingState(recording=False)
        if room.sink is None:
            room.sink = self._sinks(session)
        state = room.sink.start()
        room.recording = True
        room.want_keyframes()
        return state

    async def pause_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        room = self._room(session)
        room.recording = False
        return room.sink.pause() if room.sink is not None else RecordingState(recording=False)

    async def mark(self, *, session: str, kind: str, detail: str = "") -> None:
        """See MediaPort."""
        room = self._room(session)
        if room.sink is not None:
            room.sink.mark(kind, detail)

    async def close_session(self, *, session: str) -> None:
        """See MediaPort."""
        room = self._rooms.pop(session, None)
        for peer in room.peers.values() if room is not None else ():
            self._forget(peer)
        self._keep(self._finish(session, room.sink if room is not None else None))

    async def _finish(self, session: str, sink: PacketSink | None) -> None:
        await end_recording(session, sink, seal=self._seal, finalise=self._finalise, report=self._report)

    async def status(self, *, session: str) -> SessionStatus:
        """See MediaPort."""
        room = self._room(session)
        recording = room.sink.state() if room.sink is not None else RecordingState(recording=False)
        return SessionStatus(session, room.health(self._now()), recording)

    async def files(self, *, session: str) -> Sequence[RecordedFile]:
        """See MediaPort."""
        if self._recorded is None or session in self._rooms:
            return ()
        return await asyncio.to_thread(self._recorded, session)

    def subscribe(self, listener: Callable[[MediaEvent], None]) -> None:
        """See MediaPort."""
        self._listeners.append(listener)

    def _report(self, event: MediaEvent) -> None:
        for listener in self._listeners:
            listener(event)

    async def _beat(self) -> None:
        last_report = 0.0
        alarms: dict[str, object] = {}
        while True:
            await asyncio.sleep(BEAT)
            now = self._now()
            for room in self._rooms.values():
                for peer in room.peers.values():
                    peer.dtls(None)
                    peer.repair(now)
            if now - last_report >= 1.0:
                last_report = now
                for room in self._rooms.values():
                    self._judge(room, now, alarms)

    def _judge(self, room: Room, now: float, alarms: dict[str, object]) -> None:
        for peer in room.peers.values():
            peer.report(now, room.downstream_loss(peer.seat))
            state = peer.judge(now)
            if state is not peer.state:
                peer.state = state
                self._report(MediaEvent(EventKind.SEAT_CHANGED, room.token, peer.seat, state))
        if room.sink is not None and room.recording:
            alarm = room.sink.state().alarm
            if alarm is not alarms.get(room.token):
                alarms[room.token] = alarm
                kind = EventKind.RECORDING_ALARM if alarm else EventKind.RECORDING_HEALTHY
                self._report(MediaEvent(kind, room.token, alarm=alarm))
