"""The two sides of a trial: the coming weeks as they stand, and with the change."""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

from server.planning.facts import CYCLE, Coming, Learned

WORKING = 5
WEEKS = CYCLE // 7


@dataclass(frozen=True)
class Change:
    """What is tried: one more day a week of an official, new officials with a day a week each, new points."""

    official: int | None = None
    officials: int = 0
    points: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nothing is changed at all."""
        return self.official is None and not self.officials and not self.points

    @property
    def touches(self) -> int | None:
        """The official whose visitors alone are touched; none where everybody is."""
        return None if self.officials or self.points else self.official


@dataclass(frozen=True)
class Side:
    """One side. ``demand`` is how many come, 1.0 as many as now; ``moved`` of them go to new officials.

    New officials and points have numbers below zero; ``strangers`` is the share of visitors from new points.
    """

    coming: tuple[Coming, ...]
    demand: float = 1.0
    moved: float = 0.0
    strangers: float = 0.0
    new_points: int = 0

    @cached_property
    def officials(self) -> list[int]:
        """Everybody who receives, the new ones first."""
        return sorted({one.official for one in self.coming})

    def receptions_a_week(self, official: int) -> float:
        """How often the official receives."""
        return sum(one.official == official for one in self.coming) / WEEKS


def sides(learned: Learned, change: Change, visitors: float) -> tuple[Side, Side]:
    """As it stands and with the change; ``visitors`` is how many come on both, 1.0 as many as in the past."""
    coming = learned.facts.coming
    now = Side(coming, visitors)
    added = list(coming)
    if change.official is not None:
        added += _another_day([one for one in coming if one.official == change.official])
    for number in range(change.officials):
        added += _of_somebody_new(coming, number)
    new = sum(one.official < 0 for one in added)
    share = change.points / (learned.points + change.points)
    then = replace(
        now,
        coming=tuple(sorted(added, key=lambda one: (one.at, one.official))),
        demand=visitors * (1 + change.points / learned.points),
        moved=new / len(added) if added else 0.0,
        strangers=share,
        new_points=change.points,
    )
    return now, then


def _another_day(own: list[Coming]) -> list[Coming]:
    """One more reception a week like the official's others, on the working day farthest from them."""
    if not own:
        return []
    weekday = free_weekday({one.at % 7 for one in own})
    return [replace(own[0], at=7 * week + weekday) for week in range(WEEKS)]


def free_weekday(taken: set[int]) -> int:
    """The day of five that lies farthest from those taken, the first one on a tie. Days count from the first of four
    weeks, which begin on a Monday."""

    def distance(day: int) -> int:
        return min(min((day - one) % 7, (one - day) % 7) for one in taken)

    return max(range(WORKING), key=lambda day: (distance(day), -day))


def _of_somebody_new(coming: tuple[Coming, ...], number: int) -> list[Coming]:
    """A day a week with the hours that are most usual."""
    counted: dict[tuple[object, ...], int] = defaultdict(int)
    for one in coming:
        counted[one.spans, one.length, one.buffer, one.capacity] += 1
    usual = max(coming, key=lambda one: counted[one.spans, one.length, one.buffer, one.capacity])
    return [replace(usual, official=-1 - number, at=7 * week + number % WORKING) for week in range(WEEKS)]
