"""What the review player draws: seats with their files, and the timeline in thousandths of its length."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.media.ports import RecordedFile
from server.petitions.disagreements import Heard, Stretch, joined, length_of

WIDTH = 1000.0
FIRST = ("petitioner", "official")
BEFORE, AFTER = 500, 1_500


@dataclass(frozen=True)
class Span:
    """A stretch of the timeline: where it begins and how wide it is, and its start in milliseconds."""

    x: float
    width: float
    ms: int


@dataclass(frozen=True)
class Track:
    """One seat: its files in order, what was said and for how many seconds, and what is missing."""

    seat: str
    files: Sequence[RecordedFile]
    speech: Sequence[Span]
    gaps: Sequence[Span]
    spoken: float


@dataclass(frozen=True)
class Mark:
    """An instant on the timeline: a line by its id, or an event by its kind."""

    x: float
    ms: int
    line: int | None = None
    kind: str = ""


@dataclass(frozen=True)
class Picture:
    """Everything the player needs, in one piece. ``length_ms`` is the end of the longest file.

    ``spoken``: where somebody speaks, with a breath around it; elsewhere the player may hurry on.
    """

    length_ms: int
    tracks: Sequence[Track]
    lines: Sequence[Mark]
    events: Sequence[Mark]
    minutes: Sequence[Mark]
    spoken: Sequence[Stretch]


def heard(files: Sequence[RecordedFile]) -> dict[str, Heard]:
    """What the files hold of each seat, in milliseconds after the recording's start."""

    def stretch(file: RecordedFile, begins: float, ends: float) -> Stretch:
        return round((file.offset + begins) * 1000), round((file.offset + ends) * 1000)

    def recorded(file: RecordedFile) -> list[Stretch]:
        edges = [0.0, *(edge for gap in sorted(file.gaps) for edge in gap), file.duration]
        return [stretch(file, *pair) for pair in zip(edges[::2], edges[1::2], strict=True)]

    seats = {one.seat: [file for file in files if file.seat == one.seat] for one in files}
    return {
        seat: Heard(
            recorded=joined([part for file in own for part in recorded(file)]),
            speech=joined([stretch(file, *part) for file in own for part in file.speech]),
        )
        for seat, own in seats.items()
    }


def picture(
    files: Sequence[RecordedFile], lines: Sequence[tuple[int, int]], events: Sequence[tuple[str, int]]
) -> Picture:
    """Lay a recording out; lines and events come with their milliseconds. Without files, what was written counts."""
    instants = [ms for _, ms in [*lines, *events]]
    length = max([(one.offset + one.duration) * 1000 for one in files] + [float(max(instants, default=0)), 1000.0])

    sounds = heard(files)
    near = [(max(0, begins - BEFORE), ends + AFTER) for one in sounds.values() for begins, ends in one.speech]

    def x(ms: float) -> float:
        return round(min(max(ms, 0.0), length) / length * WIDTH, 2)

    def span(file: RecordedFile, begins: float, ends: float) -> Span:
        ms = (file.offset + begins) * 1000
        return Span(x(ms), max(1.0, round(x((file.offset + ends) * 1000) - x(ms), 2)), round(ms))

    def track(seat: str) -> Track:
        own = sorted((one for one in files if one.seat == seat), key=lambda one: one.offset)
        speech = [span(one, *part) for one in own for part in one.speech]
        gaps = [span(one, *missing) for one in own for missing in one.gaps]
        return Track(seat, own, speech, gaps, length_of(sounds[seat].speech) / 1000)

    seats = sorted({one.seat for one in files}, key=lambda seat: (FIRST.index(seat) if seat in FIRST else 9, seat))
    step = 60_000 * (1 + round(length) // 1_200_000)
    return Picture(
        length_ms=round(length),
        tracks=[track(seat) for seat in seats],
        lines=[Mark(x(ms), ms, line=line) for line, ms in lines],
        events=[Mark(x(ms), ms, kind=kind) for kind, ms in events],
        minutes=[Mark(x(ms), ms) for ms in range(step, round(length), step)],
        spoken=joined(near),
    )
