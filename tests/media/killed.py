"""A recorder in a process of its own that ends by kill -9."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.media.journal_writer import FLUSH_SECONDS
from tests.e2e.house import ROOT

CHILD = """
import sys, time; from pathlib import Path
from server.media.recorder import Recorder
from tests.media.packets import Source, feed, talk
recorder = Recorder(root=Path(sys.argv[1]), session="s", flush_seconds=float(sys.argv[2]))
packets = talk(20.0, Source(size=(64, 48)))
recorder.start(); origin = time.monotonic(); done = 0
print("on", flush=True)
while True:
    now = time.monotonic() - origin
    due = [one for one in packets[done:done + 500] if one.at <= now]
    feed(recorder, origin, "petitioner", tuple(due)); done += len(due)
    print(now, flush=True); time.sleep(0.01)
"""


@dataclass
class Killed:
    """``fed``: up to which instant of the talk the recorder was given packets before it was killed."""

    fed: float = 0.0


@contextmanager
def recording_until_killed(root: Path, *, flush_seconds: float = FLUSH_SECONDS) -> Iterator[Killed]:
    """Below ``root`` the session ``s`` is recorded, up to 20 s of talk, until the end of the block."""
    command = [sys.executable, "-c", CHILD, str(root), str(flush_seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        killed = Killed()
        try:
            assert child.stdout.readline() == "on\n"
            yield killed
        finally:
            child.kill()
            killed.fed = float((child.stdout.read().splitlines() or ["0"])[-1])
