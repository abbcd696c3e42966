"""What a district's own receptions teach a trial: who comes, how long talks take, what the coming weeks hold.

Minutes count from local midnight. Everything can be written as JSON and read again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from random import Random

from server.scheduling.durations import LEAN, SHOWS, USUAL_GAP, History, Kind, Talk
from server.scheduling.slots import Hours

CYCLE = 28
"""Days after which the coming receptions begin anew."""
LONGEST_TALK, LONGEST_GAP, LONGEST_DELAY = 240.0, 20.0, 60.0
USUALLY_EARLY = -10.0


@dataclass(frozen=True)
class Visit:
    """Somebody who was booked (``slot``) or came without a booking; who did not come has no ``came``."""

    official: int
    content: str
    people: int
    point: int
    priority: str
    slot: int | None
    came: float | None
    admitted: float | None
    ended: float | None

    @property
    def kind(self) -> Kind:
        """What the length of the talk depends on."""
        return Kind(self.official, self.content, self.people)


@dataclass(frozen=True)
class PastDay:
    """One reception that was held."""

    official: int
    opens: int
    closes: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class Coming:
    """One reception of the coming four weeks, ``at`` so many days from their beginning."""

    official: int
    at: int
    spans: tuple[tuple[int, int], ...]
    length: int
    buffer: int = 0
    capacity: int = 1

    @property
    def hours(self) -> Hours:
        """Its opening."""
        return Hours(self.spans, self.length, self.buffer, self.capacity)


@dataclass(frozen=True)
class Facts:
    """The past receptions of ``weeks`` weeks, the coming ones, and at how many points people can talk by video."""

    weeks: float
    past: tuple[PastDay, ...]
    coming: tuple[Coming, ...]
    points: int

    @property
    def talks(self) -> int:
        """How many talks are known."""
        return sum(one.ended is not None for day in self.past for one in day.visits)

    def only(self, official: int | None) -> "Facts":
        """The coming receptions of one official, or of all; the past teaches whole."""
        return replace(self, coming=tuple(one for one in self.coming if official in {None, one.official}))

    def drawn(self, dice: Random) -> "Facts":
        """The same number of past receptions, drawn with repetition: another history that could have been."""
        return replace(self, past=tuple(dice.choices(self.past, k=len(self.past))) if self.past else ())


class Learned:
    """What the facts say in numbers; where they say little, what is usual."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        visits = [one for day in facts.past for one in day.visits]
        gaps = [gap for day in facts.past for gap in _gaps(day)]
        talks = [Talk(one.kind, minutes) for one in visits if (minutes := _length(one)) is not None]
        self.history = History(talks, gaps)
        self.ratios = [one.minutes / self.history.talk(one.kind).mean for one in talks] or [1.0]
        self.gaps = gaps or [USUAL_GAP]
        self.delays = [late for day in facts.past if (late := _delay(day)) is not None] or [0.0]
        booked = [one for one in visits if one.slot is not None]
        came = [one for one in booked if one.came is not None]
        self.shows = (len(came) + LEAN * SHOWS) / (len(booked) + LEAN)
        self.early = [one.came - one.slot for one in came if one.came is not None and one.slot is not None]
        self.early = self.early or [USUALLY_EARLY]
        self.arrivals = list(_arrivals(facts.past)) or [0.1, 0.3, 0.5, 0.7]
        self.booked_a_week = _a_week(booked, facts.weeks)
        self.walk_ins_a_week = _a_week((one for one in visits if one.slot is None), facts.weeks)
        self._of: dict[int, list[Visit]] = defaultdict(list)
        for one in visits:
            self._of[one.official].append(one)
        self._everybody = visits or [Visit(0, "", 1, 0, "", None, None, None, None)]

    def somebody(self, official: int, dice: Random) -> Visit:
        """A visitor like those of this official; of all officials where this one is new."""
        return dice.choice(self._of.get(official) or self._everybody)

    def minutes(self, kind: Kind, dice: Random) -> float:
        """How long a talk of this kind takes this time."""
        return self.history.talk(kind).mean * dice.choice(self.ratios)

    @cached_property
    def points(self) -> int:
        """From how many points people come now; never none."""
        return max(1, self.facts.points)


def _length(visit: Visit) -> float | None:
    if visit.admitted is None or visit.ended is None:
        return None
    minutes = visit.ended - visit.admitted
    return minutes if 0 < minutes <= LONGEST_TALK else None


def _in_turn(day: PastDay) -> list[tuple[float, float, float]]:
    """Arrival, beginning and end of the talks, in their order."""
    known = [
        (one.admitted, one.came, one.ended)
        for one in day.visits
        if one.admitted is not None and one.came is not None and one.ended is not None
    ]
    return [(came, admitted, ended) for admitted, came, ended in sorted(known)]


def _gaps(day: PastDay) -> list[float]:
    """The pauses after a talk while the next one already waited."""
    found = [
        admitted - ended for (_, _, ended), (came, admitted, _) in pairwise(_in_turn(day)) if came <= ended <= admitted
    ]
    return [one for one in found if one <= LONGEST_GAP]


def _delay(day: PastDay) -> float | None:
    """How much later than it could the first talk began."""
    first = next(iter(_in_turn(day)), None)
    if first is None:
        return None
    return min(LONGEST_DELAY, max(0.0, first[1] - max(day.opens, first[0])))


def _arrivals(days: Iterable[PastDay]) -> Iterable[float]:
    """When in the opening, from 0 to 1, people without a booking come."""
    for day in days:
        for one in day.visits:
            if one.slot is None and one.came is not None:
                yield min(1.0, max(-0.1, (one.came - day.opens) / (day.closes - day.opens)))


def _a_week(visits: Iterable[Visit], weeks: float) -> dict[int, float]:
    counted: dict[int, float] = defaultdict(float)
    for one in visits:
        counted[one.official] += 1 / weeks
    return dict(counted)
