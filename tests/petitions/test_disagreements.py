"""Where recording, minutes and promises disagree: found exactly, and nothing else."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.petitions.disagreements import (
    CLOCK_MS,
    CLOCK_SHARE,
    LEAST_MISSING,
    LONG_SPEECH,
    Heard,
    Stretch,
    Written,
    covered,
    disagreements,
    joined,
    length_of,
    length_off,
    not_recorded,
    promising,
    unkept,
    unwritten,
    within,
)

END = 40
SCALE = 10_000

stretches = st.lists(
    st.tuples(st.integers(0, END), st.integers(0, END)).map(lambda two: (min(two), max(two))), max_size=8
)
speakers = st.sampled_from(["petitioner", "official", "agent", "other"])
said = st.sampled_from(["我家漏水。", "我们会派人去看。", "三天内给您答复。", "好的。"])


def long(parts: list[Stretch]) -> list[Stretch]:
    return [(begins * SCALE, ends * SCALE) for begins, ends in parts]


@st.composite
def written(draw: st.DrawFn) -> list[Written]:
    """Some lines, a few of them without an instant."""
    instants = draw(st.lists(st.none() | st.integers(0, END * SCALE), max_size=8))
    return [
        Written(number, ms, draw(speakers), draw(said), draw(st.booleans())) for number, ms in enumerate(instants, 1)
    ]


@given(stretches)
def test_joined_stretches_hold_the_same_instants_and_stand_apart(parts: list[Stretch]) -> None:
    found = joined(parts)
    held = [instant for instant in range(END) if any(begins <= instant < ends for begins, ends in parts)]
    assert [instant for begins, ends in found for instant in range(begins, ends)] == held
    assert length_of(found) == len(held)
    assert all(one[1] < other[0] for one, other in pairwise(found))


@given(stretches, written())
def test_unwritten_speech_is_what_counting_second_by_second_finds(parts: list[Stretch], lines: list[Written]) -> None:
    """Ten seconds of speech at a time, walked over one after the other."""
    rounded = [replace(one, ms=one.ms // SCALE * SCALE) for one in lines if one.ms is not None]
    expected, count, first = [], 0, 0
    for step in range(END + 1):
        if any(one.ms == step * SCALE for one in rounded) or step == END:
            if count * SCALE >= LONG_SPEECH:
                expected.append((first * SCALE, count * SCALE // 1000))
            count = 0
        if any(begins <= step < ends for begins, ends in parts):
            first = first if count else step
            count += 1
    assert [(one.ms, one.seconds) for one in unwritten(long(parts), rounded)] == expected


@given(stretches, written(), st.integers(0, END * SCALE))
def test_one_more_line_never_leaves_more_unwritten(parts: list[Stretch], lines: list[Written], ms: int) -> None:
    before = sum(one.seconds for one in unwritten(long(parts), lines))
    assert sum(one.seconds for one in unwritten(long(parts), [*lines, Written(99, ms, "other", "好的。")])) <= before


@given(stretches, written())
def test_a_line_is_in_a_gap_exactly_where_nothing_was_recorded(parts: list[Stretch], lines: list[Written]) -> None:
    seats = {"petitioner": Heard(recorded=long(parts))}
    flagged = {one.line for one in not_recorded(seats, lines)}
    for one in lines:
        near = one.ms is not None and any(
            begins - LEAST_MISSING <= one.ms < ends + LEAST_MISSING for begins, ends in joined(long(parts))
        )
        own = one.speaker != "official"
        assert (one.line in flagged) == (one.ms is not None and not (near and own))


@given(written(), stretches)
def test_nothing_is_in_a_gap_of_a_whole_recording(lines: list[Written], speech: list[Stretch]) -> None:
    whole = Heard(recorded=[(0, END * SCALE + 1)], speech=long(speech))
    assert not_recorded({"petitioner": whole, "official": whole}, lines) == []
    assert not_recorded({}, lines) == []


@given(written())
def test_words_of_a_promise_need_a_follow_up_unless_the_villager_says_them(lines: list[Written]) -> None:
    flagged = {one.line for one in unkept(lines)}
    for one in lines:
        expected = one.speaker in {"official", "other"} and not one.promised and promising(one.text)
        assert (one.line in flagged) == expected
    assert unkept([replace(one, promised=True) for one in lines]) == []


@pytest.mark.parametrize(
    "text",
    [
        "我们会派人去看。",
        "我会跟住建局说。",
        "三天内给您答复。",
        "十五个工作日之内办结。",
        "这件事由王工负责。",
        "我答应您。",
        "月底前修好。",
        "12月14日前修好",
        "我们马上会安排。",
        "尽快处理。",
    ],
)
def test_promising(text: str) -> None:
    assert promising(text)


@pytest.mark.parametrize(
    "text", ["三年前修过一次。", "我们会议上说过。", "物业为什么没有修?", "您家几口人?", "您十天前来过。", ""]
)
def test_not_promising(text: str) -> None:
    assert not promising(text)


@given(stretches, st.integers(0, END * SCALE))
def test_the_length_is_off_beyond_five_seconds_and_a_hundredth(parts: list[Stretch], clock_ms: int) -> None:
    found = length_off({"official": Heard(recorded=long(parts))}, clock_ms)
    end = max((ends for _, ends in long(parts)), default=None)
    off = end is not None and abs(end - clock_ms) > max(CLOCK_MS, round(CLOCK_SHARE * clock_ms))
    assert bool(found) == off
    assert length_off({"official": Heard(recorded=long(parts))}, None) == []


@given(stretches, stretches, written(), st.integers(0, END * SCALE))
def test_places_come_in_the_order_of_the_recording(
    recorded: list[Stretch], speech: list[Stretch], lines: list[Written], clock_ms: int
) -> None:
    seats = {"petitioner": Heard(long(recorded), long(speech)), "official": Heard(long(speech), long(recorded))}
    found = disagreements(seats, lines, clock_ms=clock_ms)
    instants = [one.ms for one in found if one.ms is not None]
    assert instants == sorted(instants)
    assert found[: len(instants)] == [one for one in found if one.ms is not None]
    assert disagreements(seats, lines[::-1], clock_ms=clock_ms) == found


@given(stretches, st.integers(0, END), st.integers(0, END))
def test_what_lies_within_is_no_longer_than_the_place(parts: list[Stretch], one: int, other: int) -> None:
    begins, ends = min(one, other), max(one, other)
    held = within(joined(parts), begins, ends)
    assert length_of(held) <= ends - begins
    assert all(begins <= start < end <= ends for start, end in held)


def test_a_promise_covers_the_line_it_was_written_from() -> None:
    assert covered(["三天内修好房顶"], "我们三天内修好房顶")
    assert covered(["我们三天内修好房顶"], " 三天内修好房顶 ")
    assert not covered(["三天内修好房顶"], "我们会通知您")
    assert not covered(["", " "], "我们会通知您")
    assert not covered(["三天内修好房顶"], " ")
