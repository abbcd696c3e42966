"""A network of its own for a kiosk, tied to this machine by a cable, as in a village office. Needs root."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.conftest import CHROMIUM

SYSTEM = {**os.environ, "PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
BLOCKS = range(1, 63)


@dataclass(frozen=True)
class Network:
    """Where the kiosk stands, the address by which it reaches this machine, and one of its own it has no way to."""

    name: str
    server: str
    beyond: str

    def chromium_inside(self, folder: Path) -> str:
        """A command that starts Chromium inside the network."""
        path = folder / "chromium"
        path.write_text(f'#!/bin/sh\nPATH={SYSTEM["PATH"]}\nexec ip netns exec {self.name} {CHROMIUM} "$@"\n')
        path.chmod(0o755)
        return str(path)


@contextmanager
def village_network() -> Iterator[Network]:
    """Four addresses of 192.0.2.0/24 between this machine and a namespace, one of 198.51.100.0/24 behind.

    Both are set aside for documentation.
    """
    name, block = f"village{os.getpid()}", 4 * random.choice(BLOCKS)  # noqa: S311 - not to meet another run
    here, there = f"lx{os.getpid()}a", f"lx{os.getpid()}b"
    server, kiosk, beyond = f"192.0.2.{block + 1}", f"192.0.2.{block + 2}", f"198.51.100.{block + 1}"
    _ip("netns", "add", name)
    try:
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        _ip("addr", "add", f"{server}/30", "dev", here)
        _ip("addr", "add", f"{beyond}/32", "dev", here)
        _ip("link", "set", here, "up")
        _ip("-n", name, "addr", "add", f"{kiosk}/30", "dev", there)
        _ip("-n", name, "link", "set", there, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield Network(name, server, beyond)
    finally:
        _ip("netns", "delete", name)  # takes both ends of the cable with it


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], env=SYSTEM, check=True, capture_output=True)
