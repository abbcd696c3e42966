"""Coming weeks played through twice, as they stand and with a change, by the rules of the list.

Pure: everything follows from the facts and the seed. Each round draws its own history from the past receptions, so the
rounds differ as much as the past leaves open.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, exp
from random import Random

from server.planning.changed import WEEKS, Change, Side, sides
from server.planning.facts import CYCLE, Coming, Facts, Learned, Visit
from server.planning.summing import Result, Round, Tally, result_of
from server.scheduling.durations import History, Kind
from server.scheduling.simulation import Day, Guest, play
from server.scheduling.slots import Hours
from server.scheduling.waiting import Rules
from server.scheduling.words import Priority

ROUNDS = 10
WARM_UP = 4
NOTICE, HORIZON = 3, 28
PIECE = 20
"""Receptions played between two reports."""


@dataclass(frozen=True)
class Trial:
    """What is asked: ``days`` receptions are played at least, ``visitors`` come for each one of the past."""

    facts: Facts
    change: Change
    rules: Rules
    days: int
    seed: int
    visitors: float = 1.0


@dataclass
class Reception:
    """One reception of a played week, with who is booked where."""

    day: int
    coming: Coming
    hours: Hours
    free: list[int]
    booked: list[tuple[int, Visit]] = field(default_factory=list)


def played(trial: Trial) -> Iterator[float | Result]:
    """Play: now and then how far it is, from 0 to 1, and in the end what came of it."""
    facts = trial.facts.only(trial.change.touches)
    weeks = max(1, ceil(trial.days * WEEKS / (ROUNDS * max(1, len(facts.coming)))))
    rounds = []
    for number in range(ROUNDS):
        learned = Learned(facts.drawn(Random(f"{trial.seed}/{number}")))  # noqa: S311 - simulated days
        tallies = []
        for which, side in enumerate(sides(learned, trial.change, trial.visitors)):
            dice, tally = Random(f"{trial.seed}/{number}/days"), Tally()  # noqa: S311 - simulated days
            for count, share in enumerate(_weeks(side, learned, weeks, trial.rules, dice, tally), 1):
                if count % PIECE == 0:
                    yield (2 * number + which + share) / (2 * ROUNDS)
            tallies.append(tally)
        rounds.append(Round(*tallies))
    yield result_of(rounds)


def _weeks(side: Side, learned: Learned, weeks: int, rules: Rules, dice: Random, tally: Tally) -> Iterator[float]:
    """Book and play the weeks of one side into the tally; after each reception the share that is done."""
    first, end = WARM_UP * 7, (WARM_UP + weeks) * 7
    receptions = _receptions(side, end + HORIZON, dice)
    for day in range(end):
        for official in side.officials:
            for _ in range(_poisson(_requests(side, learned, official) / 7, dice)):
                lead = _book(receptions[official], learned.somebody(official, dice), day)
                if day >= first:
                    tally.asked(lead)
    due = [one for some in receptions.values() for one in some if first <= one.day < end]
    for index, one in enumerate(due, 1):
        _receive(one, side, learned, rules, dice, tally)
        yield index / len(due)


def _receptions(side: Side, end: int, dice: Random) -> dict[int, list[Reception]]:
    """Everybody's receptions until a day, in order, each with its places in the order in which they are taken."""
    found: dict[int, list[Reception]] = {official: [] for official in side.officials}
    for start in range(0, end, CYCLE):
        for one in side.coming:
            places = list(range(one.hours.count))
            dice.shuffle(places)
            found[one.official].append(Reception(start + one.at, one, one.hours, places))
    for some in found.values():
        some.sort(key=lambda one: one.day)
    return found


def _requests(side: Side, learned: Learned, official: int) -> float:
    """How many want to book with an official in a week."""
    return _share_of(learned.booked_a_week, side, official)


def _share_of(a_week: dict[int, float], side: Side, official: int) -> float:
    if official < 0:
        new = sum(one < 0 for one in side.officials)
        return side.demand * side.moved * sum(a_week.get(one, 0.0) for one in side.officials) / new
    return side.demand * (1 - side.moved) * a_week.get(official, 0.0)


def _book(receptions: list[Reception], visit: Visit, day: int) -> int | None:
    """Take a place of the soonest reception with a free one; how many days ahead, or none in the horizon."""
    first = bisect_left(receptions, day + NOTICE, key=lambda one: one.day)
    for one in receptions[first:]:
        if one.day > day + HORIZON:
            break
        if one.free:
            one.booked.append((one.free.pop(), visit))
            return one.day - day
    return None


def _receive(one: Reception, side: Side, learned: Learned, rules: Rules, dice: Random, tally: Tally) -> None:
    """Play one reception, each part of its day by itself: people who wait are received before a break."""
    official, hours = one.coming.official, one.hours
    mean = _share_of(learned.walk_ins_a_week, side, official) / side.receptions_a_week(official)
    whole = sum(closes - opens for opens, closes in hours.openings)
    for opens, closes in hours.openings:
        there, missing = list[Guest](), list[Guest]()
        for place, visit in one.booked:
            minute = hours.minute(place)
            if opens <= minute < closes:
                came = minute - opens + dice.choice(learned.early)
                guest = _guest(f"b{place}", visit, official, came, side, learned, dice, slot=minute - opens)
                (there if dice.random() < learned.shows else missing).append(guest)
        for number in range(_poisson(mean * (closes - opens) / whole, dice)):
            came = dice.choice(learned.arrivals) * (closes - opens)
            there.append(_guest(f"w{number}", learned.somebody(official, dice), official, came, side, learned, dice))
        gaps = tuple(dice.choice(learned.gaps) for _ in range(len(there) + 1))
        guests = tuple(sorted(there, key=lambda guest: (guest.came, guest.number)))
        day = Day(official, guests, tuple(missing), dice.choice(learned.delays), gaps)
        for outcome in play(day, rules=rules, history=NOTHING_PROMISED, slot_minutes=1):
            tally.waited(outcome.waited, booked=outcome.guest.slot is not None)
    tally.receptions += 1


NOTHING_PROMISED = History()


def _guest(
    number: str,
    like: Visit,
    official: int,
    came: float,
    side: Side,
    learned: Learned,
    dice: Random,
    *,
    slot: int | None = None,
) -> Guest:
    """Somebody like a visitor of the past, perhaps from a new point."""
    point = -1 - dice.randrange(side.new_points) if dice.random() < side.strangers else like.point
    kind = Kind(official, like.content, like.people)
    priority = Priority(like.priority) if like.priority else None
    return Guest(number, point, kind, came, learned.minutes(kind, dice), slot, priority)


def _poisson(mean: float, dice: Random) -> int:
    """How many come where ``mean`` come on average (Knuth)."""
    limit, count, product = exp(-mean), 0, dice.random()
    while product > limit:
        count, product = count + 1, product * dice.random()
    return count
