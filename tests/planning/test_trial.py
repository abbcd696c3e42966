"""Trials: the same seed gives the same result, nobody is lost, and what is added helps where it must."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from server.planning.changed import Change, free_weekday, sides
from server.planning.facts import Coming, Facts, Learned, PastDay, Visit
from server.planning.summing import Group, Result, Verdict, difference, spread
from server.planning.trial import Trial, played
from server.scheduling.waiting import Rules

MORNING = ((540, 720),)
SPLIT = ((540, 660), (840, 900))
CROWDED, QUIET = 9, 1


def past_day(official: int, visitors: int, dice: Random, walk_ins: int = 2) -> PastDay:
    """A reception from nine to twelve with talks one after the other."""
    at, visits = 541.0, []
    for number in range(visitors + walk_ins):
        slot = 540 + 20 * number if number < visitors else None
        came = (slot or dice.randint(545, 640)) - 8.0
        begins = max(at, came) + 2
        at = begins + dice.randint(10, 26)
        visits.append(Visit(official, "land", 1, 1 + number % 3, "", slot, came, begins, at))
    visits.append(Visit(official, "land", 1, 1, "", 700, None, None, None))
    return PastDay(official, 540, 720, tuple(visits))


def district(visitors: int, *, officials: int = 3, spans: tuple[tuple[int, int], ...] = MORNING) -> Facts:
    """Every official receives on one day a week, and did for 12 weeks."""
    dice = Random(1)  # noqa: S311 - an example
    past = [past_day(1 + number % officials, visitors, dice) for number in range(12 * officials)]
    coming = [Coming(1 + n, 7 * week + n, spans, 20) for week in range(4) for n in range(officials)]
    return Facts(12.0, tuple(past), tuple(coming), 3)


def result(facts: Facts, change: Change, *, seed: int = 5, days: int = 200, visitors: float = 1.0) -> Result:
    steps = list(played(Trial(facts, change, Rules(), days, seed, visitors)))
    shares, found = [one for one in steps[:-1] if isinstance(one, float)], steps[-1]
    assert shares == sorted(shares)
    assert all(0 < one <= 1 for one in shares)
    assert len(shares) == len(steps) - 1
    assert isinstance(found, Result)
    return found


def line(found: Result, group: Group) -> tuple[float, float]:
    one = next(one for one in found.lines if one.group is group)
    return one.now.mean, one.then.mean


DAY = Change(official=1)


def test_the_same_seed_brings_the_same_and_another_another() -> None:
    facts = district(CROWDED)
    assert result(facts, DAY) == result(facts, DAY)
    assert result(facts, DAY) != result(facts, DAY, seed=6)


def test_a_trial_and_its_result_are_the_same_after_a_way_as_text() -> None:
    trial = Trial(district(2), DAY, Rules(), 200, 5)
    there, back = TypeAdapter(Trial), TypeAdapter(Result)
    assert there.validate_json(there.dump_json(trial)) == trial
    found = result(district(2), DAY)
    assert back.validate_json(back.dump_json(found)) == found


@pytest.mark.parametrize("change", [DAY, Change(officials=2)])
def test_more_receptions_for_as_many_people_shorten_waits_and_ways(change: Change) -> None:
    found = result(district(CROWDED), change, days=1000)
    assert found.receptions_then > found.receptions_now >= 1000
    now, then = line(found, Group.ALL)
    assert then < now
    assert found.waits.verdict is Verdict.SHORTER
    now, then = line(found, Group.LEADS)
    assert then < now
    assert found.refused_then < found.refused_now


def test_points_bring_people_and_longer_waits() -> None:
    found = result(district(5), Change(points=3), days=1000)
    assert found.receptions_then == found.receptions_now
    assert found.lines[0].then.count > 1.4 * found.lines[0].now.count
    assert found.waits.verdict is Verdict.LONGER


def test_where_nobody_waits_nothing_is_promised() -> None:
    calm = district(QUIET)
    calm = replace(calm, past=tuple(replace(day, visits=day.visits[:1]) for day in calm.past))
    assert result(calm, Change(officials=1), days=1000).waits.verdict is Verdict.SAME


def test_more_visitors_on_both_sides_wait_longer_on_both() -> None:
    facts = district(4)
    usual, twice = result(facts, DAY), result(facts, DAY, visitors=2.0)
    assert twice.lines[0].now.mean > usual.lines[0].now.mean
    assert twice.lines[0].then.mean > usual.lines[0].then.mean


def test_a_break_is_no_talk_time_and_everybody_booked_is_received_or_missing() -> None:
    found = result(district(3, spans=SPLIT), DAY)
    booked = next(one for one in found.lines if one.group is Group.BOOKED)
    assert booked.now.count > 0
    assert booked.now.mean < 120


facts_at_random = st.builds(
    Facts,
    weeks=st.floats(1, 26),
    past=st.lists(
        st.builds(
            PastDay,
            official=st.integers(1, 3),
            opens=st.just(540),
            closes=st.just(720),
            visits=st.lists(
                st.builds(
                    Visit,
                    official=st.integers(1, 3),
                    content=st.sampled_from(["", "land"]),
                    people=st.integers(1, 5),
                    point=st.integers(1, 3),
                    priority=st.sampled_from(["", "old"]),
                    slot=st.none() | st.integers(540, 700),
                    came=st.none() | st.floats(500, 720),
                    admitted=st.none() | st.floats(540, 800),
                    ended=st.none() | st.floats(540, 900),
                ),
                max_size=6,
            ).map(tuple),
        ),
        max_size=5,
    ).map(tuple),
    coming=st.lists(
        st.builds(
            Coming,
            official=st.integers(1, 3),
            at=st.integers(0, 27),
            spans=st.sampled_from([MORNING, SPLIT]),
            length=st.sampled_from([20, 45]),
            buffer=st.sampled_from([0, 10]),
            capacity=st.integers(1, 2),
        ),
        min_size=1,
        max_size=6,
    ).map(tuple),
    points=st.integers(0, 4),
)
changes = st.builds(Change, st.none() | st.integers(1, 3), st.integers(0, 2), st.integers(0, 3))


@given(facts_at_random, changes)
@settings(max_examples=20, deadline=None)
def test_whatever_is_known_a_trial_comes_to_an_end(facts: Facts, change: Change) -> None:
    found = result(facts, change, days=10)
    for one in found.lines:
        for side in (one.now, one.then):
            assert 0 <= side.low <= side.median <= side.high <= side.longest
    assert found.waits.low <= found.waits.high
    assert 0 <= found.refused_now <= 1


@given(facts_at_random, changes)
@settings(deadline=None)
def test_the_change_adds_what_it_says_and_takes_nothing_away(facts: Facts, change: Change) -> None:
    now, then = sides(Learned(facts), change, 1.0)
    assert now.coming == facts.coming
    added = list(then.coming)
    for one in facts.coming:
        added.remove(one)
    receives = any(one.official == change.official for one in facts.coming)
    assert len(added) == 4 * (change.officials + (change.official is not None and receives))
    assert all(0 <= one.at < 28 for one in then.coming)
    assert 0 <= then.moved < 1


@given(st.sets(st.integers(0, 4), min_size=1, max_size=4))
def test_one_more_day_lies_on_a_working_day_that_is_free(taken: set[int]) -> None:
    assert free_weekday(taken) in set(range(5)) - taken


KNOWN = [({0}, 3), ({1}, 4), ({4}, 0), ({0, 1, 2, 3}, 4)]


@pytest.mark.parametrize(("taken", "day"), KNOWN)
def test_it_lies_as_far_as_it_can_from_the_others(taken: set[int], day: int) -> None:
    assert free_weekday(taken) == day


@given(st.lists(st.floats(0, 500), min_size=1))
def test_a_spread_holds_four_in_five(values: list[float]) -> None:
    found = spread(values)
    inside = sum(found.low <= one <= found.high for one in values)
    assert inside >= 0.8 * len(values)
    assert found.longest == max(values)
    assert found.median in values


VERDICTS = [
    ([0.0] * 10, [0.4] * 10, Verdict.SAME),
    ([10.0] * 10, [4.0] * 10, Verdict.SHORTER),
    ([4.0] * 10, [10.0] * 10, Verdict.LONGER),
    ([4.0] * 10, [1.0, 1.0, 1.0, 4.0, 4.0, 4.0, 4.0, 8.0, 8.0, 8.0], Verdict.UNSURE),
]


@pytest.mark.parametrize(("now", "then", "verdict"), VERDICTS)
def test_what_is_said_is_what_eight_of_ten_rounds_say(now: list[float], then: list[float], verdict: Verdict) -> None:
    assert difference([([a], [b]) for a, b in zip(now, then, strict=True)]).verdict is verdict


def test_two_rounds_of_ten_may_say_otherwise() -> None:
    pairs = [([10.0], [13.0]), *[([10.0], [5.0])] * 8, ([10.0], [2.0])]
    assert difference(pairs).verdict is Verdict.SHORTER


def test_days_teach_who_comes_how_early_and_how_many() -> None:
    learned = Learned(district(4))
    assert learned.booked_a_week == pytest.approx({1: 5.0, 2: 5.0, 3: 5.0})
    assert learned.walk_ins_a_week == pytest.approx({1: 2.0, 2: 2.0, 3: 2.0})
    assert set(learned.early) == {-8.0}
    assert 0.75 < learned.shows < 0.85
    assert all(-0.1 <= one <= 1 for one in learned.arrivals)
    assert 2 in learned.gaps
