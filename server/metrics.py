"""Numbers for Prometheus, and one log line a request. Neither holds more of an address than its route's template."""

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.media.ports import EngineLoad, EventKind, MediaEvent, SeatHealth, SeatState
from server.signaling.messages import Place
from server.signaling.switchboard import Switchboard

log = structlog.get_logger()
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
ENGINE_NUMBERS = {
    "up": "Whether this media process answers.",
    "sessions": "Talks in this media process.",
    "cpu": "Share of one core that this media process takes.",
    "lag_seconds": "How late its timers come, at the 95th percentile.",
    "full": "Whether it takes no further talk now.",
    "dropped": "Datagrams since its start that it had no use for.",
}
QUIET = {"/static", "/healthz", "/readyz", "/metrics"}


class Metrics:
    """The numbers of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        told: dict[str, Any] = {"namespace": "lianxin", "registry": self.registry}
        self.requests = Counter("requests", "Requests answered.", ["method", "route", "status"], **told)
        self.seconds = Histogram("request_seconds", "Seconds to an answer.", ["route"], buckets=BUCKETS, **told)
        self.alarms = Counter("recording_alarms", "Times a recording could not be trusted.", ["alarm"], **told)
        self.sockets = Gauge("live_sockets", "Browsers on the live socket now.", ["place"], **told)
        self.sessions = Gauge("sessions", "Talks going on now.", **told)
        self.waiting = Gauge("waiting", "Visitors waiting now.", **told)
        self.bookings = Gauge("bookings", "Bookings by state.", ["state"], **told)
        self.notices = Counter("notices", "Notices by what came of sending them.", ["channel", "came"], **told)
        self.seats = Gauge("seats", "Seats of talks by the state of their line.", ["state"], **told)
        self.changes = Counter("seat_changes", "Times a seat's line came into a state.", ["state"], **told)
        self.loss = Gauge("line_loss", "Share of packets lost on a seat's line.", ["of"], **told)
        self.jitter = Gauge("line_jitter_seconds", "Jitter of a seat's line.", ["of"], **told)
        self.trip = Gauge("line_round_trip_seconds", "Round trip of a seat's line.", ["of"], **told)
        self.bitrate = Gauge("seat_bitrate", "Bits a second that a seat sends.", ["of"], **told)
        self.freezes = Gauge("picture_freezes", "Standstills of pictures in talks going on now.", **told)
        self.media = Gauge("media_connected", "Whether any media process answers.", **told)
        self.engines = {
            name: Gauge(f"media_engine_{name}", words, ["engine"], **told) for name, words in ENGINE_NUMBERS.items()
        }

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def take(self, event: MediaEvent) -> None:
        """Count alarms of recordings and changes of lines; for ``MediaPort.subscribe``."""
        if event.kind is EventKind.SEAT_CHANGED and event.state is not None:
            self.changes.labels(event.state.value).inc()
        if event.kind is EventKind.RECORDING_ALARM and event.alarm is not None:
            self.alarms.labels(event.alarm.value).inc()

    def noticed(self, channel: str, came: str) -> None:
        """Count one try to send a notice."""
        self.notices.labels(channel, came).inc()

    def see(self, healths: Sequence[SeatHealth]) -> None:
        """Take the lines of all seats as they are now; nothing says whose is which."""
        for state in SeatState:
            self.seats.labels(state.value).set(sum(one.state is state for one in healths))
        here = [one for one in healths if one.state not in {SeatState.ABSENT, SeatState.LOST}]
        _worst_and_middle(self.loss, [one.loss for one in here])
        _worst_and_middle(self.jitter, [one.jitter for one in here])
        _worst_and_middle(self.trip, [one.round_trip for one in here if one.round_trip is not None])
        _worst_and_middle(self.bitrate, [one.bitrate for one in here])
        self.freezes.set(sum(one.freezes for one in healths))

    def text(self, *, board: Switchboard, bookings: dict[str, int]) -> bytes:
        """Everything as Prometheus reads it."""
        connections = list(board.connections.values())
        for place in Place:
            self.sockets.labels(place.value).set(sum(one.place is place for one in connections))
        for state, count in bookings.items():
            self.bookings.labels(state).set(count)
        self.waiting.set(bookings.get("waiting", 0))
        self.sessions.set(bookings.get("in_session", 0))
        self.media.set(bool(getattr(board.media, "connected", True)))
        for one in getattr(board.media, "engines", ()):
            self._engine(one.name, one.load)
        return generate_latest(self.registry)

    def _engine(self, name: str, load: EngineLoad | None) -> None:
        seen = load or EngineLoad()
        numbers = (load is not None, len(seen.sessions), seen.cpu, seen.lag, seen.full, seen.dropped)
        for gauge, number in zip(self.engines.values(), numbers, strict=True):
            gauge.labels(name).set(float(number))


def _worst_and_middle(gauge: Gauge, values: Sequence[float]) -> None:
    gauge.labels("worst").set(max(values, default=0.0))
    gauge.labels("middle").set(median(values) if values else 0.0)


def route_of(scope: Scope) -> str:
    """The template of the route that answers: never the address itself, which may hold a number or a code."""
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if template:
        return str(template)
    mounted = str(scope.get("path", "")).startswith(("/static/", "/api/static/"))
    return "/static" if mounted else "unknown"


class Measured:
    """ASGI middleware: counts and logs every request. The outermost, so that refusals count too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through and look at the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            _note(scope, status, time.perf_counter() - started)


def _note(scope: Scope, status: int, seconds: float) -> None:
    metrics: Metrics = scope["app"].state.metrics
    route = route_of(scope)
    metrics.answered(scope["method"], route, status, seconds)
    if route not in QUIET or status >= 400:
        told = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        log.info("request", **told)
