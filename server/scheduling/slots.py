"""Slots as integers: minutes after local midnight, no dates in loops."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """The opening of one reception day."""

    opens: int
    closes: int
    length: int

    @property
    def count(self) -> int:
        """How many whole slots fit."""
        return max(0, (self.closes - self.opens) // self.length)

    def minute(self, slot: int) -> int:
        """When ``slot`` begins."""
        return self.opens + slot * self.length

    def has(self, slot: int) -> bool:
        """Whether there is such a slot."""
        return 0 <= slot < self.count


def free(window: Window, taken: Collection[int], *, not_before: int = 0) -> list[int]:
    """The free slots that begin at ``not_before`` or later, in order."""
    return [slot for slot in range(window.count) if slot not in taken and window.minute(slot) >= not_before]


def nearest(candidates: Iterable[tuple[int, int]], wanted: tuple[int, int], count: int = 3) -> list[tuple[int, int]]:
    """The ``count`` candidates nearest to ``wanted``: pairs of day number and minute; the earlier first on a tie."""

    def distance(one: tuple[int, int]) -> tuple[int, tuple[int, int]]:
        return abs((one[0] - wanted[0]) * 1440 + one[1] - wanted[1]), one

    return sorted(candidates, key=distance)[:count]
