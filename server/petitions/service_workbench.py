"""What a clerk works on: record and recording in one stream, with the places to look at first. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.media.ports import RecordedFile
from server.petitions.disagreements import Written, covered, disagreements
from server.petitions.models import MinutesLine, SessionEvent
from server.petitions.player import Picture, heard, picture
from server.petitions.service_record import Record
from server.petitions.words import ReadBack

STARTS_A_FLAG = ("gap", "lost", "alarm", "recording_alarm", "paused", "engine_lost")


@dataclass(frozen=True)
class Flag:
    """Something a clerk must look at. ``offset_ms`` is its place in the recording, ``line`` its line, ``at`` its time.

    Without a recording an interruption stands at the line that was written before it. ``seconds``: how much it is of.
    """

    kind: str
    text: str = ""
    offset_ms: int | None = None
    line: int | None = None
    at: datetime | None = None
    seconds: int = 0


@dataclass(frozen=True)
class Entry:
    """One entry of the stream: a line, or what happened."""

    line: MinutesLine | None = None
    event: SessionEvent | None = None


@dataclass(frozen=True)
class Workbench:
    """A record with its recording laid out. ``promised`` are the lines a follow-up was written from."""

    record: Record
    picture: Picture
    flags: Sequence[Flag]
    stream: Sequence[Entry]
    promised: frozenset[int]


def workbench(record: Record, files: Sequence[RecordedFile]) -> Workbench:
    """Lay out a record that the caller may see; ``files`` are empty where there is nothing to hear."""
    lines = [(one.id or 0, one.offset_ms) for one in record.lines if one.offset_ms is not None]
    events = [(one.kind, one.offset_ms) for one in record.events if one.offset_ms is not None]
    promised = frozenset(one.id or 0 for one in record.lines if _promised(record, one))
    return Workbench(record, picture(files, lines, events), _flags(record, files, promised), _stream(record), promised)


def _promised(record: Record, line: MinutesLine) -> bool:
    told = [one.follow_up for one in record.promised]
    return any(one.line_id == line.id for one in told) or covered([one.what for one in told], line.text)


def _stream(record: Record) -> list[Entry]:
    """Lines and events as they came; of the same instant the line first."""
    entries = [(one.written_at, 0, one.id or 0, Entry(line=one)) for one in record.lines]
    entries += [(one.at, 1, one.id or 0, Entry(event=one)) for one in record.events]
    return [entry for *_, entry in sorted(entries, key=lambda told: told[:3])]


def _flags(record: Record, files: Sequence[RecordedFile], promised: frozenset[int]) -> list[Flag]:
    """Those of the whole talk first, then in the order of the recording."""
    placed = [
        Flag("objection", one.objection or "", one.offset_ms, one.id)
        for one in record.lines
        if one.read_back is ReadBack.OBJECTED
    ]
    placed += [_interruption(record, one) for one in record.events if one.kind in STARTS_A_FLAG]
    placed += _disagreements(record, files, promised)
    return _of_the_whole(record) + sorted(placed, key=lambda flag: flag.offset_ms or 0)


def _of_the_whole(record: Record) -> list[Flag]:
    whole = [] if record.booking.consent else [Flag("no_consent")]
    if not any(one.role == "petitioner" for one in record.signatures):
        reasons = (one.detail.get("reason", "") for one in record.events if one.kind == "unsigned")
        whole.append(Flag("unsigned", next(reasons, "")))
    return whole


def _interruption(record: Record, event: SessionEvent) -> Flag:
    if event.offset_ms is not None:
        return Flag(event.kind, offset_ms=event.offset_ms, at=event.at)
    before = next((one.id for one in reversed(record.lines) if one.written_at <= event.at), None)
    return Flag(event.kind, line=before, at=event.at)


def _disagreements(record: Record, files: Sequence[RecordedFile], promised: frozenset[int]) -> list[Flag]:
    lines = [Written(one.id or 0, one.offset_ms, one.speaker, one.text, one.id in promised) for one in record.lines]
    found = disagreements(heard(files), lines, clock_ms=_clock_ms(record))
    return [Flag(one.kind, offset_ms=one.ms, line=one.line, seconds=one.seconds) for one in found]


def _clock_ms(record: Record) -> int | None:
    """How long the recording ran by the clock, up to the signature; empty where it did not or still does."""
    began, ended = record.session.recording_started_at, record.session.signed_at
    return round((ended - began).total_seconds() * 1000) if began is not None and ended is not None else None
