"""Reception days played through by the rules of the list: who comes, who is called when, what was promised.

Pure: everything follows from the seed. ``District`` says how busy days are and how long talks take.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from server.scheduling.durations import SHOWS, Ahead, Estimate, History, Kind, Queue, Talk, estimate
from server.scheduling.waiting import Placed, Rules, Visitor, in_order
from server.scheduling.words import Priority

OPENING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
FOLLOWED_DAYS = 120
ERRORS_OF_DAYS = 60
LEARNED_EVERY = 5
CONTENTS = {"land": 1.3, "housing": 1.15, "labour": 1.0, "environment": 1.0, "farming": 0.9, "welfare": 0.75}


@dataclass(frozen=True)
class District:
    """How reception days are: lengths in minutes, chances from 0 to 1, walk-ins a day.

    ``car`` is the chance that three to five come together from one of the ``far`` points.
    """

    officials: int = 6
    points: int = 8
    far: int = 2
    slots: int = 9
    slot_minutes: int = 20
    booked: float = 0.65
    shows: float = 0.9
    walk_ins: float = 3.0
    car: float = 0.4
    favoured: float = 0.15
    talk_minutes: float = 14.0


@dataclass(frozen=True)
class Guest:
    """Somebody who comes on a day. Minutes count from the opening; ``slot`` is empty for a walk-in."""

    number: str
    point: int
    kind: Kind
    came: float
    length: float
    slot: int | None = None
    priority: Priority | None = None


@dataclass(frozen=True)
class Day:
    """One official's reception: who comes, who is booked and does not, when it really begins, pauses between talks."""

    official: int
    guests: tuple[Guest, ...]
    missing: tuple[Guest, ...]
    begins: float
    gaps: tuple[float, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a guest: minutes from the opening, and what was expected at check-in."""

    guest: Guest
    admitted: float
    ended: float
    counts_from: float
    expected: Estimate
    ahead: int
    talking: bool

    @property
    def truth(self) -> float:
        """How long it took from check-in."""
        return self.admitted - self.guest.came

    @property
    def waited(self) -> float:
        """How long it took from the instant that counts: who comes early waits of their own accord."""
        return max(0.0, self.admitted - max(self.counts_from, self.guest.came))

    @property
    def error(self) -> float:
        """How far the estimate strayed, in spreads."""
        return (self.truth - self.expected.middle) / self.expected.spread


@dataclass(frozen=True)
class Played:
    """A day that was played, in the order of the talks, and what was known when it began."""

    outcomes: tuple[Outcome, ...]
    history: History


def make_day(dice: Random, district: District) -> Day:
    """One day of an official of the district."""
    official = dice.randrange(district.officials)
    booked = [slot for slot in range(district.slots) if dice.random() < district.booked]
    guests = [_guest(dice, district, official, f"b{slot}", slot=slot) for slot in booked]
    there = [one for one in guests if dice.random() < district.shows]
    until = district.slots * district.slot_minutes * 0.8
    count = sum(dice.random() < district.walk_ins / 12 for _ in range(12))
    walk_ins = [_guest(dice, district, official, f"w{index}", came=dice.uniform(-15, until)) for index in range(count)]
    if dice.random() < district.car:
        point, arrives = dice.randrange(district.far), dice.uniform(-15, until / 2)
        walk_ins += [
            replace(_guest(dice, district, official, f"c{index}", came=arrives + index), point=point)
            for index in range(dice.randint(3, 5))
        ]
    gaps = tuple(dice.lognormvariate(0.4, 0.5) for _ in range(len(guests) + len(walk_ins)))
    missing = tuple(one for one in guests if one not in there)
    return Day(official, tuple(sorted((*there, *walk_ins), key=_arrival)), missing, dice.expovariate(1 / 3), gaps)


def _arrival(guest: Guest) -> tuple[float, str]:
    return guest.came, guest.number


def _guest(
    dice: Random, district: District, official: int, number: str, *, slot: int | None = None, came: float = 0.0
) -> Guest:
    content, people = dice.choice(list(CONTENTS)), dice.choices((1, 2, 4), (75, 12, 13))[0]
    pace = 0.7 + 0.6 * official / max(1, district.officials - 1)
    mean = district.talk_minutes * pace * CONTENTS[content] * (1, 1.25, 1.5, 1.6)[people - 1]
    return Guest(
        number=number,
        point=dice.randrange(district.points),
        kind=Kind(official, content, people),
        came=came if slot is None else slot * district.slot_minutes + dice.gauss(-14, 8),
        length=mean * dice.lognormvariate(-0.08, 0.4),
        slot=slot,
        priority=dice.choice(list(Priority)) if dice.random() < district.favoured else None,
    )


@dataclass
class _Table:
    """The list while a day is played."""

    day: Day
    rules: Rules
    history: History
    slot_minutes: int
    waiting: list[Guest] = field(default_factory=list)
    gone: list[Guest] = field(default_factory=list)
    running: Guest | None = None
    since: float = 0.0
    notes: dict[str, tuple[Estimate, int, bool]] = field(default_factory=dict)

    def order(self, now: float) -> list[Placed]:
        """Those who wait, the first one first."""
        everybody = [self.visitor(one) for one in self.waiting]
        everybody += [self.visitor(one, gone=True) for one in self.gone]
        return in_order(everybody, now=_instant(now), rules=self.rules)

    def visitor(self, guest: Guest, *, gone: bool = False) -> Visitor:
        """A guest as the rule sees one."""
        slot = None if guest.slot is None else _instant(guest.slot * self.slot_minutes)
        return Visitor(guest.number, _instant(guest.came), slot, guest.point, guest.priority, gone)

    def check_in(self, guest: Guest) -> None:
        """Somebody comes, and is told how long it may take."""
        self.waiting.append(guest)
        ordered = self.order(guest.came)
        place = next(index for index, one in enumerate(ordered) if one.visitor.number == guest.number)
        first = {one.visitor.number for one in ordered[:place]}
        ahead = [Ahead(one.kind) for one in self.waiting if one.number in first]
        ahead += [Ahead(one.kind, SHOWS) for one in self._expected(guest, ordered[place])]
        running = self.running.kind if self.running is not None else None
        queue = Queue(ahead, running, max(0.0, guest.came - self.since), max(0.0, -guest.came))
        self.notes[guest.number] = estimate(queue, self.history), len(first), running is not None

    def _expected(self, guest: Guest, placed: Placed) -> Iterator[Guest]:
        """Those who are booked, not here yet, and would go first."""
        here = {one.number for one in (*self.waiting, *self.gone)}
        for one in (*self.day.guests, *self.day.missing):
            at = self.visitor(one).slot_at
            first = at is not None and _instant(guest.came) - self.rules.grace <= at <= placed.turn
            if first and one.number not in here:
                yield one

    def admit(self, now: float) -> Guest:
        """The first one goes in."""
        number = self.order(now)[0].visitor.number
        guest = next(one for one in self.waiting if one.number == number)
        self.waiting.remove(guest)
        self.gone.append(guest)
        self.running, self.since = guest, now
        return guest


def _instant(minute: float) -> datetime:
    return OPENING + timedelta(minutes=minute)


def play(day: Day, *, rules: Rules, history: History, slot_minutes: int = 20) -> list[Outcome]:
    """One day, from the first arrival until nobody waits."""
    table = _Table(day, rules, history, slot_minutes)
    coming, free_at, played = list(day.guests), day.begins, []
    gaps = iter(day.gaps)
    while coming or table.waiting:
        if coming and (not table.waiting or coming[0].came <= free_at):
            guest = coming.pop(0)
            if guest.came >= free_at:
                table.running = None
            table.check_in(guest)
            free_at = max(free_at, guest.came)
            continue
        table.running = None
        admitted = free_at + next(gaps)
        while coming and coming[0].came <= admitted:
            table.check_in(coming.pop(0))
        guest = table.admit(admitted)
        free_at = admitted + guest.length
        played.append(_outcome(table, guest, admitted, free_at))
    return played


def _outcome(table: _Table, guest: Guest, admitted: float, ended: float) -> Outcome:
    expected, ahead, talking = table.notes[guest.number]
    grace = table.rules.grace.total_seconds() / 60
    slot = guest.came if guest.slot is None else guest.slot * table.slot_minutes
    counts = slot if guest.came <= slot + grace else guest.came
    return Outcome(guest, admitted, ended, counts, expected, ahead, talking)


def learned(days: Sequence[Sequence[Outcome]]) -> History:
    """What the latest days teach about the next one."""
    latest = days[-FOLLOWED_DAYS:]
    talks = [Talk(one.guest.kind, one.ended - one.admitted) for day in latest for one in day]
    gaps = [
        after.admitted - before.ended for day in latest for before, after in pairwise(day) if _waited(before, after)
    ]
    return History(talks, gaps, [one.error for day in latest[-ERRORS_OF_DAYS:] for one in day])


def _waited(before: Outcome, after: Outcome) -> bool:
    """Whether the next one was there already when a talk ended."""
    return after.guest.came <= before.ended


def play_days(count: int, *, seed: int, rules: Rules, district: District, before: int = 40) -> Iterator[Played]:
    """Days one after the other, each learning from all before; the first ``before`` only teach and are not given."""
    dice = Random(seed)  # noqa: S311 - simulated days
    history, past = History(), list[list[Outcome]]()
    for number in range(before + count):
        day = make_day(dice, district)
        past.append(play(day, rules=rules, history=history, slot_minutes=district.slot_minutes))
        if number >= before:
            yield Played(tuple(past[-1]), history)
        if number % LEARNED_EVERY == LEARNED_EVERY - 1:
            history = learned(past)
