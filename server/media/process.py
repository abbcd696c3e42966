"""The media process: the engine, its recordings, its control socket, until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog
import uvloop

from server.errors import LianxinError
from server.media.admission import AdmittingEngine
from server.media.control import Control
from server.media.finalise import finalise_apart
from server.media.holding import Holds, claimed
from server.media.load import Load
from server.media.manifest import read_files
from server.media.recorder import Recorder
from server.media.recovery import Keys, unfinished
from server.media.seal import read_seal
from server.sealing import recording_key

log = structlog.get_logger()
RECOVERY_PAUSE = 60.0
SWITCH_SECONDS = 0.0002
"""How long a packet may wait for a thread of the recorder to let go of the interpreter."""


def run(
    *,
    control_path: Path,
    host: str,
    port: int,
    public_addresses: Sequence[str],
    recordings: Path,
    public_port: int = 0,
    group: float = 0.0,
    full_cpu: float = 0.75,
    full_lag: float = 0.03,
    recording_secret: str = "",
) -> None:
    """Serve until SIGTERM or SIGINT. Raises ``OSError`` when the port is taken or a folder cannot be written."""
    sys.setswitchinterval(SWITCH_SECONDS)
    keys = partial(recording_key, recording_secret)
    recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
    control_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    load, holds = Load(full_cpu=full_cpu, full_lag=full_lag), Holds(recordings)
    engine = AdmittingEngine(
        measured=load,
        host=host,
        port=port,
        addresses=public_addresses,
        public_port=public_port,
        group=group,
        sinks=lambda session: _recorder(recordings, holds, session, keys),
        seal=lambda session: read_seal(recordings / session),
        finalise=lambda session: _finalise(recordings, holds, session, keys),
        recorded=lambda session: read_files(recordings, session),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(engine, load, control_path, _recover(recordings, keys)))


async def _serve(
    engine: AdmittingEngine, load: Load, control_path: Path, recovery: Coroutine[None, None, None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await engine.start()
    control = Control(engine, control_path)
    await control.start()
    beside = [asyncio.ensure_future(recovery), asyncio.ensure_future(load.measure(lambda: engine.count))]
    await stop.wait()
    for task in beside:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await control.stop()
    await engine.stop()


def _recorder(recordings: Path, holds: Holds, session: str, keys: Keys) -> Recorder:
    holds.take(session)
    return Recorder(root=recordings, session=session, key=keys(session))


async def _finalise(recordings: Path, holds: Holds, session: str, keys: Keys) -> None:
    """Make the files, where anything was recorded and no other engine goes on with it."""
    holds.release(session)
    with claimed(recordings / session) as mine:
        if mine:
            await finalise_apart(recordings, session, keys(session))


async def _recover(recordings: Path, keys: Keys) -> None:
    """Finalise what an earlier run could not, once it is clear that nobody goes on with it."""
    while True:
        await asyncio.sleep(RECOVERY_PAUSE)
        for session in await asyncio.to_thread(unfinished, recordings, quiet_seconds=2 * RECOVERY_PAUSE):
            with claimed(recordings / session) as mine:
                try:
                    if mine:
                        await finalise_apart(recordings, session, keys(session))
                except LianxinError as error:
                    log.error("not_recovered", session=session, code=error.code)
