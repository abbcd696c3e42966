"""How honest and how fair the waits are, over 200 simulated reception days."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from statistics import fmean, pstdev

from server.scheduling.durations import likely, told
from server.scheduling.simulation import District, Outcome, Played, play_days
from server.scheduling.waiting import Rules

DAYS = 200
SEEDS = (1, 2, 3)
CROWD = 3
Figure = dict[str, object]


def wait_figures() -> Iterator[Figure]:
    """Coverage of the 80 % range, mean error beside the fixed-mean formula, spread between points before and after."""
    ordered = [list(play_days(DAYS, seed=seed, rules=Rules(), district=District())) for seed in SEEDS]
    plain = [list(play_days(DAYS, seed=seed, rules=Rules(share=timedelta(0)), district=District())) for seed in SEEDS]
    days = [day for run in ordered for day in run]
    told_ones = [(one, told(one.expected, day.history)) for day in days for one in day.outcomes]
    shown = [(one.truth, wait) for one, wait in told_ones if wait is not None]
    share = sum(wait.least <= truth <= wait.most for truth, wait in shown) / len(shown)
    yield {
        "name": "wait_coverage",
        "value": round(share, 3),
        "unit": "of 80 % ranges",
        "n": len(shown),
        "hidden": len(told_ones) - len(shown),
        "width": round(fmean(wait.most - wait.least for _, wait in shown), 1),
    }
    errors = [abs(one.truth - likely(one.expected, day.history)) for day in days for one in day.outcomes]
    fixed = [abs(one.truth - guess) for run in ordered for one, guess in fixed_mean(run)]
    yield {
        "name": "wait_error",
        "value": round(fmean(errors), 2),
        "unit": "min",
        "n": len(errors),
        "fixed_mean": round(fmean(fixed), 2),
    }
    after = [day.outcomes for day in days]
    before = [day.outcomes for run in plain for day in run]
    yield {
        "name": "wait_spread_points",
        "value": round(abs(crowd_gap(after)), 2),
        "unit": "min",
        "n": sum(1 for day in after if crowds(day)),
        "before": round(abs(crowd_gap(before)), 2),
        "all_days": round(day_spread(after), 2),
        "all_days_before": round(day_spread(before), 2),
    }


def fixed_mean(run: Sequence[Played]) -> Iterator[tuple[Outcome, float]]:
    """The usual formula: people ahead, and half of the talk under way, times the mean of all talks of the run."""
    mean = fmean(one.ended - one.admitted for day in run for one in day.outcomes)
    for day in run:
        for one in day.outcomes:
            yield one, max(0.0, -one.guest.came) + (one.ahead + one.talking / 2) * mean


def crowds(day: Iterable[Outcome]) -> set[int]:
    """The points from which several came without a time."""
    counted = Counter(one.guest.point for one in day if one.guest.slot is None)
    return {point for point, count in counted.items() if count >= CROWD}


def crowd_gap(days: Iterable[Sequence[Outcome]]) -> float:
    """By how much longer those of other points wait than those who came by many, on the days when some did."""
    many, others = list[float](), list[float]()
    for day in days:
        crowded = crowds(day)
        if crowded:
            many += [one.waited for one in day if one.guest.point in crowded]
            others += [one.waited for one in day if one.guest.point not in crowded]
    return fmean(others) - fmean(many)


def day_spread(days: Iterable[Sequence[Outcome]]) -> float:
    """The standard deviation between the mean waits of a day's points, on average over all days."""
    spreads = []
    for day in days:
        by_point = defaultdict[int, list[float]](list)
        for one in day:
            by_point[one.guest.point].append(one.waited)
        if len(by_point) > 1:
            spreads.append(pstdev([fmean(waits) for waits in by_point.values()]))
    return fmean(spreads)
