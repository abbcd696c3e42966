"""``lianxin serve``: the web process and the media processes on one machine, each started again when it dies."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

import structlog

log = structlog.get_logger()
PATIENCE = 8.0
QUICK_DEATH = 10.0
MAX_QUICK_DEATHS = 5


@dataclass
class Child:
    """One process and how often it died soon after its start."""

    command: tuple[str, ...]
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *command], start_new_session=True)  # noqa: S603 - our own modules


def serve(*, engines: Sequence[str]) -> int:
    """Run the web process and a media process for each of ``engines`` until SIGINT or SIGTERM; the exit status.

    A child that cannot stay up ends everything.
    """
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    commands = [*(("server.media", name) for name in engines), ("server.web",)]
    children = [Child(command, _start(command)) for command in commands]
    try:
        while not stopping:
            if not all(_alive(child) for child in children):
                return 1
            time.sleep(0.05)
        return 0
    finally:
        _end(children)


def _alive(child: Child) -> bool:
    status = child.process.poll()
    if status is None:
        return True
    quick = time.monotonic() - child.started < QUICK_DEATH
    child.quick_deaths = child.quick_deaths + 1 if quick else 0
    log.error("process_ended", process=" ".join(child.command), status=status)
    if child.quick_deaths >= MAX_QUICK_DEATHS:
        return False
    child.process, child.started = _start(child.command), time.monotonic()
    return True


def _end(children: list[Child]) -> None:
    """Ask all to end, the pages first; insist after a while."""
    for child in reversed(children):
        child.process.send_signal(signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
