"""Where the data is kept: the folders, whether they take anything more, and how much room is left."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # Finalising begins sooner without it.
    from server.settings import Settings

LEAST_FREE_BYTES = 200 * 2**20


def make_folders(settings: "Settings") -> None:
    """Make what is not there, for this user alone. Raises ``OSError`` where nothing can be written."""
    for folder in _folders(settings):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass


def free_bytes(settings: "Settings") -> int:
    """Room left on the disk of the data."""
    return shutil.disk_usage(settings.data_dir).free


def takes_data(settings: "Settings") -> bool:
    """Whether the folders are there and can be written, with room enough. Writes nothing itself."""
    try:
        writable = all(os.access(one, os.W_OK | os.X_OK) for one in _folders(settings))
        return writable and free_bytes(settings) >= LEAST_FREE_BYTES
    except OSError:
        return False


def write_whole(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` at once, readable by this user only."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _folders(settings: "Settings") -> tuple[Path, ...]:
    return settings.state_dir, settings.sessions_dir, settings.papers_dir
