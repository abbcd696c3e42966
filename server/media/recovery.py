"""Sessions whose recording was cut off (process killed, power lost) get their files at the next start."""

import time
from collections.abc import Callable
from pathlib import Path

from server.media.finalise import finalise
from server.media.holding import claimed
from server.media.manifest import journal_bytes, made_of

Keys = Callable[[str], bytes | None]


def unfinished(root: Path, *, quiet_seconds: float = 0.0) -> list[str]:
    """Sessions with journals newer than their files, oldest name first.

    ``quiet_seconds`` leaves out sessions written to so lately that their people may come back at once. What another
    process records, though it rests at this moment, is left out too.
    """
    if not root.is_dir():
        return []
    names = (folder.name for folder in sorted(root.iterdir()) if folder.is_dir())
    return [name for name in names if _is_unfinished(root / name, quiet_seconds)]


def recover(root: Path, *, quiet_seconds: float = 0.0, keys: Keys = lambda _: None) -> list[str]:
    """Finalise every unfinished session; the sessions that were. ``keys`` gives each its own. Blocks for a while.

    A session that goes on afterwards is finalised again when it closes.
    """
    names = unfinished(root, quiet_seconds=quiet_seconds)
    for name in names:
        finalise(root, name, keys(name))
    return names


def _is_unfinished(folder: Path, quiet_seconds: float) -> bool:
    size = journal_bytes(folder)
    if size == 0 or made_of(folder) == size:
        return False
    newest = max(path.stat().st_mtime for path in folder.glob("*.journal"))
    with claimed(folder) as free:
        return free and time.time() - newest >= quiet_seconds
