"""``lianxin serve``: the web process and the media processes on one machine, each started again when it dies.

A media process that stands still is ended, so that it starts again and its talks come back: it must greet on its
control socket.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

log = structlog.get_logger()
PATIENCE = 8.0
QUICK_DEATH = 10.0
MAX_QUICK_DEATHS = 5
PULSE_SECONDS, GREETING_SECONDS, STARTING_SECONDS = 5.0, 1.0, 20.0
MAX_MISSED = 3


@dataclass
class Child:
    """One process, how often it died soon after its start, and how often in a row it did not greet."""

    command: tuple[str, ...]
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0
    control: Path | None = None
    missed: int = 0


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", *command], start_new_session=True)  # noqa: S603 - our own modules


def serve(*, engines: Mapping[str, Path]) -> int:
    """Run the web process and a media process for each of ``engines`` until SIGINT or SIGTERM; the exit status.

    ``engines`` are their control sockets by name. A child that cannot stay up ends everything.
    """
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    commands: dict[tuple[str, ...], Path | None] = {("server.media", name): path for name, path in engines.items()}
    commands[("server.web",)] = None
    children = [Child(command, _start(command), control=control) for command, control in commands.items()]
    felt = time.monotonic()
    try:
        while not stopping:
            if not all(_alive(child) for child in children):
                return 1
            if time.monotonic() - felt > PULSE_SECONDS:
                felt = time.monotonic()
                for child in children:
                    feel_pulse(child)
            time.sleep(0.05)
        return 0
    finally:
        _end(children)


def feel_pulse(child: Child) -> None:
    """End a media process that did not greet several times in a row. One that has just started is given time."""
    if child.control is None or time.monotonic() - child.started < STARTING_SECONDS:
        return
    child.missed = 0 if _greets(child.control) else child.missed + 1
    if child.missed >= MAX_MISSED:
        log.error("process_stands_still", process=" ".join(child.command))
        child.process.kill()
        child.missed = 0


def _greets(control: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(GREETING_SECONDS)
        try:
            line.connect(str(control))
            return bool(line.recv(1))
        except OSError:
            return False


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
