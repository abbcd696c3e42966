"""Where the recording, the minutes and the promises of a talk disagree: what a clerk looks at first.

Instants are milliseconds after the recording's start. Stretches are half open: ``(begins, ends)``.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Stretch = tuple[int, int]

LONG_SPEECH = 60_000
LEAST_MISSING = 1_000
CLOCK_MS, CLOCK_SHARE = 5_000, 0.01
HAVE_A_SEAT = ("petitioner", "official")
MAY_PROMISE = ("official", "other")
_NUMBER = "[0-9〇零一二两三四五六七八九十几半]+"
_SPAN = "工作日|小时|天|日|周|星期|礼拜|月"
_TERM = rf"{_NUMBER}\s*个?\s*(?:{_SPAN})(?:之内|以内|内)|(?:[月年周]底|{_NUMBER}[日号])[之以]?前"
_WORDS = "答应|负责|承诺|保证|尽快|马上(?:就|安排|去)|一定(?:给|把|会)"
PROMISES = re.compile(rf"(?:我|咱|这边)们?(?:就|都|马上|立即|一定)*会(?!议)|{_WORDS}|{_TERM}")


@dataclass(frozen=True)
class Written:
    """A line of the minutes. ``ms`` is empty where nothing was recorded; ``promised``: a follow-up is kept for it."""

    line: int
    ms: int | None
    speaker: str
    text: str
    promised: bool = False


@dataclass(frozen=True)
class Heard:
    """What the recording holds of one seat: the stretches that were recorded, and those of speech."""

    recorded: Sequence[Stretch] = ()
    speech: Sequence[Stretch] = ()


@dataclass(frozen=True)
class Disagreement:
    """One place to look at. ``seconds``: how much was said without a line, or how far the length is off."""

    kind: str
    ms: int | None = None
    line: int | None = None
    seconds: int = 0


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same instants as stretches in order that neither touch nor overlap."""
    found: list[Stretch] = []
    for begins, ends in sorted(one for one in stretches if one[0] < one[1]):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def within(stretches: Sequence[Stretch], begins: int, ends: int) -> list[Stretch]:
    """The parts of stretches between two instants."""
    cut = ((max(one, begins), min(other, ends)) for one, other in stretches)
    return [one for one in cut if one[0] < one[1]]


def length_of(stretches: Sequence[Stretch]) -> int:
    """The instants of stretches that do not overlap, counted."""
    return sum(ends - begins for begins, ends in stretches)


def unwritten(speech: Sequence[Stretch], lines: Sequence[Written]) -> list[Disagreement]:
    """Between one line and the next a minute and more was spoken. A line is written after what it tells."""
    spoken = joined(speech)
    instants = sorted({one.ms for one in lines if one.ms is not None})
    end = max([ends for _, ends in spoken] + instants, default=0)
    found, since = [], 0
    for instant in [*instants, end]:
        said = within(spoken, since, instant)
        if length_of(said) >= LONG_SPEECH:
            found.append(Disagreement("unwritten", said[0][0], seconds=length_of(said) // 1000))
        since = max(since, instant)
    return found


def not_recorded(seats: Mapping[str, Heard], lines: Sequence[Written]) -> list[Disagreement]:
    """Lines of what the recording lacks: of a seat that was not recorded then, or of anybody while no seat was."""
    everybody = [one for heard in seats.values() for one in heard.recorded]
    kept = {seat: joined(heard.recorded) for seat, heard in seats.items()}
    found = []
    for one in lines:
        own = kept.get(one.speaker, []) if one.speaker in HAVE_A_SEAT else joined(everybody)
        if one.ms is not None and seats and _missing(own, one.ms):
            found.append(Disagreement("line_in_gap", one.ms, one.line))
    return found


def _missing(recorded: Sequence[Stretch], ms: int) -> bool:
    """An instant at the very edge counts as recorded: clocks differ a little."""
    return not any(begins - LEAST_MISSING <= ms < ends + LEAST_MISSING for begins, ends in recorded)


def promising(text: str) -> bool:
    """Whether words promise something."""
    return PROMISES.search(text) is not None


def unkept(lines: Sequence[Written]) -> list[Disagreement]:
    """Words of a promise, by somebody who may give one, without a follow-up."""
    return [
        Disagreement("no_follow_up", one.ms, one.line)
        for one in lines
        if one.speaker in MAY_PROMISE and not one.promised and promising(one.text)
    ]


def length_off(seats: Mapping[str, Heard], clock_ms: int | None) -> list[Disagreement]:
    """The recording ends earlier or later than the clock says."""
    ends = max((end for heard in seats.values() for _, end in heard.recorded), default=None)
    if clock_ms is None or ends is None:
        return []
    off = abs(clock_ms - ends)
    allowed = max(CLOCK_MS, round(CLOCK_SHARE * clock_ms))
    return [Disagreement("length_off", min(ends, clock_ms), seconds=off // 1000)] if off > allowed else []


def disagreements(
    seats: Mapping[str, Heard], lines: Sequence[Written], *, clock_ms: int | None = None
) -> list[Disagreement]:
    """All places, in the order of the recording. ``clock_ms``: how long it ran by the clock, where that is known."""
    speech = [one for heard in seats.values() for one in heard.speech]
    found = unwritten(speech, lines) + not_recorded(seats, lines) + unkept(lines) + length_off(seats, clock_ms)
    return sorted(found, key=lambda one: (one.ms is None, one.ms or 0, one.kind, one.line or 0))


def covered(what: Collection[str], text: str) -> bool:
    """Whether one of the promises was written from this line, as the desk offers it: the words are in one another."""
    mine = text.strip()
    return any(mine in one or one.strip() in mine for one in what if one.strip() and mine)
