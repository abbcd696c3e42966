"""What follows the end of a session: the recording is closed, sealed, told, made into files, told again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from server.errors import LianxinError
from server.media.ports import EventKind, MediaEvent, PacketSink

log = structlog.get_logger()
Seal = Callable[[str], str]
Finalise = Callable[[str], Awaitable[object]]


async def end_recording(
    session: str,
    sink: PacketSink | None,
    *,
    seal: Seal | None,
    finalise: Finalise | None,
    report: Callable[[MediaEvent], None],
) -> None:
    """Reports ``SEALED`` as soon as nothing is written any more, ``FINALISED`` once the files are there.

    A recording that was cut off before is sealed with its files; then both are reported at the end.
    """
    if sink is not None:
        await asyncio.to_thread(sink.close)
    sealed = await _report_seal(session, seal, report)
    if finalise is not None:
        try:
            await finalise(session)
        except LianxinError as error:
            log.error("not_finalised", session=session, code=error.code)
            return
    if not sealed:
        await _report_seal(session, seal, report)
    report(MediaEvent(EventKind.FINALISED, session))


async def _report_seal(session: str, seal: Seal | None, report: Callable[[MediaEvent], None]) -> bool:
    digest = await asyncio.to_thread(seal, session) if seal is not None else ""
    if digest:
        report(MediaEvent(EventKind.SEALED, session, detail=digest))
    return bool(digest)
