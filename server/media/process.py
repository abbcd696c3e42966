"""The media process: the engine, its recordings, its control socket, until it is told to stop."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog
import uvloop

from server.errors import LianxinError
from server.media.control import Control
from server.media.engine import Engine
from server.media.finalise import finalise_apart
from server.media.manifest import read_files
from server.media.recorder import Recorder
from server.media.recovery import unfinished
from server.media.seal import read_seal

log = structlog.get_logger()
RECOVERY_PAUSE = 60.0


def run(
    *,
    control_path: Path,
    host: str,
    port: int,
    public_addresses: Sequence[str],
    recordings: Path,
    public_port: int = 0,
) -> None:
    """Serve until SIGTERM or SIGINT. Raises ``OSError`` when the port is taken or a folder cannot be written."""
    recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
    control_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = Engine(
        host=host,
        port=port,
        addresses=public_addresses,
        public_port=public_port,
        sinks=lambda session: Recorder(root=recordings, session=session),
        seal=lambda session: read_seal(recordings / session),
        finalise=lambda session: _finalise(recordings, session),
        recorded=lambda session: read_files(recordings, session),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(engine, control_path, recordings))


async def _serve(engine: Engine, control_path: Path, recordings: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await engine.start()
    control = Control(engine, control_path)
    await control.start()
    recovering = asyncio.ensure_future(_recover(recordings))
    await stop.wait()
    recovering.cancel()
    with suppress(asyncio.CancelledError):
        await recovering
    await control.stop()
    await engine.stop()


async def _finalise(recordings: Path, session: str) -> None:
    """Make the files, where anything was recorded."""
    if (recordings / session).is_dir():
        await finalise_apart(recordings, session)


async def _recover(recordings: Path) -> None:
    """Finalise what an earlier run could not, once it is clear that nobody goes on with it."""
    while True:
        await asyncio.sleep(RECOVERY_PAUSE)
        for session in await asyncio.to_thread(unfinished, recordings, quiet_seconds=2 * RECOVERY_PAUSE):
            try:
                await finalise_apart(recordings, session)
            except LianxinError as error:
                log.error("not_recovered", session=session, code=error.code)
