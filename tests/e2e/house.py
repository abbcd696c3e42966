"""The product, started for real on free ports in an empty folder, and stopped again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.sealing import recording_key

ROOT = Path(__file__).resolve().parents[2]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that is free on loopback at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A running ``lianxin serve`` with the demonstration district."""

    data_dir: Path
    port: int
    media_port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def address(self) -> str:
        """The address of its pages."""
        return f"http://127.0.0.1:{self.port}"

    def recording_key(self, token: str) -> bytes | None:
        """The key of a talk's recording; none where the house keeps them plain."""
        return recording_key(self.environment.get("LIANXIN_RECORDING_KEY", ""), token)

    @property
    def database_address(self) -> str:
        """The SQLAlchemy address of its database."""
        return f"sqlite:///{self.data_dir / 'state' / 'lianxin.sqlite3'}"

    def process_ids(self, module: str) -> list[int]:
        """The process ids of this house's children that run ``module``: ``server.media`` or ``server.web``."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if module in words and parent == self.process.pid:
                    found.append(int(entry.name))
        return found

    def kill(self, module: str) -> None:
        """End a child with SIGKILL, as a power cut of that process would."""
        for process_id in self.process_ids(module):
            os.kill(process_id, signal.SIGKILL)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310 - always our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def open_house(data_dir: Path, **extra: str) -> Iterator[House]:
    """Start the product; wait until it is ready; stop it at the end."""
    port, media_port = free_port(), free_port(socket.SOCK_DGRAM)
    environment = {
        **os.environ,
        "LIANXIN_DEMONSTRATION": "1",
        "LIANXIN_DATA_DIR": str(data_dir),
        "LIANXIN_PORT": str(port),
        "LIANXIN_TLS_PORT": str(free_port()),
        "LIANXIN_MEDIA_HOST": "127.0.0.1",
        "LIANXIN_MEDIA_ADDRESSES": "127.0.0.1",
        "LIANXIN_MEDIA_PORT": str(media_port),
        **extra,
    }
    log = (data_dir.parent / f"{data_dir.name}.log").open("wb")
    command = [sys.executable, "-m", "server.cli", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    house = House(data_dir, port, media_port, process, environment)
    try:
        end = time.monotonic() + 40
        while not _answers(f"{house.address}/readyz"):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(Path(log.name).read_text()[-3000:])
            time.sleep(0.05)
        yield house
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
