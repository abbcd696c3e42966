"""A real coturn with the configuration of docs/operations.md: other addresses, ports and files, and nothing else."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.house import ROOT, free_port

SECRET = "a secret of coturn and the tests, long enough"  # noqa: S105 - opens nothing but test data
DOCUMENTED = re.compile(r"`/etc/turnserver\.conf`.+?```\n(.+?)```", re.DOTALL)
# coturn takes a peer on loopback only with this; a district's media are on none.
ON_LOOPBACK = ["allow-loopback-peers", f"cli-password={SECRET}"]


@dataclass(frozen=True)
class Coturn:
    """A coturn that listens on ``address``, at one port for TCP and at one for TLS."""

    address: str
    tcp_port: int
    tls_port: int

    def urls(self, name: str) -> str:
        """What LIANXIN_TURN_URLS is to say."""
        return f"turn:{self.address}:{self.tcp_port}?transport=tcp, turns:{name}:{self.tls_port}?transport=tcp"


def configuration(**changes: str | int) -> list[str]:
    """The documented lines, with other values for those keys."""
    found = DOCUMENTED.search((ROOT / "docs/operations.md").read_text())
    assert found is not None
    lines = found[1].splitlines()
    for key, value in changes.items():
        name = key.replace("_", "-")
        (place,) = [index for index, line in enumerate(lines) if line.startswith(f"{name}=")]
        lines[place] = f"{name}={value}"
    return lines


@contextmanager
def open_coturn(folder: Path, coturn: Coturn, *, media: str, certificate: Path) -> Iterator[Coturn]:
    """Start it before the media at ``media``; wait until it listens; stop it at the end."""
    folder.mkdir()
    lines = configuration(
        listening_ip=coturn.address,
        relay_ip=coturn.address,
        listening_port=coturn.tcp_port,
        tls_listening_port=coturn.tls_port,
        static_auth_secret=SECRET,
        cert=str(certificate),
        pkey=str(certificate),
        allowed_peer_ip=media,
    )
    own = [f"pidfile={folder / 'pid'}", f"userdb={folder / 'users'}"]
    loopback = ON_LOOPBACK if media.startswith("127.") else []
    (folder / "turnserver.conf").write_text("\n".join([*lines, *own, *loopback, ""]))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["turnserver", "-c", folder / "turnserver.conf"], stdout=log, stderr=log)
    try:
        _wait(process, coturn, folder / "log")
        yield coturn
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], coturn: Coturn, log: Path) -> None:
    end = time.monotonic() + 20
    while not all(_listens(coturn.address, port) for port in (coturn.tcp_port, coturn.tls_port)):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(log.read_text()[-3000:])
        time.sleep(0.05)


def _listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def on_loopback() -> Coturn:
    """One with free ports of this machine."""
    return Coturn("127.0.0.1", free_port(), free_port())
