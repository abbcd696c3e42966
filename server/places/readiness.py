"""Whether a point is ready for a talk, judged from the figures of a call to the media engine and back."""

from dataclasses import dataclass
from enum import StrEnum

LEAST_PICTURES, LEAST_PACKETS, LEAST_LEVEL = 10, 20, 0.002
MOST_LOST, MOST_ROUND_TRIP_MS = 0.05, 400.0


class CheckKind(StrEnum):
    """What came of a check: the gravest thing that was found."""

    GOOD = "good"
    SLOW = "slow"
    NO_PICTURE = "no_picture"
    NO_SOUND = "no_sound"
    NO_LINE = "no_line"


FAILED = frozenset({CheckKind.NO_PICTURE, CheckKind.NO_SOUND, CheckKind.NO_LINE})


@dataclass(frozen=True)
class Figures:
    """What a browser measured. ``camera`` and ``microphone``: opened; the rest is what came back.

    ``level`` is the loudness of what came back from 0 to 1, ``loss`` the worse way, from 0 to 1.
    """

    camera: bool
    microphone: bool
    connected: bool
    pictures: int = 0
    packets: int = 0
    level: float = 0.0
    loss: float = 0.0
    round_trip_ms: float | None = None


@dataclass(frozen=True)
class Judgement:
    """A word each for picture, sound and line, and the gravest. ``unknown``: without a line nobody can say."""

    picture: str
    sound: str
    line: str
    kind: CheckKind


def judge(figures: Figures) -> Judgement:
    """What the figures say. A quiet room is no fault: nobody need be there when a point checks itself."""
    picture, sound, line = _picture(figures), _sound(figures), _line(figures)
    if line == "missing":
        kind = CheckKind.NO_LINE
    elif sound in {"missing", "lost"}:
        kind = CheckKind.NO_SOUND
    elif picture in {"missing", "lost"}:
        kind = CheckKind.NO_PICTURE
    else:
        kind = CheckKind.SLOW if line == "slow" else CheckKind.GOOD
    return Judgement(picture, sound, line, kind)


def _picture(figures: Figures) -> str:
    if not figures.camera:
        return "missing"
    if not figures.connected:
        return "unknown"
    return "good" if figures.pictures >= LEAST_PICTURES else "lost"


def _sound(figures: Figures) -> str:
    if not figures.microphone:
        return "missing"
    if not figures.connected:
        return "unknown"
    if figures.packets < LEAST_PACKETS:
        return "lost"
    return "good" if figures.level >= LEAST_LEVEL else "quiet"


def _line(figures: Figures) -> str:
    if not figures.connected:
        return "missing"
    late = figures.round_trip_ms is not None and figures.round_trip_ms > MOST_ROUND_TRIP_MS
    return "slow" if late or figures.loss > MOST_LOST else "good"
