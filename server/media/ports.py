"""What signalling may ask of a media engine, and what the engine reports back.

This is the only thing the rest of the house knows of media. All instants are aware UTC
datetimes; all durations are seconds; identifiers are opaque text of ``[A-Za-z0-9_-]{1,64}``
that say nothing about people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

SPARE_CPU, SPARE_LAG = 0.1, 0.005
SIDE_BY_SIDE = "side-by-side.mp4"
"""The file of a session for handing out: all pictures side by side, all sound mixed."""


class SeatState(StrEnum):
    """What the engine knows of one seat, from the packets alone."""

    ABSENT = "absent"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WEAK = "weak"
    VOICE_ONLY = "voice_only"
    LOST = "lost"


class EventKind(StrEnum):
    """What the engine reports by itself."""

    SEAT_CHANGED = "seat_changed"
    SPEAKING = "speaking"
    RECORDING_ALARM = "recording_alarm"
    RECORDING_HEALTHY = "recording_healthy"
    SEALED = "sealed"
    FINALISED = "finalised"
    ENGINE_LOST = "engine_lost"
    ENGINE_READY = "engine_ready"


class Alarm(StrEnum):
    """Why a recording cannot be trusted at this moment."""

    NOT_GROWING = "not_growing"
    SILENT = "silent"
    LENGTH_OFF = "length_off"
    DISK = "disk"


@dataclass(frozen=True)
class MediaEvent:
    """One report; ``session`` is empty for engine events.

    ``speaking`` has all seats that speak now; ``SEALED`` has the recording's seal as its ``detail``.
    """

    kind: EventKind
    session: str = ""
    seat: str = ""
    state: SeatState | None = None
    alarm: Alarm | None = None
    detail: str = ""
    speaking: Sequence[str] = ()


@dataclass(frozen=True)
class Answer:
    """The engine's SDP answer and the moment it was made."""

    sdp: str


@dataclass(frozen=True)
class RecordedFile:
    """One finalised file of one seat. ``offset`` is its start after the recording's start."""

    seat: str
    name: str
    offset: float
    duration: float
    bytes: int
    has_video: bool
    has_audio: bool
    speech: Sequence[tuple[float, float]] = ()
    gaps: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class SeatHealth:
    """Numbers of one seat, over the last seconds: the worse of both ways, and ``bitrate`` as it sends.

    ``freezes`` counts since it joined how often its picture stood still. Who ``listens`` is on nobody's pairs.
    """

    seat: str
    state: SeatState
    loss: float = 0.0
    jitter: float = 0.0
    round_trip: float | None = None
    bitrate: float = 0.0
    freezes: int = 0
    speaking: bool = False
    listens: bool = False


@dataclass(frozen=True)
class RecordingState:
    """Proof while it runs: bytes on disk, length recorded and length by the clock, sound heard."""

    recording: bool
    started_at: datetime | None = None
    bytes: int = 0
    length: float = 0.0
    clock: float = 0.0
    alarm: Alarm | None = None


@dataclass(frozen=True)
class SessionStatus:
    """One session as the engine sees it."""

    session: str
    seats: Sequence[SeatHealth] = field(default_factory=tuple)
    recording: RecordingState = field(default_factory=lambda: RecordingState(recording=False))


@dataclass(frozen=True)
class EngineLoad:
    """What one engine holds and how busy it is: its share of one core, and the lateness of its timers in seconds.

    ``dropped`` counts since its start the datagrams that it had no use for, its own that could not be sent included.
    """

    sessions: Sequence[str] = ()
    cpu: float = 0.0
    lag: float = 0.0
    full: bool = False
    dropped: int = 0

    @property
    def nearly_idle(self) -> bool:
        """Whether work beside it hurts nobody: no session, or few, a tenth of a core, and timers in time."""
        return not self.full and (not self.sessions or (self.cpu <= SPARE_CPU and self.lag <= SPARE_LAG))


class PacketSink(Protocol):
    """Where recorded packets go: one more receiver, which must return at once."""

    def packet(self, *, seat: str, kind: str, received_at: float, rtp: bytes, audio_level: int | None) -> None:
        """Take one RTP packet as it came, decrypted; ``received_at`` is ``time.monotonic()``."""
        ...

    def mark(self, kind: str, detail: str = "") -> None:
        """Write an event into the recording's index."""
        ...

    def start(self) -> RecordingState:
        """Begin, go on, or begin a new segment after a failure."""
        ...

    def pause(self) -> RecordingState:
        """Stop taking packets; the gap is in the index."""
        ...

    def state(self) -> RecordingState:
        """The proof at this moment."""
        ...

    def close(self) -> None:
        """Write out what is left and end."""
        ...


class MediaPort(Protocol):
    """A media engine. Every verb raises ``Unavailable("media_unavailable")`` when it does not answer.

    Verbs are safe to repeat. ``open_session`` on an open session changes nothing; ``join`` on a taken
    seat replaces the old connection or, if the fingerprint is unchanged, restarts ICE in it.
    """

    async def open_session(self, *, session: str) -> None:
        """Make room for a session; nothing is recorded yet. Raises ``Unavailable("media_full")``."""
        ...

    async def join(self, *, session: str, seat: str, offer: str) -> Answer:
        """Answer a browser's offer. Raises ``Invalid`` (codes: docs/protocol.md), ``NotFound("no_such_session")``,
        ``Conflict("seats_taken")`` for a seventh seat."""
        ...

    async def leave(self, *, session: str, seat: str) -> None:
        """Free the seat's connection; what it recorded stays."""
        ...

    async def start_recording(self, *, session: str) -> RecordingState:
        """Record from now on, once consent is stored; resumes a paused one, restarts a broken one."""
        ...

    async def pause_recording(self, *, session: str) -> RecordingState:
        """Stop writing, keep forwarding; the gap is in the index."""
        ...

    async def mark(self, *, session: str, kind: str, detail: str = "") -> None:
        """Write an event of the session into the recording's index."""
        ...

    async def close_session(self, *, session: str) -> None:
        """End all seats and finalise the files; ``SEALED`` and ``FINALISED`` follow, also when it was over before."""
        ...

    async def status(self, *, session: str) -> SessionStatus:
        """How the session stands. Raises ``NotFound("no_such_session")``."""
        ...

    async def files(self, *, session: str) -> Sequence[RecordedFile]:
        """The finalised files, also of sessions long over. Empty while finalising."""
        ...

    def subscribe(self, listener: Callable[[MediaEvent], None]) -> None:
        """Call ``listener`` from the event loop for every report. Listeners must not block."""
        ...


class EnginePort(MediaPort, Protocol):
    """One engine of several: it can say how busy it is."""

    async def load(self) -> EngineLoad:
        """Its sessions and its load at this moment."""
        ...
