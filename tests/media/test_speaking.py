"""Who speaks is told by levels alone, and not by every cough or pause."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.media.speaking import HOLD, Voice

PACKET = 0.02


def hear(voice: Voice, levels: list[int], start: float = 0.0) -> list[bool]:
    told = []
    for index, level in enumerate(levels):
        now = start + index * PACKET
        voice.take(level, now)
        told.append(voice.speaks_at(now))
    return told


def test_speech_is_noticed_within_a_tenth_of_a_second_and_ends_a_second_after() -> None:
    told = hear(Voice(), [30] * 50 + [127] * 100)
    assert told.index(True) == 4
    assert told.count(True) * PACKET - 50 * PACKET + 4 * PACKET <= HOLD + PACKET
    assert told[-1] is False


def test_pauses_between_words_do_not_end_it() -> None:
    assert all(hear(Voice(), ([25] * 20 + [90] * 30) * 10)[4:-30])


def test_a_click_or_rustling_is_no_speech() -> None:
    assert not any(hear(Voice(), ([20] * 3 + [80] * 20) * 20))
    assert not any(hear(Voice(), [46] * 500))


def test_a_voice_that_grows_quiet_goes_on() -> None:
    assert hear(Voice(), [35] * 10 + [47] * 300)[-1]


def test_somebody_whose_packets_stop_falls_silent() -> None:
    voice = Voice()
    hear(voice, [20] * 20)
    assert voice.speaks_at(0.5)
    assert not voice.speaks_at(2.0)


@given(st.lists(st.integers(0, 127), max_size=500))
def test_it_changes_at_most_twice_in_the_time_it_is_held(levels: list[int]) -> None:
    told = hear(Voice(), levels)
    ends = [at for at in range(1, len(told)) if told[at - 1] and not told[at]]
    assert all((later - earlier) * PACKET > HOLD for earlier, later in pairwise(ends))
