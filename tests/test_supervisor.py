"""A media process must greet on its control socket; one that stands still is ended, one that starts is given time."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.supervisor import MAX_MISSED, STARTING_SECONDS, Child, feel_pulse


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing."""
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield running
    running.kill()
    running.wait()


@contextmanager
def control(path: Path, *, greets: bool) -> Iterator[None]:
    """A control socket, with or without somebody who answers."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        ended = threading.Event()

        def greet() -> None:
            while True:
                line, _ = listening.accept()
                with line:
                    if ended.is_set():
                        return
                    line.sendall(b'{"hello": {}}\n')

        thread = threading.Thread(target=greet)
        if greets:
            thread.start()
        yield
        ended.set()
        if greets:
            with socket.socket(socket.AF_UNIX) as last:
                last.connect(str(path))
            thread.join()


def child(process: subprocess.Popen[bytes], path: Path | None, *, age: float = STARTING_SECONDS + 1) -> Child:
    return Child(("server.media", "1"), process, started=time.monotonic() - age, control=path)


def test_one_that_stands_still_is_ended(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    one = child(process, tmp_path / "m.sock")
    with control(tmp_path / "m.sock", greets=False):
        for _ in range(MAX_MISSED - 1):
            feel_pulse(one)
        assert process.poll() is None
        feel_pulse(one)
    assert process.wait() == -signal.SIGKILL


def test_one_that_greets_now_and_then_lives(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    one = child(process, tmp_path / "m.sock")
    for _ in range(MAX_MISSED - 1):
        feel_pulse(one)
    with control(tmp_path / "m.sock", greets=True):
        feel_pulse(one)
    assert one.missed == 0
    feel_pulse(one)
    assert process.poll() is None


@pytest.mark.parametrize("age", [0.0, STARTING_SECONDS + 1])
def test_one_that_starts_and_one_without_a_socket_are_left_alone(
    process: subprocess.Popen[bytes], tmp_path: Path, age: float
) -> None:
    one = child(process, tmp_path / "none.sock" if age == 0.0 else None, age=age)
    for _ in range(MAX_MISSED + 1):
        feel_pulse(one)
    assert one.missed == 0
    assert process.poll() is None
