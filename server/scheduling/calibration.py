"""How true the promised waits were, by official and month."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True)
class Kept:
    """A promise and what came of it, in minutes. ``least`` and ``most`` are empty where nothing was told."""

    official: str
    month: str
    least: int | None
    most: int | None
    expected: float
    truth: float

    @property
    def told(self) -> bool:
        """Whether the visitor was told a range."""
        return self.least is not None and self.most is not None

    @property
    def early(self) -> bool:
        """Whether the visitor was called before the range."""
        return self.least is not None and self.truth < self.least

    @property
    def late(self) -> bool:
        """Whether the visitor was called after the range."""
        return self.most is not None and self.truth > self.most


@dataclass(frozen=True)
class Row:
    """One official in one month; ``official`` empty for everybody, ``month`` empty for all the time."""

    official: str
    month: str
    told: int
    inside: int
    early: int
    late: int
    untold: int
    error: float

    @property
    def share(self) -> int | None:
        """Percent of the told ranges that held the truth."""
        return round(100 * self.inside / self.told) if self.told else None


def calibrated(promises: Iterable[Kept]) -> tuple[Row, list[Row]]:
    """Everybody over all the time, and each official in each month, the newest month first."""
    known = list(promises)
    groups: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    for one in known:
        groups[one.month, one.official].append(one)
    rows = [_row(official, month, group) for (month, official), group in sorted(groups.items())]
    rows.sort(key=lambda row: row.month, reverse=True)
    return _row("", "", known), rows


def _row(official: str, month: str, group: list[Kept]) -> Row:
    told = [one for one in group if one.told]
    early, late = sum(one.early for one in told), sum(one.late for one in told)
    error = fmean(abs(one.truth - one.expected) for one in group) if group else 0.0
    return Row(official, month, len(told), len(told) - early - late, early, late, len(group) - len(told), error)
