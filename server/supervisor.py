"""``lianxin serve``: both processes on one machine, each started again when it dies."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType

import structlog

log = structlog.get_logger()
MODULES = ("server.media", "server.web")
PATIENCE = 8.0
QUICK_DEATH = 10.0
MAX_QUICK_DEATHS = 5


@dataclass
class Child:
    """One process and how often it died soon after its start."""

    module: str
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0


def _start(module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module], start_new_session=True)  # noqa: S603 - our own modules


def serve() -> int:
    """Run both until SIGINT or SIGTERM; the exit status. A child that cannot stay up ends everything."""
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    children = [Child(module, _start(module)) for module in MODULES]
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
    log.error("process_ended", process=child.module, status=status)
    if child.quick_deaths >= MAX_QUICK_DEATHS:
        return False
    child.process, child.started = _start(child.module), time.monotonic()
    return True


def _end(children: list[Child]) -> None:
    """Ask both to end, the pages first; insist after a while."""
    for child in reversed(children):
        child.process.send_signal(signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
