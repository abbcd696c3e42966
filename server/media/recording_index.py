"""The index of a recording: ``events.journal``, one JSON object a line, each synced to the disk.

It says when the recording started, paused, resumed and ended, who came and went, and what signalling
marked. The first ``started`` entry is time zero of every file of the session, also after a restart.
"""

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from server.errors import Invalid

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

    def line(self) -> bytes:
        """The entry as it stands in the file."""
        told = {"event": self.event, "at": self.at.isoformat(), "offset": round(self.offset, 6), "detail": self.detail}
        return json.dumps(told, ensure_ascii=False).encode(errors="replace") + b"\n"

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
    """Append whole entries after whatever stands there and sync them; the bytes written."""
    descriptor = os.open(folder / INDEX_NAME, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        data = (b"\n" if cut else b"") + b"".join(entry.line() for entry in entries)
        written = os.write(descriptor, data)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return written
