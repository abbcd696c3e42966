"""Slots as integers: minutes after local midnight, a day's places as the bits of one number, no dates in loops."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Hours:
    """The opening of one reception day: spans of minutes, and how they are cut into slots.

    A *place* is what a booking takes. Places count through the day; ``capacity`` of them begin together, so that with
    a capacity of one a place is a slot.
    """

    spans: tuple[tuple[int, int], ...]
    length: int
    buffer: int = 0
    capacity: int = 1

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """When the slots begin; a slot ends within its span, the buffer after it need not."""
        step = self.length + self.buffer
        return tuple(minute for opens, closes in self.spans for minute in range(opens, closes - self.length + 1, step))

    @property
    def opens(self) -> int:
        """The first minute of the day."""
        return self.spans[0][0]

    @property
    def closes(self) -> int:
        """The minute after the last one of the day."""
        return self.spans[-1][1]

    @property
    def openings(self) -> tuple[tuple[int, int], ...]:
        """The spans as people say them: those that touch are one."""
        told: list[tuple[int, int]] = []
        for opens, closes in self.spans:
            before = told.pop() if told and told[-1][1] == opens else (opens, closes)
            told.append((before[0], closes))
        return tuple(told)

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self.starts) * self.capacity

    @cached_property
    def firsts(self) -> int:
        """A bit for the first place of every slot."""
        return sum(1 << at * self.capacity for at in range(len(self.starts)))

    @cached_property
    def whole(self) -> int:
        """A bit for every place."""
        return (1 << self.count) - 1

    def minute(self, place: int) -> int:
        """When ``place`` begins."""
        return self.starts[place // self.capacity]

    def together(self, place: int) -> list[int]:
        """Every place that begins with ``place``, that one first."""
        first = place - place % self.capacity
        return [place, *(one for one in range(first, first + self.capacity) if one != place)]

    def has(self, place: int) -> bool:
        """Whether there is such a place."""
        return 0 <= place < self.count


def bits(places: Iterable[int]) -> int:
    """Places as one number."""
    taken = 0
    for place in places:
        taken |= 1 << place
    return taken


def places_in(some: int) -> list[int]:
    """The places of a number, in order."""
    found = []
    while some:
        lowest = some & -some
        found.append(lowest.bit_length() - 1)
        some ^= lowest
    return found


def vacant(hours: Hours, taken: int, *, not_before: int = 0) -> int:
    """A bit for the first free place of every slot that has one and begins at ``not_before`` or later.

    ``taken`` has a bit for every place that is taken.
    """
    left = hours.whole & ~taken
    if not_before:
        over = bisect_left(hours.starts, not_before) * hours.capacity
        left = left >> over << over
    if hours.capacity == 1:
        return left
    found, begun = 0, 0
    for beside in range(hours.capacity):
        there = left >> beside & hours.firsts
        found |= (there & ~begun) << beside
        begun |= there
    return found


def free(hours: Hours, taken: int, *, not_before: int = 0) -> list[int]:
    """What is ``vacant``, as places in order."""
    return places_in(vacant(hours, taken, not_before=not_before))


def carried_over(before: Hours, after: Hours, taken: Sequence[int]) -> dict[int, int] | None:
    """Where every taken place goes so that nobody's time changes; none where a time would be lost."""
    index = {minute: at for at, minute in enumerate(after.starts)}
    used: dict[int, int] = {}
    moved: dict[int, int] = {}
    for place in sorted(taken):
        at = index.get(before.minute(place)) if before.has(place) else None
        if at is None or used.get(at, 0) >= after.capacity or before.length > after.length:
            return None
        moved[place] = at * after.capacity + used.get(at, 0)
        used[at] = used.get(at, 0) + 1
    return moved


def nearest(candidates: Iterable[tuple[int, int]], wanted: tuple[int, int], count: int = 3) -> list[tuple[int, int]]:
    """The ``count`` candidates nearest to ``wanted``: pairs of day number and minute; the earlier first on a tie."""

    def distance(one: tuple[int, int]) -> tuple[int, tuple[int, int]]:
        return abs((one[0] - wanted[0]) * 1440 + one[1] - wanted[1]), one

    return sorted(candidates, key=distance)[:count]
