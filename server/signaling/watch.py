"""What nobody asked for: reports of the media engine, and changes that others wrote into the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from server.database import ChangeSignal
from server.errors import LianxinError, Unavailable
from server.media.ports import EventKind, MediaEvent, SeatState
from server.petitions.service_seal import keep_seal, unsealed
from server.petitions.service_session import lately_over
from server.signaling.placement import PASSING
from server.signaling.switchboard import Switchboard

log = structlog.get_logger()
MAX_REPORTS = 1000
LOOK_SECONDS = 0.3
TELL_SECONDS = 60.0
GONE = frozenset({SeatState.LOST.value, SeatState.ABSENT.value})


@asynccontextmanager
async def watching(board: Switchboard) -> AsyncIterator[None]:
    """Run both watches until the process ends."""
    reports: asyncio.Queue[MediaEvent] = asyncio.Queue(MAX_REPORTS)

    def take(event: MediaEvent) -> None:
        with suppress(asyncio.QueueFull):
            reports.put_nowait(event)

    board.media.subscribe(take)
    tasks = [asyncio.create_task(_hear(board, reports)), asyncio.create_task(_look(board))]
    try:
        yield
    finally:
        await board.hang_up_all()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _look(board: Switchboard) -> None:
    """Tell lists when anything was written (a check-in on a page, a booking, another process), and as time passes."""
    signal, loop = ChangeSignal(board.engine), asyncio.get_running_loop()
    told = loop.time()
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if board.connections and (signal.changed() or loop.time() - told > TELL_SECONDS):
                    told = loop.time()
                    await board.tell_lists()
            except Exception as error:  # noqa: BLE001 - one list that cannot be told must not end the watch
                log.error("lists_not_told", kind=type(error).__name__)
    finally:
        signal.close()


async def _hear(board: Switchboard, reports: asyncio.Queue[MediaEvent]) -> None:
    while True:
        event = await reports.get()
        try:
            await _take(board, event)
        except LianxinError as error:
            log.warning("report_not_taken", kind=event.kind.value, code=error.code)
        except Exception as error:  # noqa: BLE001 - one report that cannot be kept must not silence all later ones
            log.error("report_not_taken", kind=event.kind.value, fault=type(error).__name__)


async def _take(board: Switchboard, event: MediaEvent) -> None:
    if event.kind is EventKind.ENGINE_READY:
        await _engine_ready(board)
    elif event.kind is EventKind.ENGINE_LOST:
        for token in list(board.live):
            await board.tell_session(token)
    elif event.kind is EventKind.SEALED and not event.session.startswith(PASSING):
        await board.write(keep_seal, token=event.session, digest=event.detail, now=board.clock.now())
    elif event.session in board.live:
        await _of_session(board, event)


async def _engine_ready(board: Switchboard) -> None:
    """What the engine lost is opened again and its browsers asked for a fresh offer; what it missed is made up for.

    Seals that were told while nobody listened are told again.
    """
    for token, live in list(board.live.items()):
        with suppress(Unavailable):
            if await board.sustain(live):
                await board.note(token, "engine_lost")
                for one in board.in_session(token):
                    one.outbox.push("reconnect_media", {}, always=True)
        await board.tell_session(token)
    for token in await board.read(unsealed, now=board.clock.now()):
        await board.media.close_session(session=token)
    for token in await board.read(lately_over, now=board.clock.now()):
        with suppress(Unavailable):
            if await board.status(token) is not None:
                await board.media.close_session(session=token)


async def _of_session(board: Switchboard, event: MediaEvent) -> None:
    live = board.live[event.session]
    if event.kind is EventKind.SPEAKING:
        live.speaking = tuple(event.speaking)
        for one in board.in_session(event.session):
            one.outbox.push("speaking", {"seats": list(event.speaking)})
        return
    if event.kind is EventKind.SEAT_CHANGED and event.state is not None:
        before, live.links[event.seat] = live.links.get(event.seat, ""), event.state.value
        if event.state is SeatState.LOST:
            await board.note(event.session, "lost", event.seat)
        elif before in GONE and event.state not in {SeatState.ABSENT, SeatState.CONNECTING}:
            await board.note(event.session, "back", event.seat)
        elif before in GONE:
            live.links[event.seat] = before
    elif event.kind in {EventKind.RECORDING_ALARM, EventKind.RECORDING_HEALTHY}:
        detail = {"alarm": event.alarm.value} if event.alarm is not None else {}
        await board.note(event.session, event.kind.value, "", **detail)
    await board.tell_session(event.session)
