"""How long somebody has to wait, as a range that holds four times in five. Durations in, range out.

How long a talk takes is learned from past ones: over all, then of the official, then with that many people, then about
that category; where few are known, each level leans on the one before. What is expected is the sum of those ahead. How
wrong such sums were for those who were told one before sets the ends of the range (split conformal prediction), and so
corrects whatever else makes people wait: absence, priority, a late beginning.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, sqrt

LEAN = 6
FEW = 5
# A fifth is outside on both sides together; rounding to five minutes takes the missing part back in.
OUTSIDE = 0.12
KNOWN_ERRORS = 40
UNKNOWN_ERRORS = (-1.3, 0.0, 1.3)
STEP = 5
WIDE = 60
WORTH_GOING = 20
USUAL_GAP = 2.0
SHOWS = 0.8


@dataclass(frozen=True)
class Kind:
    """What the length of a talk depends on."""

    official: int
    content: str = ""
    people: int = 1

    @property
    def levels(self) -> tuple[tuple[object, ...], ...]:
        """From the widest to the most exact."""
        size = min(self.people, 3)
        return (), (self.official,), (self.official, size), (self.official, size, self.content)


@dataclass(frozen=True)
class Talk:
    """A past talk."""

    kind: Kind
    minutes: float


@dataclass(frozen=True)
class Spread:
    """Minutes expected, and their variance."""

    mean: float
    variance: float


@dataclass(frozen=True)
class Ahead:
    """Somebody who goes first, with the chance to be there at all."""

    kind: Kind
    chance: float = 1.0


@dataclass(frozen=True)
class Queue:
    """What somebody waits for: the opening, the talk under way with the minutes it has used, those ahead, breaks.

    ``breaks`` are pairs: in how many minutes one begins, and how long it is; the first one first.
    """

    ahead: Sequence[Ahead] = ()
    running: Kind | None = None
    elapsed: float = 0.0
    opens_in: float = 0.0
    breaks: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Estimate:
    """The sum that is expected, and how far it usually strays; what a promise keeps, to be compared with the truth."""

    middle: float
    spread: float


@dataclass(frozen=True)
class Wait:
    """From how many to how many minutes it takes until it is one's turn."""

    least: int
    most: int


class History:
    """What past talks, pauses between talks and promises say. ``usual`` is a talk's length before any is known.

    ``errors`` are those of past promises: (truth - middle) / spread.
    """

    def __init__(
        self,
        talks: Iterable[Talk] = (),
        gaps: Iterable[float] = (),
        errors: Iterable[float] = (),
        *,
        usual: float = 20.0,
    ) -> None:
        self._known: dict[tuple[object, ...], list[float]] = defaultdict(list)
        known = list(talks)
        for talk in known:
            for level in talk.kind.levels:
                self._known[level].append(talk.minutes)
        self._usual = usual
        self._spreads: dict[Kind, Spread] = {}
        self._ratios = sorted(talk.minutes / self.talk(talk.kind).mean for talk in known)
        self._rests = _sums_from(self._ratios)
        pauses = list(gaps)
        mean = (sum(pauses) + LEAN * USUAL_GAP) / (len(pauses) + LEAN)
        self.gap = Spread(mean, sum((one - mean) ** 2 for one in (*pauses, 0.0)) / (len(pauses) + 1))
        self.low, self.median, self.high = conformal(errors)

    def talk(self, kind: Kind) -> Spread:
        """How long a talk of this kind takes."""
        if kind not in self._spreads:
            mean, relative = self._usual, 0.25
            for level in kind.levels:
                known = self._known.get(level, [])
                mean = (sum(known) + LEAN * mean) / (len(known) + LEAN)
                strays = sum((one / mean - 1) ** 2 for one in known)
                relative = (strays + LEAN * relative) / (len(known) + LEAN)
            self._spreads[kind] = Spread(mean, relative * mean * mean)
        return self._spreads[kind]

    def rest(self, kind: Kind, elapsed: float) -> Spread:
        """What is left of a talk that has lasted ``elapsed`` minutes: as long as past ones that lasted longer."""
        mean = self.talk(kind).mean
        first = bisect_right(self._ratios, elapsed / mean)
        longer = len(self._ratios) - first
        if longer < FEW:
            return Spread(mean / 3, mean * mean / 9)
        total, squares = self._rests[first]
        average = total / longer
        return Spread(max(0.0, average * mean - elapsed), (squares / longer - average * average) * mean * mean)


def _sums_from(ratios: Sequence[float]) -> list[tuple[float, float]]:
    """The sums of everything from each place on, and of the squares."""
    total = squares = 0.0
    sums = []
    for one in reversed(ratios):
        total, squares = total + one, squares + one * one
        sums.append((total, squares))
    return sums[::-1]


def conformal(errors: Iterable[float]) -> tuple[float, float, float]:
    """Between which errors four of five fall, a new one included, and the one in the middle."""
    known = sorted(errors)
    count = len(known)
    if count < KNOWN_ERRORS:
        return UNKNOWN_ERRORS
    low = max(1, floor((count + 1) * OUTSIDE))
    high = min(count, ceil((count + 1) * (1 - OUTSIDE)))
    return known[low - 1], known[count // 2], known[high - 1]


def estimate(queue: Queue, history: History) -> Estimate:
    """The sum of all that goes before."""
    parts = [Spread(queue.opens_in, 0.0), history.gap]
    if queue.running is not None:
        parts.append(history.rest(queue.running, queue.elapsed))
    for one in queue.ahead:
        talk = history.talk(one.kind)
        mean, variance = talk.mean + history.gap.mean, talk.variance + history.gap.variance
        parts.append(Spread(one.chance * mean, one.chance * (variance + (1 - one.chance) * mean * mean)))
    middle = sum(one.mean for one in parts)
    for begins_in, length in queue.breaks:
        middle += length if middle > begins_in else 0.0
    return Estimate(middle, sqrt(sum(one.variance for one in parts) + 1))


def likely(found: Estimate, history: History) -> float:
    """The one number that errs least, for comparison; nobody is told it."""
    return max(0.0, found.middle + history.median * found.spread)


def told(found: Estimate, history: History) -> Wait | None:
    """The range in steps of five minutes, its beginning rounded toward early; nothing where it is too wide to help."""
    least = max(0.0, found.middle + history.low * found.spread)
    most = max(least, found.middle + history.high * found.spread)
    shown = Wait(STEP * int(least // STEP), max(STEP, STEP * round(most / STEP)))
    return shown if shown.most - shown.least <= WIDE else None


def back_at(wait: Wait | None, now: datetime) -> datetime | None:
    """When to be back for somebody who goes away meanwhile, rounded toward early; nothing for a short wait."""
    if wait is None or wait.least < WORTH_GOING:
        return None
    at = now + timedelta(minutes=wait.least)
    return at.replace(second=0, microsecond=0) - timedelta(minutes=at.minute % STEP)
