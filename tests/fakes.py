"""Fakes at the boundary: time, a disk that hangs, and a media engine that can fail on command."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

from server.errors import NotFound, Unavailable
from server.media.journal_writer import append_synced
from server.media.load import media_full
from server.media.ports import (
    Answer,
    EngineLoad,
    EventKind,
    MediaEvent,
    RecordedFile,
    RecordingState,
    SeatHealth,
    SessionStatus,
)
from server.media.udp import SLOT, Datagram, Slots


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)) -> None:
        self.instant = start

    def now(self) -> datetime:
        """The instant it shows."""
        return self.instant

    def forward(self, **units: float) -> None:
        """Move by ``timedelta(**units)``."""
        self.instant += timedelta(**units)


class SlowDisk:
    """A way to the disk that hangs from ``hang`` until ``recover``, and is a real one otherwise."""

    def __init__(self) -> None:
        self._open = Event()
        self._open.set()

    def hang(self) -> None:
        """From now on nothing gets to the disk."""
        self._open.clear()

    def recover(self) -> None:
        """All goes on, what waited first."""
        self._open.set()

    def __call__(self, descriptor: int, data: bytes) -> None:
        """Append, when it works."""
        self._open.wait()
        append_synced(descriptor, data)


class FakeMedia:
    """An EnginePort in memory; ``down`` makes every verb fail, ``fails`` some, ``full`` lets no new session in.

    ``report`` plays an engine's event; ``cpu`` is what it says of its load. A session with an entry in ``seals`` is
    sealed when it is closed.
    """

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.down = self.full = False
        self.fails: set[str] = set()
        self.cpu = 0.0
        self.sessions: dict[str, RecordingState] = {}
        self.seats: list[tuple[str, str]] = []
        self.calls: list[tuple[str, str]] = []
        self.listeners: list[Callable[[MediaEvent], None]] = []
        self.lines: dict[str, Sequence[SeatHealth]] = {}
        self.seals: dict[str, str] = {}
        self.recorded: dict[str, list[RecordedFile]] = {}

    def _called(self, verb: str, session: str) -> None:
        if self.down or verb in self.fails:
            raise Unavailable("media_unavailable", "Video is not available at this moment. It comes back by itself.")
        self.calls.append((verb, session))

    def _known(self, session: str) -> RecordingState:
        if session not in self.sessions:
            raise NotFound("no_such_session", "This session is not there any more.")
        return self.sessions[session]

    async def open_session(self, *, session: str) -> None:
        """See MediaPort."""
        self._called("open_session", session)
        if self.full and session not in self.sessions:
            raise media_full()
        self.sessions.setdefault(session, RecordingState(recording=False))

    async def join(self, *, session: str, seat: str, offer: str) -> Answer:
        """See MediaPort."""
        self._called("join", session)
        self._known(session)
        self.seats.append((session, seat))
        return Answer(sdp=f"answer to {offer}")

    async def leave(self, *, session: str, seat: str) -> None:
        """See MediaPort."""
        self._called("leave", session)

    async def start_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        self._called("start_recording", session)
        self._known(session)
        self.sessions[session] = RecordingState(recording=True, started_at=self.clock.now())
        return self.sessions[session]

    async def pause_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        self._called("pause_recording", session)
        self.sessions[session] = RecordingState(recording=False, started_at=self._known(session).started_at)
        return self.sessions[session]

    async def mark(self, *, session: str, kind: str, detail: str = "") -> None:
        """See MediaPort."""
        self._known(session)
        self._called(f"mark {kind}", session)

    async def close_session(self, *, session: str) -> None:
        """See MediaPort."""
        self._called("close_session", session)
        self.sessions.pop(session, None)
        if session in self.seals:
            self.report(MediaEvent(EventKind.SEALED, session, detail=self.seals[session]))

    async def status(self, *, session: str) -> SessionStatus:
        """See MediaPort."""
        self._called("status", session)
        return SessionStatus(session, self.lines.get(session, ()), self._known(session))

    async def files(self, *, session: str) -> Sequence[RecordedFile]:
        """See MediaPort."""
        self._called("files", session)
        return self.recorded.get(session, [])

    async def load(self) -> EngineLoad:
        """See EnginePort."""
        self._called("load", "")
        return EngineLoad(tuple(self.sessions), cpu=self.cpu, full=self.full)

    def subscribe(self, listener: Callable[[MediaEvent], None]) -> None:
        """See MediaPort."""
        self.listeners.append(listener)

    def report(self, event: MediaEvent) -> None:
        """Play an event of the engine."""
        for listener in self.listeners:
            listener(event)


class FakeWire:
    """A wire without a network: ``sent`` has what was sent, the first ``refuses`` of a batch are not."""

    def __init__(self) -> None:
        self.descriptor, self.port = -1, 1
        self.inbox, self.outbox = Slots(), Slots()
        self.sent: list[tuple[bytes, bytes]] = []
        self.refuses = 0

    def receive(self) -> Sequence[Datagram]:
        """Nothing ever comes."""
        return []

    def received_at(self, index: int) -> float:
        """Long ago."""
        return float(index)

    def send(self, datagrams: Sequence[Datagram]) -> int:
        """Keep what is sent."""
        for index, (length, address) in list(enumerate(datagrams))[self.refuses :]:
            self.sent.append((bytes(self.outbox.data[index * SLOT : index * SLOT + length]), address))
        return min(self.refuses, len(datagrams))

    def close(self) -> None:
        """Nothing is open."""
