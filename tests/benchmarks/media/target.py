"""What is measured: a process that forwards and records, and what its counters say."""

import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from tests.media.raw_peer import RawPeer

TICKS = os.sysconf("SC_CLK_TCK")


class Target(Protocol):
    """A running media server. Each verb blocks until it is done."""

    name: str
    process: subprocess.Popen[bytes]

    def connect(self, session: int, pair: tuple[RawPeer, RawPeer]) -> None:
        """Join two peers and begin to record both."""
        ...

    def stop(self) -> None:
        """End the process."""
        ...


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processor, in user and kernel mode, with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_bytes(pid: int) -> int:
    """The memory that a process has to itself."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("Private_"))


def end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL to those that are still there a second later."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)
    if process.poll() is None:
        process.kill()
        process.wait()


def connected(path: Path, process: subprocess.Popen[bytes], kind: socket.SocketKind) -> socket.socket:
    """A connection to a process that is just starting. Raises ``RuntimeError`` when it ends, or does not come."""
    for _ in range(600):
        made = socket.socket(socket.AF_UNIX, kind)
        with suppress(OSError):
            made.connect(str(path))
            return made
        made.close()
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"{path.name} did not come")
