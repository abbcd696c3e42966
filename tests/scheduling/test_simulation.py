"""Simulated days: the same seed gives the same days, nobody is lost, and what they teach makes ranges hold."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from server.scheduling.durations import History, told
from server.scheduling.simulation import District, learned, make_day, play, play_days
from server.scheduling.waiting import Rules
from tests.benchmarks.waits import crowd_gap, fixed_mean

BUSY = District(walk_ins=6, car=1)


@given(st.integers(0, 2**32))
@settings(max_examples=25)
def test_everybody_who_comes_is_admitted_once_one_after_the_other(seed: int) -> None:
    day = make_day(Random(seed), BUSY)  # noqa: S311 - a day to play
    played = play(day, rules=Rules(), history=History())
    assert sorted(one.guest.number for one in played) == sorted(one.number for one in day.guests)
    now = day.begins
    for one in played:
        assert one.admitted >= max(now, one.guest.came)
        now = one.ended
        assert one.ended - one.admitted == one.guest.length or abs(one.ended - one.admitted - one.guest.length) < 1e-9


def test_the_same_seed_plays_the_same_days() -> None:
    once, again = (
        [day.outcomes for day in play_days(3, seed=5, rules=Rules(), district=BUSY, before=1)] for _ in range(2)
    )
    assert once == again
    assert len(once) == 3


def test_nobody_is_promised_the_impossible_before_the_opening() -> None:
    day = make_day(Random(3), BUSY)  # noqa: S311 - a day to play
    for one in play(day, rules=Rules(), history=History()):
        assert one.expected.middle >= -one.guest.came


def test_ranges_hold_about_four_times_in_five_and_err_less_than_the_fixed_mean() -> None:
    run = list(play_days(60, seed=11, rules=Rules(), district=District()))
    pairs = [(one, told(one.expected, day.history)) for day in run for one in day.outcomes]
    shown = [(one.truth, wait) for one, wait in pairs if wait is not None]
    inside = sum(wait.least <= truth <= wait.most for truth, wait in shown) / len(shown)
    assert 0.7 <= inside <= 0.9
    errors = [abs(one.error * one.expected.spread) for day in run for one in day.outcomes]
    fixed = [abs(one.truth - guess) for one, guess in fixed_mean(run)]
    assert sum(errors) < sum(fixed)


def test_a_car_from_one_point_costs_the_others_less_where_points_share() -> None:
    gaps = [
        crowd_gap([day.outcomes for day in play_days(60, seed=2, rules=rules, district=District(car=1), before=0)])
        for rules in (Rules(share=timedelta(0)), Rules())
    ]
    assert gaps[1] < gaps[0]


def test_days_teach_the_length_of_talks() -> None:
    days = [list(day.outcomes) for day in play_days(30, seed=4, rules=Rules(), district=District(), before=0)]
    lengths = [one.guest.length for day in days for one in day]
    some = days[0][0].guest.kind
    assert learned(days).talk(some).mean < 2 * sum(lengths) / len(lengths)
    assert learned(days).gap.mean < 4
