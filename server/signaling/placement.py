"""A MediaPort over several media processes: every session is on one of them, a new one on the least busy.

Where a session is, its engine knows: after a restart of this process the engines are asked. When an engine is gone,
its sessions are unplaced, and ``ENGINE_READY`` asks the listeners to open them again wherever there is room.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from server.errors import LianxinError, NotFound, Unavailable
from server.media.ports import Answer, EngineLoad, EventKind, MediaEvent, RecordedFile, RecordingState, SessionStatus
from server.signaling.media_client import MediaClient, unavailable

log = structlog.get_logger()
LOOK_SECONDS = 1.0
GRACE_SECONDS = 0.3
PASSING = "check-"


@dataclass(eq=False)
class Placed:
    """One engine. ``known``: it said which sessions it holds. ``load``: its last word, nothing while it is silent."""

    name: str
    client: MediaClient
    known: bool = False
    load: EngineLoad | None = None


class Placement:
    """See MediaPort. ``engines`` are all there should be, whether they answer or not."""

    def __init__(self, engines: dict[str, MediaClient]) -> None:
        self.engines = [Placed(name, client) for name, client in engines.items()]
        self._where: dict[str, Placed] = {}
        self._listeners: list[Callable[[MediaEvent], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()
        for engine in self.engines:
            engine.client.subscribe(partial(self._heard, engine))

    @property
    def connected(self) -> bool:
        """Whether any engine answers at this moment."""
        return any(one.client.connected for one in self.engines)

    async def start(self) -> None:
        """Begin to look for the engines."""
        for engine in self.engines:
            await engine.client.start()
        self._keep(self._look())

    async def stop(self) -> None:
        """Hang up."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for engine in self.engines:
            await engine.client.stop()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look(self) -> None:
        """Ask for the loads, again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.gather(*(self._ask(one) for one in self.engines if one.known))

    async def _ask(self, engine: Placed) -> None:
        try:
            engine.load = await engine.client.load()
        except LianxinError:
            engine.load = None

    def _heard(self, engine: Placed, event: MediaEvent) -> None:
        if event.kind is EventKind.ENGINE_READY:
            self._keep(self._found(engine, event))
        elif event.kind is EventKind.ENGINE_LOST:
            engine.known, engine.load = False, None
            self._report(event)
            self._keep(self._lost(engine))
        else:
            self._report(event)

    async def _found(self, engine: Placed, event: MediaEvent) -> None:
        """An engine answers: learn what it holds before anybody is told."""
        await self._ask(engine)
        while engine.load is None:
            await asyncio.sleep(LOOK_SECONDS)
            if not engine.client.connected:
                return
            await self._ask(engine)
        engine.known, held = True, set(engine.load.sessions)
        self._forget(engine, all_but=held)
        for session in held:
            where = self._where.get(session)
            if where is None and not session.startswith(PASSING):
                self._where[session] = engine
            elif where is not engine:
                await self._end(engine, session)
        self._report(event)

    async def _end(self, engine: Placed, session: str) -> None:
        """What goes on elsewhere by now, or was only a check of a process that is gone, ends here."""
        log.warning("session_left_over", engine=engine.name)
        with suppress(LianxinError):
            await engine.client.close_session(session=session)

    async def _lost(self, engine: Placed) -> None:
        """Only the line may have been cut: an engine that lives is found again at once."""
        await asyncio.sleep(GRACE_SECONDS)
        if not engine.client.connected:
            self._forget(engine)
            if self.connected:
                self._report(MediaEvent(EventKind.ENGINE_READY))

    def _forget(self, engine: Placed, *, all_but: set[str] | None = None) -> None:
        gone = [name for name, where in self._where.items() if where is engine and name not in (all_but or ())]
        for session in gone:
            del self._where[session]

    def _report(self, event: MediaEvent) -> None:
        for listener in self._listeners:
            listener(event)

    def _of(self, session: str) -> MediaClient:
        """The engine of a session. Before every engine was looked for once, none is said not to be there."""
        where = self._where.get(session)
        if where is not None:
            return where.client
        if not self._by_room() or not all(self._known(one) for one in self.engines):
            raise unavailable()
        raise NotFound("no_such_session", "This talk is not there, or it is not yours.")

    def _known(self, engine: Placed) -> bool:
        return engine.client.tried and (engine.known or not engine.client.connected)

    def _by_room(self) -> list[Placed]:
        """The engines that answer, the least busy first: by tenths of a core, then by what was placed there."""
        placed = Counter(self._where.values())
        alive = [(one, one.load) for one in self.engines if one.load is not None]
        order = sorted(alive, key=lambda pair: (pair[1].full, round(pair[1].cpu, 1), placed[pair[0]]))
        return [one for one, _ in order]

    async def open_session(self, *, session: str) -> None:
        """See MediaPort."""
        async with self._opening:
            if session in self._where:
                await self._where[session].client.open_session(session=session)
                return
            refusal = unavailable()
            for engine in self._by_room():
                try:
                    await engine.client.open_session(session=session)
                except Unavailable as error:
                    refusal = error
                else:
                    self._where[session] = engine
                    return
            raise refusal

    async def join(self, *, session: str, seat: str, offer: str) -> Answer:
        """See MediaPort."""
        return await self._of(session).join(session=session, seat=seat, offer=offer)

    async def leave(self, *, session: str, seat: str) -> None:
        """See MediaPort."""
        await self._of(session).leave(session=session, seat=seat)

    async def start_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        return await self._of(session).start_recording(session=session)

    async def pause_recording(self, *, session: str) -> RecordingState:
        """See MediaPort."""
        return await self._of(session).pause_recording(session=session)

    async def mark(self, *, session: str, kind: str, detail: str = "") -> None:
        """See MediaPort."""
        await self._of(session).mark(session=session, kind=kind, detail=detail)

    async def close_session(self, *, session: str) -> None:
        """See MediaPort. A session that no engine holds is finalised by any of them: they share the folder."""
        where = self._where.pop(session, None)
        if where is not None and where.client.connected:
            await where.client.close_session(session=session)
        else:
            await self._any().close_session(session=session)

    async def status(self, *, session: str) -> SessionStatus:
        """See MediaPort."""
        return await self._of(session).status(session=session)

    async def files(self, *, session: str) -> Sequence[RecordedFile]:
        """See MediaPort."""
        where = self._where.get(session)
        return await (where.client if where is not None else self._any()).files(session=session)

    def _any(self) -> MediaClient:
        for engine in self._by_room():
            return engine.client
        raise unavailable()

    def subscribe(self, listener: Callable[[MediaEvent], None]) -> None:
        """See MediaPort."""
        self._listeners.append(listener)


def placement_of(control_paths: dict[str, Path]) -> Placement:
    """The placement over the engines with these control sockets."""
    return Placement({name: MediaClient(path) for name, path in control_paths.items()})
