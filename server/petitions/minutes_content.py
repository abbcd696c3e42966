"""What the minutes say at one moment: its digest, which objections are open, how one wording differs from the next."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from enum import StrEnum
from hashlib import sha256

from server.petitions.words import ReadBack

COMPARED = 400


@dataclass(frozen=True)
class LineContent:
    """A line with what the petitioner said of it."""

    id: int
    speaker: str
    text: str
    written_at: datetime
    offset_ms: int | None
    author_id: int
    read_back: ReadBack
    objection: str | None


@dataclass(frozen=True)
class AddendumContent:
    """What was added beside a line or the whole. ``wording``: how the line should read."""

    id: int
    line_id: int | None
    text: str
    wording: str | None
    author_id: int
    written_at: datetime


class Change(StrEnum):
    """What became of a part of a text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Part:
    """A part of a text, and what became of it."""

    change: Change
    text: str


def digest(lines: Sequence[LineContent], addenda: Sequence[AddendumContent]) -> str:
    """The SHA-256 of what stands there: the same for the same content however it is read, another for any other."""
    told = (
        [_plain(one) for one in sorted(lines, key=lambda one: one.id)],
        [_plain(one) for one in sorted(addenda, key=lambda one: one.id)],
    )
    return sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(one: LineContent | AddendumContent) -> dict[str, object]:
    return asdict(one) | {"written_at": one.written_at.astimezone(UTC).isoformat()}


def unanswered(lines: Sequence[LineContent], addenda: Sequence[AddendumContent]) -> list[int]:
    """The lines objected to beside which nothing was written."""
    answered = {one.line_id for one in addenda}
    return [one.id for one in lines if one.read_back is ReadBack.OBJECTED and one.id not in answered]


def wordings(line: LineContent, addenda: Sequence[AddendumContent]) -> list[tuple[int, str, str]]:
    """Each new wording of a line: the addendum that gave it, how it read before, how it reads then."""
    found, reads = [], line.text
    for one in sorted(addenda, key=lambda one: one.id):
        if one.line_id == line.id and one.wording is not None:
            found.append((one.id, reads, one.wording))
            reads = one.wording
    return found


def differences(before: str, after: str) -> list[Part]:
    """What was removed and added, sign by sign; where two long texts have little in common, the whole of both."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    middle = before[start : len(before) - end], after[start : len(after) - end]
    parts = [Part(Change.SAME, before[:start]), *_between(*middle), Part(Change.SAME, before[len(before) - end :])]
    return [one for one in parts if one.text]


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _between(before: str, after: str) -> list[Part]:
    if max(len(before), len(after)) > COMPARED:
        return [Part(Change.REMOVED, before), Part(Change.ADDED, after)]
    found = []
    for word, begins, ends, begins_after, ends_after in SequenceMatcher(None, before, after, False).get_opcodes():
        if word == "equal":
            found.append(Part(Change.SAME, before[begins:ends]))
        else:
            found += [Part(Change.REMOVED, before[begins:ends]), Part(Change.ADDED, after[begins_after:ends_after])]
    return found
