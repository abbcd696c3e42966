"""The index of a recording: ``events.journal``, one JSON object a line, each synced to the disk.

It says when the recording started, paused, resumed and ended, who came and went, and what signalling
marked. The first ``started`` entry is time zero of every file of the session, also after a restart.
Each line ends with a link, a hash over everything since the link before; ``verify_recording.py`` follows them.
"""

import fcntl
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

from server.errors import Invalid
from server.media.verify_recording import read_index as read_links

INDEX_NAME = "events.journal"
STARTED, REOPENED, PAUSED, RESUMED, CLOSED = "started", "reopened", "paused", "resumed", "closed"
SEAT_JOINED, GAP, FAULT = "seat_joined", "gap", "fault"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One event: its instant in UTC and in seconds after the recording's start."""

    event: str
    at: datetime
    offset: float
    detail: str = ""

    def line(self, number: int, since: bytes, link: bytes) -> tuple[bytes, bytes]:
        """The entry as it stands in the file, and its link.

        ``number`` counts from 1, ``since`` is what stands between the line whose ``link`` is given and this one.
        """
        told = {"event": self.event, "at": self.at.isoformat(), "offset": round(self.offset, 6), "detail": self.detail}
        body = json.dumps({**told, "number": number}, ensure_ascii=False).encode(errors="replace")[:-1]
        made = sha256(link + since + body)
        return body + b', "link": "' + made.hexdigest().encode() + b'"}\n', made.digest()

    @classmethod
    def parse(cls, line: bytes) -> Self | None:
        """The entry of one line, or None where the line is cut or damaged."""
        try:
            told = json.loads(line)
            at = datetime.fromisoformat(told["at"])
            entry = cls(str(told["event"]), at, float(told["offset"]), str(told.get("detail", "")))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            return None
        return entry if at.tzinfo is not None else None


def opaque(name: str) -> str:
    """``name`` if it is a session or seat name that may become part of a path. Raises ``Invalid("bad_name")``."""
    if not _NAME.fullmatch(name):
        raise Invalid("bad_name", "This is not a name of a session or seat.")
    return name


def read_index(folder: Path) -> list[IndexEntry]:
    """All whole entries; an empty list where there is no index."""
    try:
        lines = (folder / INDEX_NAME).read_bytes().split(b"\n")
    except OSError:
        return []
    return [entry for line in lines if line and (entry := IndexEntry.parse(line)) is not None]


def started_at(entries: list[IndexEntry]) -> datetime | None:
    """Time zero of the recording, or None where it never started."""
    return next((entry.at for entry in entries if entry.event == STARTED), None)


def append_entries(folder: Path, entries: list[IndexEntry]) -> int:
    """Append whole entries after whatever stands there, linked to it, and sync them; the bytes written.

    Another process that appends at the same time waits, so that there is one chain.
    """
    path = folder / INDEX_NAME
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        data = _linked(path, entries)
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return written


def _linked(path: Path, entries: list[IndexEntry]) -> bytes:
    known, _ = read_links(path)
    since = path.read_bytes()[max((one.end for one in known.items), default=0) :]
    # The space keeps a line that lacked only its end from becoming one that was linked before.
    lines = [b" \n" if since and not since.endswith(b"\n") else b""]
    since, link = since + lines[0], known.links[-1]
    for number, entry in enumerate(entries, len(known.items) + 1):
        line, link = entry.line(number, since, link)
        lines.append(line)
        since = b""
    return b"".join(lines)
