"""Who records into a session's folder: several engines share one folder of recordings, and none may finalise what
another still writes. Locks of the kernel say so; they are gone with the process that held them, however it ended.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.media.recording_index import opaque


class Holds:
    """The sessions that this process records, below ``root``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._held: dict[str, int] = {}

    def take(self, session: str) -> None:
        """From now on this process records the session. Never waits; taking twice changes nothing.

        A disk that fails is the recorder's to tell.
        """
        folder = self._root / opaque(session)
        if session not in self._held:
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._held[session] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                _lock(self._held[session], fcntl.LOCK_SH)

    def release(self, session: str) -> None:
        """It is recorded no longer."""
        descriptor = self._held.pop(session, None)
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Whether nobody records into the folder nor finalises it; until the end of the block nobody else does."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        yield _lock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
