"""A small recording on the disk, every byte of it known: two seats, one of them in three segments, index and seal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from server.media.journal_format import (
    START,
    ChunkType,
    Kind,
    SegmentHeader,
    first_link,
    pack_chunk,
    pack_header,
    pack_record,
)
from server.media.recording_index import CLOSED, REOPENED, SEAT_JOINED, STARTED, IndexEntry, append_entries
from server.media.seal import seal

BEGAN = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SEGMENTS = {"official-0001": 0, "petitioner-0001": 0, "petitioner-0002": 4, "petitioner-0003": 8}


def pack_segment(name: str, start: int, *, chunks: int = 4, previous: bytes = START) -> list[bytes]:
    """A header, then one chunk a second from ``start`` on, then an end: each with its bytes."""
    header = pack_header(SegmentHeader(1_764_000_000_000_000, 5_000_000, start * 1_000_000), previous)
    pieces, link = [header], first_link(header, f"{name}.journal")
    for number in range(1, chunks + 2):
        at = (start + number - 1) * 1_000_000
        span = (at, at + 900_000) if number <= chunks else (at - 100_000, at - 100_000)
        body = b"".join(pack_record(Kind.AUDIO, 5_000_000 + at + step * 300_000, 30, b"sound") for step in range(3))
        kind = ChunkType.RECORDS if number <= chunks else ChunkType.END
        pieces.append(pack_chunk(kind, number, span, body if kind else b"", link))
        link = pieces[-1][-len(START) :]
    return pieces


def entries(*events: tuple[str, float, str]) -> list[IndexEntry]:
    """Index entries at these seconds."""
    return [IndexEntry(event, BEGAN + timedelta(seconds=at), at, detail) for event, at, detail in events]


def write_recording(folder: Path) -> str:
    """Write it; its seal."""
    folder.mkdir(parents=True)
    previous = START
    append_entries(folder, entries((STARTED, 0.0, "")))
    for name, start in SEGMENTS.items():
        pieces = pack_segment(name, start, previous=previous if start else START)
        (folder / f"{name}.journal").write_bytes(b"".join(pieces))
        previous = pieces[-1][-len(START) :]
        again = entries((REOPENED, float(start), "alarm")) if start else []
        append_entries(folder, [*again, *entries((SEAT_JOINED, float(start), name))])
    append_entries(folder, entries((CLOSED, 12.0, "")))
    return seal(folder)
