"""The engine: one UDP socket for every peer, ICE-lite, forwarding without decoding (design: docs/architecture.md)."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine, Sequence

from server.errors import Conflict, NotFound
from server.media import sdp, sdp_answer
from server.media.dtls import Identity
from server.media.ending import Finalise, Seal, end_recording
from server.media.peer import Peer
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
from server.media.traffic import Traffic, open_wire
from server.media.udp import Wire

BEAT = 0.03
LOOK = 0.2
JUDGE = 1.0
MAX_ROOMS = 200
RESTART_GRACE = 30.0


class Engine:
    """A MediaPort in this process.

    What comes within ``group`` seconds is sent together; ``wire`` puts the socket to use.
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
        group: float = 0.0,
        wire: Callable[[socket.socket], Wire] = open_wire,
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
        self._traffic = Traffic(group=group, wire=wire, now=now, stalled=self._stalled)
        self._listeners: list[Callable[[MediaEvent], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = port

    @property
    def dropped(self) -> int:
        """Datagrams that went nowhere."""
        return self._traffic.dropped

    async def start(self) -> None:
        """Bind the socket and begin to listen; the port in force is ``port``."""
        self.port = self._traffic.start(*self._bind)
        self._keep(self._beat())

    async def stop(self) -> None:
        """End everything; recordings are closed."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for sink in [room.sink for room in self._rooms.values() if room.sink is not None]:
            sink.close()
        self._rooms.clear()
        self._traffic.stop()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stalled(self) -> None:
        for room in self._rooms.values():
            room.resume()

    async def open_session(self, *, session: str) -> None:
        """See MediaPort."""
        if session not in self._rooms:
            # Not all in the same beat: packets would wait for it.
            turn = len(self._rooms) * BEAT % JUDGE
            self._rooms[session] = Room(session, judged_at=self._now() - turn)

    def _room(self, session: str) -> Room:
        if session not in self._rooms:
            raise NotFound("no_such_session", "This talk is not there, or it is not yours.")
        return self._rooms[session]

    async def join(self, *, session: str, seat: str, offer: str) -> Answer:
        """See MediaPort."""
        room, read = self._room(session), sdp.read_offer(offer)
        if room.is_full_for(seat, read):
            raise Conflict("seats_taken", "All six seats of this talk are taken.")
        peer = room.peers.get(seat)
        if peer is not None and peer.offer.fingerprint == read.fingerprint and not peer.closed:
            self._restart(peer, read)
            room.seat(peer)
        else:
            peer = Peer(session=session, seat=seat, offer=read, context=self._context, outbox=self._traffic.outbox)
            self._replace(room, peer)
        self._traffic.expect(room, peer)
        if room.sink is not None and room.recording:
            room.sink.mark("joined", seat)
        return Answer(sdp=sdp_answer.write_answer(read, self._ours(peer, read)))

    def _replace(self, room: Room, peer: Peer) -> None:
        before = room.peers.get(peer.seat)
        if before is not None:
            self._traffic.forget(before)
            if len(before.offer.sections) == len(peer.offer.sections):
                peer.outgoing = before.outgoing
        room.seat(peer)

    def _restart(self, peer: Peer, offer: sdp.Offer) -> None:
        old = peer.ufrag
        peer.rename()
        peer.adopt(offer)
        asyncio.get_running_loop().call_later(RESTART_GRACE, self._traffic.retire, old)

    def _ours(self, peer: Peer, offer: sdp.Offer) -> sdp_answer.Ours:
        received = [(one.kind, one.pair) for one in offer.sections if one.receives]
        streams = {place: peer.stream_out(*place) for place in received}
        ssrcs = {place: (one.ssrc, one.rtx_ssrc) for place, one in streams.items()}
        port, fingerprint = self._public_port or self.port, self._identity.fingerprint
        return sdp_answer.Ours(peer.ufrag, peer.password, fingerprint, self._addresses, port, ssrcs)

    async def leave(self, *, session: str, seat: str) -> None:
        """See MediaPort."""
        room = self._room(session)
        peer = room.unseat(seat)
        if peer is not None:
            self._traffic.forget(peer)
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
            self._traffic.forget(peer)
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
        last_look = 0.0
        alarms: dict[str, object] = {}
        while True:
            await asyncio.sleep(BEAT)
            now = self._now()
            self._tend(now, alarms)
            if now - last_look >= LOOK:
                last_look = now
                self._listen_for_voices(now)

    def _tend(self, now: float, alarms: dict[str, object]) -> None:
        for room in self._rooms.values():
            for peer in room.peers.values():
                peer.guard.refill(now)
                peer.repair(now)
            if now >= room.judged_at + JUDGE:
                room.judged_at = now
                self._judge(room, now, alarms)
        for token in alarms.keys() - self._rooms.keys():
            del alarms[token]

    def _listen_for_voices(self, now: float) -> None:
        for room in self._rooms.values():
            speaking = room.speaking(now)
            if speaking != room.spoke:
                room.spoke = speaking
                self._report(MediaEvent(EventKind.SPEAKING, room.token, speaking=speaking))

    def _judge(self, room: Room, now: float, alarms: dict[str, object]) -> None:
        room.steer(now)
        for peer in room.peers.values():
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
