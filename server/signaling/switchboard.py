"""Who is connected, which talks run, and what each browser is told. One per web process, used from its event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from anyio import to_thread
from sqlalchemy import Engine
from sqlmodel import Session

from server.clock import Clock
from server.database import reading, writing
from server.errors import Conflict, LianxinError, NotFound, Unavailable
from server.media.ports import Alarm, MediaPort, RecordingState, SeatHealth, SessionStatus
from server.petitions import service_session
from server.signaling import service_states
from server.signaling.connection import Connection
from server.signaling.messages import Close, Phase, Place
from server.signaling.protocol import out_of_state
from server.signaling.relays import Relays
from server.translation import translate

T = TypeVar("T")


@dataclass
class Live:
    """A talk that runs, as this process remembers it; the database knows all but ``links``."""

    token: str
    paused: bool = False
    wishes_to_end: bool = False
    consent: bool = False
    links: dict[str, str] = field(default_factory=dict)
    speaking: tuple[str, ...] = ()

    @property
    def to_record(self) -> bool:
        """Whether it must be recorded at this moment."""
        return self.consent and not self.paused


class Switchboard:
    """Connections by key and talks by token."""

    def __init__(self, *, engine: Engine, clock: Clock, media: MediaPort, relays: Relays) -> None:
        self.engine, self.clock, self.media, self.relays = engine, clock, media, relays
        self.connections: dict[str, Connection] = {}
        self.live: dict[str, Live] = {}

    async def write(self, verb: Callable[..., T], **told: Any) -> T:
        """One verb of a service as one transaction, in a thread."""
        return await to_thread.run_sync(partial(self._in_transaction, writing, verb, told))

    async def read(self, verb: Callable[..., T], **told: Any) -> T:
        """One reading verb, in a thread."""
        return await to_thread.run_sync(partial(self._in_transaction, reading, verb, told))

    def _in_transaction(self, open_one: Any, verb: Callable[..., T], told: dict[str, Any]) -> T:
        with open_one(self.engine) as db:
            return verb(db, **told)

    async def seat(self, connection: Connection) -> None:
        """Take a place; whoever had it is told and hung up on."""
        before = self.connections.get(connection.key)
        self.connections[connection.key] = connection
        if before is not None:
            before.outbox.push("replaced", {}, always=True)
            before.close(Close.REPLACED)
        if connection.token is not None:
            await self.enter(connection, connection.token, again=before is not None)

    async def unseat(self, connection: Connection) -> None:
        """A browser is gone. Its seat stays; who is still there is told."""
        if self.connections.get(connection.key) is not connection:
            return
        del self.connections[connection.key]
        if connection.token in self.live:
            await self.note(connection.token, "left", connection.seat)
            await self.tell_session(connection.token)

    async def enter(self, connection: Connection, token: str, *, again: bool = False) -> None:
        """Bring a browser into a talk. Into one that is over nobody comes; it is only told so."""
        connection.token = token
        with suppress(Conflict):
            await self.restore(token)
            self.tell_relays(connection)
            if not again:
                await self.note(token, "joined", connection.seat)
        await self.tell_session(token)
        await self.tell_minutes(token)

    async def restore(self, token: str) -> Live:
        """The talk in memory and in the media engine, made anew where either has lost it.

        Raises ``Conflict("out_of_state")`` for a talk that is over.
        """
        live = self.live.get(token)
        if live is None or not live.consent:
            live = self.live.setdefault(token, await self.read(_live_of, token=token, known=live))
        with suppress(Unavailable):
            await self.sustain(live)
        return live

    async def sustain(self, live: Live) -> bool:
        """See that the engine has the talk and records what is to be recorded; whether it had lost the talk."""
        status = await self.status(live.token)
        if status is None:
            await self.media.open_session(session=live.token)
        if live.to_record and (status is None or not status.recording.recording):
            await self.record(live)
        return status is None

    async def record(self, live: Live) -> RecordingState:
        """Record from now on; the first start is the time zero of the minutes."""
        state = await self.media.start_recording(session=live.token)
        if state.started_at is not None:
            await self.write(_recording_started, token=live.token, at=state.started_at)
        return state

    async def rest(self, live: Live, seat: str) -> None:
        """Stop recording until ``go_on``. Raises ``Unavailable``, and nothing has changed."""
        live.paused = True
        try:
            if live.consent:
                await self.media.pause_recording(session=live.token)
        except LianxinError:
            live.paused = False
            raise
        await self.note(live.token, "paused", seat)

    async def go_on(self, live: Live, seat: str) -> None:
        """Record again. Raises ``Unavailable``, and nothing has changed."""
        live.paused = False
        try:
            if live.consent:
                await self.record(live)
        except LianxinError:
            live.paused = True
            raise
        await self.note(live.token, "resumed", seat)

    async def status(self, token: str) -> SessionStatus | None:
        """The engine's view of a talk; nothing when it does not know it. Raises ``Unavailable``."""
        try:
            return await self.media.status(session=token)
        except NotFound:
            return None

    async def lines(self) -> list[SeatHealth]:
        """How the lines of everybody in a talk stand; empty while the engine does not answer."""
        found: list[SeatHealth] = []
        with suppress(Unavailable):
            for token in list(self.live):
                status = await self.status(token)
                found += status.seats if status is not None else ()
        return found

    async def note(self, token: str, kind: str, seat: str = "", **detail: Any) -> None:
        """Write an event into the minutes and into the recording's index."""
        told: dict[str, Any] = {"token": token, "now": self.clock.now(), "kind": kind, "seat": seat, "detail": detail}
        await self.write(_note, **told)
        with suppress(LianxinError):
            await self.media.mark(session=token, kind=kind, detail=seat)

    def in_session(self, token: str) -> list[Connection]:
        """Everybody connected to a talk."""
        return [one for one in self.connections.values() if one.token == token]

    def tell_relays(self, one: Connection) -> None:
        """Tell somebody in a running talk how the engine is reached, before what was told last is over."""
        if one.token in self.live:
            one.tell_relays(self.relays, self.clock.now())

    async def tell_session(self, token: str) -> None:
        """Tell everybody in a talk how it stands."""
        status: SessionStatus | None = None
        with suppress(Unavailable):
            status = await self.status(token)
        for one in self.in_session(token):
            with suppress(NotFound):
                words = partial(translate, locale=one.language)
                state = await self.read(service_states.session_state, actor=one.actor, token=token, words=words)
                one.outbox.push("session", self._completed(state, one, status))

    def _completed(self, state: dict[str, Any], to: Connection, status: SessionStatus | None) -> dict[str, Any]:
        token = str(state["token"])
        live = self.live.get(token) or Live(token)
        present = {one.seat: one for one in self.in_session(token)}
        links = {one.seat: one.state.value for one in status.seats} if status is not None else {}
        seated = {person["seat"] for person in state["participants"]}
        for seat, one in present.items():
            if seat not in seated:
                state["participants"].append(one.as_participant())
        for person in state["participants"]:
            one_present = present.get(person["seat"])
            person["present"] = one_present is not None
            person["link"] = links.get(person["seat"], "absent")
            person["speaking"] = person["seat"] in live.speaking
            person["microphone"] = one_present.microphone if one_present is not None else False
            person["camera"] = one_present.camera if one_present is not None else False
        recording = status.recording if status is not None else RecordingState(recording=False)
        missing = live.to_record and not recording.recording
        alarm = recording.alarm or (Alarm.NOT_GROWING if missing else None)
        seats = status.seats if status is not None else ()
        state["slots"] = [one.seat for one in seats if one.seat != to.seat and not one.listens]
        state["paused"], state["wishes_to_end"] = live.paused, live.wishes_to_end
        state["recording"] = {
            "consent": state.pop("consent"),
            "on": recording.recording,
            "since": service_states.iso(recording.started_at),
            "alarm": alarm.value if alarm is not None else None,
        }
        return state

    async def tell_minutes(self, token: str) -> None:
        """Tell everybody in a talk the minutes; guests hear and see, but have no minutes to read."""
        for one in self.in_session(token):
            if one.place is not Place.JOIN:
                with suppress(NotFound):
                    told = await self.read(service_states.minutes_state, actor=one.actor, token=token)
                    one.outbox.push("minutes", told)

    async def tell_lists(self) -> None:
        """Tell every desk its list and every waiting visitor the place on it."""
        for one in list(self.connections.values()):
            with suppress(LianxinError):
                await self.tell_place(one)

    async def tell_place(self, one: Connection) -> None:
        """Tell one desk its list, or one waiting visitor the place on it."""
        asked: dict[str, Any]
        words = partial(translate, locale=one.language)
        if one.place is Place.DESK and one.official_id is not None:
            asked = {"actor": one.actor, "official_id": one.official_id, "now": self.clock.now()}
            told = await self.read(service_states.list_state, words=words, **asked)
            here = {other.number for other in self.connections.values() if other.place is Place.TALK}
            for entry in told["entries"]:
                entry["here"] = entry["number"] in here
            one.outbox.push("list", told)
        elif one.place is Place.TALK and one.token is None and one.number is not None:
            asked = {"actor": one.actor, "number": one.number, "now": self.clock.now()}
            one.outbox.push("waiting", await self.read(service_states.waiting_state, words=words, **asked))

    async def phase(self, connection: Connection) -> Phase:
        """How far the connection's reception is."""
        if connection.token is None:
            return Phase.WAITING
        return await self.read(_phase_of, actor=connection.actor, token=connection.token)

    async def begin(self, token: str, *, number: str, official_id: int) -> None:
        """A visitor was admitted: recording begins before anybody is heard, and both sides come in."""
        await self.restore(token)
        for one in list(self.connections.values()):
            mine = one.number == number or (one.place is Place.DESK and one.official_id == official_id)
            if mine and one.token != token:
                await self.enter(one, token)

    async def finish(self, token: str) -> None:
        """A talk is over: everybody is told a last time and the files are made."""
        self.live.pop(token, None)
        await self.tell_session(token)
        with suppress(Unavailable):
            await self.media.close_session(session=token)
        for one in self.in_session(token):
            one.token = None if one.place is Place.DESK else one.token
            if one.place is Place.DESK:
                one.outbox.forget("session")
            if one.seat.startswith("joint-"):
                one.close(1012)

    async def hang_up_all(self) -> None:
        """The process ends; browsers come back by themselves."""
        for one in list(self.connections.values()):
            one.close(1012)
        await asyncio.sleep(0)


def _live_of(db: Session, *, token: str, known: Live | None) -> Live:
    standing = service_session.standing_of(db, token=token)
    if standing.over:
        raise out_of_state()
    live = known or Live(token, paused=standing.paused, wishes_to_end=standing.wishes_to_end)
    live.consent = standing.consent
    return live


def _recording_started(db: Session, *, token: str, at: Any) -> None:
    service_session.recording_started(db, session=service_session.by_token(db, token=token), at=at)


def _note(db: Session, *, token: str, **told: Any) -> None:
    service_session.note_event(db, session=service_session.by_token(db, token=token), **told)


def _phase_of(db: Session, *, actor: Any, token: str) -> Phase:
    return service_states.phase_of(service_session.session_by_token(db, actor=actor, token=token))
