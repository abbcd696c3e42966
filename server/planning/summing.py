"""What came of a trial: waits and days until a free time on both sides, and how sure the difference is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, floor
from statistics import fmean

LEAST = 1.0
"""Minutes or days of difference below which nobody would notice."""


@dataclass
class Tally:
    """One side of one round while it is played."""

    booked: list[float] = field(default_factory=list)
    walk_ins: list[float] = field(default_factory=list)
    leads: list[float] = field(default_factory=list)
    refused: int = 0
    receptions: int = 0

    def waited(self, minutes: float, *, booked: bool) -> None:
        """Somebody was received after so many minutes."""
        (self.booked if booked else self.walk_ins).append(minutes)

    def asked(self, lead: int | None) -> None:
        """Somebody wanted to book, and got a time in so many days, or none."""
        if lead is None:
            self.refused += 1
        else:
            self.leads.append(float(lead))

    @property
    def all(self) -> list[float]:
        """Everybody's minutes."""
        return self.booked + self.walk_ins


@dataclass(frozen=True)
class Round:
    """Both sides of one round."""

    now: Tally
    then: Tally


@dataclass(frozen=True)
class Spread:
    """Many values: how many, their mean, the one in the middle, the range of four in five, the largest."""

    count: int
    mean: float
    median: float
    low: float
    high: float
    longest: float


class Group(StrEnum):
    """Whose values a line tells."""

    ALL = "all"
    BOOKED = "booked"
    WALK_INS = "walk_ins"
    LEADS = "leads"


@dataclass(frozen=True)
class Line:
    """One line of the table, on both sides."""

    group: Group
    now: Spread
    then: Spread


class Verdict(StrEnum):
    """What the rounds say about the mean."""

    SHORTER = "shorter"
    LONGER = "longer"
    SAME = "same"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Difference:
    """By how much the mean changes: over all, and the range that eight of ten rounds keep to; below zero: less."""

    mean: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """What can be said in one word."""
        if max(abs(self.low), abs(self.high)) < LEAST:
            return Verdict.SAME
        if self.high < 0:
            return Verdict.SHORTER
        return Verdict.LONGER if self.low > 0 else Verdict.UNSURE


@dataclass(frozen=True)
class Result:
    """Everything the page tells. ``refused`` is the share of those who found no free time, on both sides."""

    receptions_now: int
    receptions_then: int
    lines: tuple[Line, ...]
    waits: Difference
    leads: Difference
    refused_now: float
    refused_then: float


def spread(values: Sequence[float]) -> Spread:
    """The values in short; zeros where there are none."""
    known = sorted(values)
    if not known:
        return Spread(0, 0.0, 0.0, 0.0, 0.0, 0.0)

    def quantile(share: float) -> float:
        return known[min(len(known) - 1, floor(share * len(known)))]

    return Spread(len(known), fmean(known), quantile(0.5), quantile(0.1), quantile(0.9), known[-1])


def difference(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Difference:
    """From pairs of values, now and then, a pair a round."""
    known = [(now, then) for now, then in pairs if now and then]
    if not known:
        return Difference(0.0, 0.0, 0.0)
    told = sorted(fmean(then) - fmean(now) for now, then in known)
    low, high = floor(0.1 * len(told)), ceil(0.9 * len(told)) - 1
    everybody = [[one for some in side for one in some] for side in zip(*known, strict=True)]
    return Difference(fmean(everybody[1]) - fmean(everybody[0]), told[low], told[high])


def result_of(rounds: Sequence[Round]) -> Result:
    """All rounds together."""
    now, then = [one.now for one in rounds], [one.then for one in rounds]

    def pooled(side: Sequence[Tally], group: Group) -> Spread:
        return spread([value for one in side for value in getattr(one, group.value)])

    return Result(
        sum(one.receptions for one in now),
        sum(one.receptions for one in then),
        tuple(Line(group, pooled(now, group), pooled(then, group)) for group in Group),
        difference([(one.now.all, one.then.all) for one in rounds]),
        difference([(one.now.leads, one.then.leads) for one in rounds]),
        _refused(now),
        _refused(then),
    )


def _refused(side: Sequence[Tally]) -> float:
    refused = sum(one.refused for one in side)
    asked = refused + sum(len(one.leads) for one in side)
    return refused / asked if asked else 0.0
