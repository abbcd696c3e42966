"""A line's word does not flicker."""

from hypothesis import given
from hypothesis import strategies as st

from server.media.line import Line, judge
from server.media.ports import SeatState

GOOD, WEAK = SeatState.CONNECTED, SeatState.WEAK


def test_each_number_alone_makes_a_line_weak() -> None:
    assert judge(Line(), GOOD) is GOOD
    for line in (Line(loss=0.1), Line(jitter=0.1), Line(round_trip=0.7)):
        assert judge(line, GOOD) is WEAK
    assert judge(Line(loss=0.5, pictures=False), GOOD) is SeatState.VOICE_ONLY


def test_in_between_it_stays_what_it_was() -> None:
    for line in (Line(loss=0.06), Line(jitter=0.05), Line(round_trip=0.5)):
        assert judge(line, GOOD) is GOOD
        assert judge(line, WEAK) is WEAK


LINES = st.builds(Line, st.floats(0, 1), st.floats(0, 1), st.none() | st.floats(0, 5), st.booleans())


@given(LINES, st.sampled_from(SeatState))
def test_a_word_stays_the_same_while_the_numbers_do(line: Line, before: SeatState) -> None:
    once = judge(line, before)
    assert judge(line, once) is once
    assert once in {GOOD, WEAK, SeatState.VOICE_ONLY}
