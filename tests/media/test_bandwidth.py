"""Sound has right of way: pictures shrink, stop and come back by themselves. Played on a model of a line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Conflict
from server.media.bandwidth import (
    AGAIN,
    CEILING,
    FIRST_PAUSE,
    LEAST,
    LONGEST_PAUSE,
    LOWEST_CAP,
    PICTURE,
    Downlink,
    Event,
    Picture,
    next_bitrate,
    tightest,
)
from server.transitions import advance

VOICE = 65_000


@dataclass
class Model:
    """A line that drops what is too much, a sender that does as it is told, a browser that measures as browsers do."""

    capacity: Callable[[int], int]
    measures: bool = True
    random_loss: float = 0.0
    offered: int = CEILING
    down: Downlink = field(default_factory=Downlink)
    told: int = 300_000
    voice_lost: list[float] = field(default_factory=list)
    states: list[Picture] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)

    def play(self, seconds: int) -> "Model":
        for second in range(len(self.states), len(self.states) + seconds):
            picture = min(self.offered, self.down.share(1) or CEILING) if self.down.shown else 0
            over = max(0, VOICE + picture - self.capacity(second)) / (VOICE + picture)
            loss = 1 - (1 - over) * (1 - self.random_loss)
            if self.measures and picture:
                self._measure(second, picture, over)
            self.down.step(float(second), loss=loss, round_trip=0.05)
            self.voice_lost.append(over)
            self.states.append(self.down.picture)
            self.sent.append(picture)
        return self

    def _measure(self, second: int, picture: int, over: float) -> None:
        came = int(picture * (1 - over))
        self.told = int(0.85 * came) if over else max(self.told, min(int(1.08 * self.told), int(1.5 * came) + 10_000))
        self.down.take_estimate(self.told, float(second), sending=picture)


def test_the_states_of_a_picture_are_a_table() -> None:
    for state in Picture:
        for event in Event:
            if (state, event) in PICTURE:
                assert advance(PICTURE, state, event) in set(Picture) - {state}
            else:
                with pytest.raises(Conflict):
                    advance(PICTURE, state, event)


def test_on_150_kilobits_the_voice_stays_whole_and_pictures_are_tried_ever_less_often() -> None:
    model = Model(lambda _: 150_000).play(600)
    assert Picture.STOPPED in model.states
    assert sum(lost > 0 for lost in model.voice_lost[100:]) <= 0.12 * 500
    coming = [one is Picture.COMING for one in model.states]
    tries = [at for at in range(1, 600) if coming[at] and not coming[at - 1]]
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert pauses == sorted(pauses)
    assert pauses[-1] > LONGEST_PAUSE


def test_a_browser_that_measures_nothing_is_sent_the_least_and_its_voice_can_be_repaired() -> None:
    model = Model(lambda _: 150_000, measures=False).play(200)
    assert set(model.sent[60:]) == {LEAST}
    assert max(model.voice_lost[60:]) < 0.10


def test_on_300_kilobits_the_picture_shrinks_and_stays() -> None:
    model = Model(lambda _: 300_000).play(300)
    assert set(model.states) == {Picture.SHOWN}
    assert all(120_000 < one <= 300_000 for one in model.sent[10:])


def test_a_line_that_loses_at_random_keeps_its_picture() -> None:
    model = Model(lambda _: 4_000_000, random_loss=0.20).play(300)
    assert set(model.states) == {Picture.SHOWN}
    assert min(model.sent) >= LEAST


def test_pictures_come_back_when_the_line_does() -> None:
    model = Model(lambda second: 120_000 if 20 <= second < 60 else 2_000_000).play(200)
    assert model.states[10] is Picture.SHOWN
    assert Picture.STOPPED in model.states[20:60]
    assert set(model.states[140:]) == {Picture.SHOWN}
    assert model.sent[-1] > 1_000_000


def test_senders_are_made_to_shrink_before_a_picture_comes_again() -> None:
    model = Model(lambda second: 120_000 if second < 20 else 2_000_000).play(100)
    coming = model.states.index(Picture.COMING)
    back = model.states.index(Picture.SHOWN, coming)
    assert back - coming >= 2
    assert model.sent[back + 1] <= AGAIN * 1.1
    one = Downlink(picture=Picture.COMING)
    assert one.share(1) == AGAIN
    assert Downlink(picture=Picture.STOPPED).share(1) is None


def test_a_full_queue_stops_pictures_without_any_loss() -> None:
    down = Downlink(estimate=LEAST)
    for second in range(6):
        down.estimate = LEAST
        down.step(float(second), loss=0.05, round_trip=1.5)
    assert down.picture is Picture.STOPPED
    for second in range(6, 200):
        down.step(float(second), loss=0.0, round_trip=1.5)
    assert down.picture is Picture.STOPPED


def test_an_estimate_that_only_follows_what_is_sent_does_not_slow_the_start() -> None:
    down = Downlink()
    down.take_estimate(350_000, 1.0, sending=300_000)
    assert down.share(1) == down.estimate
    down.take_estimate(250_000, 2.0, sending=400_000)
    assert down.share(1) == 250_000
    assert down.share(2) == 125_000
    down.take_estimate(300_000, 3.0, sending=250_000)
    assert down.share(1) == 300_000


def test_a_sender_with_little_to_send_does_not_make_the_line_narrow() -> None:
    model = Model(lambda second: 100_000 if 10 <= second < 12 else 2_000_000, offered=50_000).play(120)
    assert set(model.states[30:]) == {Picture.SHOWN}


@pytest.mark.parametrize("earlier", [None, 150_000])
def test_a_moment_s_delay_stops_no_picture_of_which_little_is_sent(earlier: int | None) -> None:
    """A still scene makes 35 kbit/s, and an estimate follows what is sent; right after pictures came back, too."""
    model = Model(lambda _: earlier or 2_000_000).play(60)
    while not model.down.shown:
        model.play(1)
    began = len(model.states)
    for second in range(began, began + 60):
        told = 33_000 if second % 10 == 5 else 55_000
        model.down.take_estimate(told, float(second), sending=35_000)
        model.down.step(float(second), loss=0.0, round_trip=0.05)
        assert model.down.shown


def test_a_line_that_stays_too_narrow_for_the_little_that_is_sent_is_sent_none() -> None:
    down = Downlink()
    for second in range(1, 20):
        down.take_estimate(30_000, float(second), sending=50_000)
        down.step(float(second), loss=0.05, round_trip=0.05)
    assert not down.shown


def test_an_old_estimate_is_forgotten() -> None:
    down = Downlink()
    for now, told in ((9.0, 300_000), (10.0, 200_000)):
        down.take_estimate(told, now, sending=900_000)
    assert down.share(1) == 200_000
    down.step(16.0, loss=0.0, round_trip=None)
    assert down.share(1) == down.estimate


@given(
    st.lists(st.tuples(st.floats(0, 1), st.none() | st.floats(0, 10), st.none() | st.integers(0, 2**31)), max_size=400)
)
def test_whatever_is_reported_the_numbers_stay_in_their_bounds(
    told: list[tuple[float, float | None, int | None]],
) -> None:
    down, stopped_at = Downlink(), -1
    for second, (loss, trip, estimate) in enumerate(told):
        if estimate is not None:
            down.take_estimate(estimate, float(second), sending=300_000)
        before = down.picture
        begins = down.step(float(second), loss=loss, round_trip=trip)
        assert begins == (before is Picture.COMING and down.picture is Picture.SHOWN)
        assert LEAST <= down.estimate <= CEILING
        assert FIRST_PAUSE <= down.pause <= LONGEST_PAUSE
        assert (down.share(1) is None) == (down.picture is Picture.STOPPED)
        if down.picture is not before:
            if down.picture is Picture.COMING:
                assert second - stopped_at >= FIRST_PAUSE
            stopped_at = second if down.picture is Picture.STOPPED else stopped_at


@given(st.integers(0, 5_000_000), st.lists(st.none() | st.integers(0, 5_000_000), max_size=5))
def test_a_sender_is_told_the_tightest_way_down(own: int, shares: list[int | None]) -> None:
    known = [one for one in shares if one is not None]
    assert tightest(own, shares) == max(LOWEST_CAP, min([own, CEILING, *known]))


@given(st.integers(LEAST, CEILING), st.floats(0, 1))
def test_the_next_bitrate_falls_with_loss_and_rises_without(current: int, loss: float) -> None:
    after = next_bitrate(current, loss)
    assert LEAST <= after <= CEILING
    assert (after <= current) if loss >= 0.02 else (after >= min(current, CEILING))
