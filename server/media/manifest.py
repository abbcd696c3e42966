"""What came of a finished recording: ``manifest.json`` beside the files, written last and whole."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from server.media.journal_format import SEGMENT_SUFFIX
from server.media.ports import RecordedFile
from server.media.recording_index import opaque
from server.storage import write_whole

MANIFEST_NAME = "manifest.json"


def journal_bytes(folder: Path) -> int:
    """The size of all journal segments; a manifest made of fewer bytes is out of date."""
    return sum(path.stat().st_size for path in folder.glob(f"*-[0-9][0-9][0-9][0-9]{SEGMENT_SUFFIX}"))


def write_manifest(folder: Path, *, files: list[RecordedFile], duration: float, made_of: int, seal: str) -> None:
    """Put the manifest in place at once; readers see the old one or the new one."""
    told = {
        "version": 1,
        "duration": round(duration, 3),
        "journal_bytes": made_of,
        "seal": seal,
        "files": [asdict(file) for file in files],
    }
    write_whole(folder / MANIFEST_NAME, json.dumps(told, ensure_ascii=False, indent=1).encode())


def made_of(folder: Path) -> int | None:
    """The journal bytes that the manifest was made of, or None where there is none."""
    told = _read(folder)
    return None if told is None else int(told["journal_bytes"])


def read_files(root: Path, session: str) -> list[RecordedFile]:
    """The finalised files of a session; empty while there are none."""
    told = _read(root / opaque(session))
    return [] if told is None else [_file(entry) for entry in told["files"]]


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        told = json.loads((folder / MANIFEST_NAME).read_bytes())
        whole = isinstance(told["files"], list) and isinstance(told["journal_bytes"], int)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return told if whole else None


def _file(entry: dict[str, Any]) -> RecordedFile:
    spans = {name: tuple((float(a), float(b)) for a, b in entry[name]) for name in ("speech", "gaps")}
    return RecordedFile(**{**entry, **spans})
