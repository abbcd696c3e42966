"""What an installation begins with: its folders, and ``.env`` with its two keys. Nothing is ever overwritten."""

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from server.console import text
from server.errors import Conflict
from server.media.journal_cipher import is_encrypted
from server.media.journal_format import SEGMENT_SUFFIX
from server.sealed_file import is_sealed
from server.settings import Settings
from server.storage import write_whole

SECRET, RECORDING_KEY = "LIANXIN_SECRET", "LIANXIN_RECORDING_KEY"
KEYS = (SECRET, RECORDING_KEY)
FIRST_LINES = "# Made by `lianxin init`. Keep a copy apart from the backups; all settings: docs/operations.md\n"


def initialise(path: Path, environment: Mapping[str, str]) -> list[str]:
    """Make what is missing; what to tell the one who asked, line by line.

    Raises ``Conflict`` where a new key would lock out what there is, ``OSError``, and what ``Settings`` raises.
    """
    told = path.read_text() if path.exists() else ""
    names = [name for name in KEYS if not environment.get(name) and not _told(told, name)]
    keys = {name: secrets.token_urlsafe(48) for name in names}
    given: dict[str, Any] = {name.removeprefix("LIANXIN_").lower(): value for name, value in keys.items()}
    settings = Settings(**given)
    _refuse_new_locks(settings, names)
    _make_folders(settings)
    said = [text("Others could read %(file)s; now only you can.", file=path.absolute())] if _close(path) else []
    if not names:
        return [*said, text("Everything is set up already; nothing was changed.")]
    _write_keys(path, keys)
    return [*said, *_what_was_made(path, names)]


def _what_was_made(path: Path, names: list[str]) -> list[str]:
    keep = text(
        "Keep a copy of this file apart from the backups: whoever has both can read everything, and without it names,"
        " papers and recordings are lost."
    )
    made = text("Made in %(file)s: %(names)s", file=path.absolute(), names=", ".join(names))
    return [made, keep, text("Next: lianxin administrator NAME, then lianxin serve")]


def _told(content: str, name: str) -> str:
    found = re.findall(rf"^[ \t]*(?:export[ \t]+)?{name}[ \t]*=[ \t]*(\S*)", content, re.MULTILINE)
    return str(found[-1]).strip("'\"") if found else ""


def _refuse_new_locks(settings: Settings, names: list[str]) -> None:
    told = {"folder": settings.data_dir}
    if SECRET in names and (settings.state_dir / "lianxin.sqlite3").exists():
        message = "Below %(folder)s is a database already. Please set its LIANXIN_SECRET, or another LIANXIN_DATA_DIR."
        raise Conflict("sealed_database", message, params=told)
    if RECORDING_KEY in names and _has_locked_recordings(settings.sessions_dir):
        message = "Below %(folder)s are sealed recordings already. Please set the LIANXIN_RECORDING_KEY they have."
        raise Conflict("sealed_recordings", message, params=told)


def _has_locked_recordings(sessions: Path) -> bool:
    """Also one that a crash left as journals alone counts."""
    return any(is_sealed(one) for one in sessions.glob("*/*.webm")) or any(
        is_encrypted(one) for one in sessions.glob(f"*/*{SEGMENT_SUFFIX}")
    )


def _make_folders(settings: Settings) -> None:
    """The data folders, for this user only; those that are there are closed to others."""
    for folder in (settings.data_dir, settings.state_dir, settings.sessions_dir, settings.papers_dir):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (settings.state_dir, settings.sessions_dir, settings.papers_dir):
        folder.chmod(0o700)


def _write_keys(path: Path, keys: Mapping[str, str]) -> None:
    """Add keys to the file: in place of an empty line of theirs, else at the end. Raises ``OSError``."""
    path = path.resolve()
    content = path.read_text() if path.exists() else FIRST_LINES
    for name, value in keys.items():
        content, places = re.subn(rf"^{name}=[ \t]*$", f"{name}={value}", content, count=1, flags=re.MULTILINE)
        if not places:
            content = f"{content.rstrip()}\n{name}={value}\n"
    write_whole(path, content.encode())


def _close(path: Path) -> bool:
    """Whether others could read the file until now."""
    if not path.exists() or not path.stat().st_mode & 0o077:
        return False
    path.chmod(0o600)
    return True
