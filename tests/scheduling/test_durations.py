"""Honest waits: durations in, range out."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.scheduling.durations import (
    UNKNOWN_ERRORS,
    WIDE,
    Ahead,
    Estimate,
    History,
    Kind,
    Queue,
    Talk,
    Wait,
    back_at,
    conformal,
    estimate,
    likely,
    told,
)

FAST, SLOW = Kind(1, "housing"), Kind(2, "housing")
LENGTHS = st.floats(1, 120)
TEN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def talks(kind: Kind, *lengths: float) -> list[Talk]:
    return [Talk(kind, one) for one in lengths]


def test_without_a_past_a_talk_is_as_long_as_is_usual() -> None:
    assert History(usual=20).talk(FAST).mean == 20
    assert told(estimate(Queue(), History()), History()) == Wait(0, 5)


def test_thin_data_leans_on_the_wider_level_and_many_talks_speak_for_themselves() -> None:
    some = History([*talks(FAST, *[10.0] * 200), *talks(SLOW, 40.0)])
    assert some.talk(FAST).mean == pytest.approx(10, abs=0.1)
    assert 10 < some.talk(SLOW).mean < 25
    assert some.talk(Kind(3)).mean == pytest.approx(some.talk(Kind(4)).mean)
    many = History([*talks(FAST, *[10.0] * 200), *talks(SLOW, *[40.0] * 200)])
    assert many.talk(SLOW).mean == pytest.approx(40, abs=0.5)


def test_more_people_and_another_category_take_their_own_time() -> None:
    group, farming = Kind(1, "housing", 5), Kind(1, "farming")
    known = History([*talks(FAST, *[10.0] * 60), *talks(group, *[30.0] * 60), *talks(farming, *[20.0] * 60)])
    assert known.talk(FAST).mean < known.talk(farming).mean < known.talk(group).mean


@given(st.lists(LENGTHS, min_size=5, max_size=50), st.integers(0, 200))
def test_what_a_running_talk_has_used_is_not_waited_for_again(lengths: list[float], elapsed: int) -> None:
    known = History(talks(FAST, *lengths))
    rest = known.rest(FAST, elapsed)
    assert rest.mean >= 0
    assert rest.variance >= -1e-6
    assert known.rest(FAST, 0).mean == pytest.approx(sum(lengths) / len(lengths), rel=0.35, abs=5)


def test_of_equal_talks_as_much_is_left_as_is_missing() -> None:
    known = History(talks(FAST, *[30.0] * 400))
    assert [round(known.rest(FAST, used).mean) for used in (0, 10, 25)] == [30, 20, 5]


@given(st.lists(LENGTHS, max_size=40), st.integers(0, 10), st.floats(0, 100))
def test_each_one_more_ahead_takes_longer_and_a_chance_takes_its_share(
    lengths: list[float], ahead: int, opens_in: float
) -> None:
    known = History(talks(FAST, *lengths))
    fewer = estimate(Queue([Ahead(FAST)] * ahead, opens_in=opens_in), known)
    perhaps = estimate(Queue([*[Ahead(FAST)] * ahead, Ahead(FAST, 0.5)], opens_in=opens_in), known)
    more = estimate(Queue([Ahead(FAST)] * (ahead + 1), opens_in=opens_in), known)
    assert opens_in < fewer.middle < perhaps.middle < more.middle
    assert fewer.spread < more.spread


def test_who_is_not_called_before_a_break_waits_it_out() -> None:
    plain = estimate(Queue([Ahead(FAST)]), History()).middle
    assert estimate(Queue([Ahead(FAST)], breaks=[(plain + 1, 60)]), History()).middle == plain
    assert estimate(Queue([Ahead(FAST)], breaks=[(plain - 1, 60)]), History()).middle == plain + 60
    assert estimate(Queue([Ahead(FAST)], breaks=[(1, 60), (plain + 1, 10)]), History()).middle == plain + 70


def test_few_errors_say_nothing_many_set_the_ends() -> None:
    assert conformal([5.0] * 39) == UNKNOWN_ERRORS
    assert conformal(range(99)) == (11, 49, 87)


@given(st.integers(0, 2**32), st.sampled_from([40, 100, 399]))
def test_the_corrected_range_holds_about_four_of_five_whatever_the_errors_are(seed: int, count: int) -> None:
    dice = Random(seed)  # noqa: S311 - errors to try
    errors = [dice.lognormvariate(0.3, 0.8) - 1 for _ in range(count)]
    low, _, high = conformal(errors)
    inside = sum(low <= one <= high for one in errors) / count
    assert 0.75 <= inside <= 0.86


@given(st.floats(0, 300), st.floats(1, 60), st.lists(st.floats(-3, 3), max_size=60))
def test_a_range_is_whole_steps_and_hidden_when_too_wide(middle: float, spread: float, errors: list[float]) -> None:
    known = History(errors=errors)
    found = Estimate(middle, spread)
    wait = told(found, known)
    assert likely(found, known) >= 0
    if wait is not None:
        assert 0 <= wait.least <= wait.most <= wait.least + WIDE
        assert wait.least % 5 == wait.most % 5 == 0
        assert wait.most >= 5


def test_a_range_that_would_not_help_is_not_told() -> None:
    assert told(Estimate(60, 30), History()) is None
    assert told(Estimate(60, 10), History()) == Wait(45, 75)


@pytest.mark.parametrize(
    ("wait", "now", "at"),
    [
        (None, TEN, None),
        (Wait(15, 30), TEN, None),
        (Wait(40, 60), TEN, TEN + timedelta(minutes=40)),
        (Wait(40, 60), TEN + timedelta(minutes=4, seconds=59), TEN + timedelta(minutes=40)),
    ],
)
def test_when_to_be_back_is_rounded_toward_early(wait: Wait | None, now: datetime, at: datetime | None) -> None:
    assert back_at(wait, now) == at
