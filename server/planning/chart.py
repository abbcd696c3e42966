"""The bars of a result: where each begins and ends on a drawing, so that a page only has to draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from server.planning.summing import Group, Line, Spread

WIDTH, LEFT, RIGHT = 720, 170, 30
ROW, GAP, TOP = 26, 18, 12
STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 240)
MOST_TICKS = 8


@dataclass(frozen=True)
class Bar:
    """One side of one line: the range of four in five from ``start`` to ``end``, with three marks on it."""

    side: str
    y: int
    start: float
    end: float
    median: float
    mean: float
    longest: float
    values: Spread


@dataclass(frozen=True)
class Band:
    """Two bars that belong together."""

    group: Group
    y: int
    bars: tuple[Bar, Bar]


@dataclass(frozen=True)
class Chart:
    """The drawing: its size, its bands, and the ticks of its scale with their places."""

    width: int
    height: int
    bands: tuple[Band, ...]
    ticks: tuple[tuple[float, int], ...]

    @property
    def floor(self) -> int:
        """Where the scale is written."""
        return self.height - 30


def chart(lines: Sequence[Line]) -> Chart:
    """All lines on one scale that begins at nothing; lines with nobody in them are left out."""
    shown = [one for one in lines if one.now.count or one.then.count]
    most = max([1.0, *(one.now.longest for one in shown), *(one.then.longest for one in shown)])
    step = next((one for one in STEPS if most / one <= MOST_TICKS), ceil(most / MOST_TICKS))
    end = step * ceil(most / step)

    def across(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / end, 1)

    def bar(side: str, y: int, values: Spread) -> Bar:
        marks = (across(values.low), across(values.high), across(values.median), across(values.mean))
        return Bar(side, y, *marks, across(values.longest), values)

    bands = []
    for index, one in enumerate(shown):
        y = TOP + index * (2 * ROW + GAP)
        bands.append(Band(one.group, y, (bar("now", y, one.now), bar("then", y + ROW, one.then))))
    height = TOP + len(shown) * (2 * ROW + GAP) + 36
    return Chart(WIDTH, height, tuple(bands), tuple((across(at), at) for at in range(0, end + 1, step)))
