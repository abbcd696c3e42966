"""``lianxin demo``: plays one reception and shows what came of it; the last line is one JSON object."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from sqlalchemy import Engine

from server.console import refuse, say, text
from server.database import make_engine
from server.demonstration.reception import Stage, play
from server.errors import LianxinError, Unavailable
from server.sealing import Sealer, use_sealer
from server.settings import Settings, get_settings

START_SECONDS = 60.0
INTERRUPTED = 130


def main() -> int:
    """Play; the exit status."""
    settings = get_settings()
    if not settings.demonstration:
        return refuse(text("The demonstration plays in the demonstration district only."))
    try:
        with _running(settings) as engine:
            _show(settings, engine)
    except LianxinError as error:
        return refuse(text(error.message, **error.params))
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _show(settings: Settings, engine: Engine) -> None:
    steps = itertools.count(1)
    stage = Stage(_address(settings), engine, settings.sessions_dir, settings.data_dir / "demo")
    played = play(stage, lambda step: say(f"[{next(steps)}/6] {step}"))
    say(text("Petition %(number)s, query code %(code)s", number=played.petition, code=played.query_code))
    for one in played.recordings:
        say(f"  {one.file}  {one.seconds} s, {one.bytes // 1024} KiB")
    for file_or_promise in (played.minutes_pdf, *played.follow_ups):
        say(f"  {file_or_promise}")
    say(json.dumps(played.plain(), ensure_ascii=False))


def _address(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}"


@contextmanager
def _running(settings: Settings) -> Iterator[Engine]:
    """The database of the running server; starts one where none answers."""
    own = None if _answers(settings) else _start_own(settings)
    use_sealer(Sealer.from_secret(settings.secret.get_secret_value()))
    engine = make_engine(settings.database_address)
    try:
        yield engine
    finally:
        engine.dispose()
        if own is not None:
            own.terminate()
            own.wait()


def _start_own(settings: Settings) -> subprocess.Popen[bytes]:
    """A server whose requests are not told: the lines are those of the demonstration."""
    level = "WARNING" if settings.log_level == "INFO" else settings.log_level
    command, environment = [sys.executable, "-m", "server.cli", "serve"], {**os.environ, "LIANXIN_LOG_LEVEL": level}
    own = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own module
    end = time.monotonic() + START_SECONDS
    while not _answers(settings):
        if own.poll() is not None or time.monotonic() > end:
            own.terminate()
            raise Unavailable("demonstration_no_server", "The server did not start. Please try: lianxin serve")
        time.sleep(0.1)
    return own


def _answers(settings: Settings) -> bool:
    try:
        return httpx2.get(f"{_address(settings)}/readyz", timeout=1).status_code == 200
    except httpx2.HTTPError:
        return False


if __name__ == "__main__":
    sys.exit(main())
