"""Where packets lie in the recording, what is a gap, what is speech."""

from pathlib import Path

import pytest

from server.media.journal_format import Kind
from server.media.rtp_packet import RtpPacket
from server.media.timeline import Arrived, Found, Speech, Timeline, look_at, seats
from tests.media.packets import Source, later, talk
from tests.media.test_recorder import recorded


def sound(number: int, arrival: float, *, ssrc: int = 1, start: int = 2**32 - 1_920) -> Arrived:
    packet = RtpPacket(False, number, (start + number * 960) & 0xFFFFFFFF, ssrc, b"x")
    return 0, Kind.AUDIO, arrival, None, packet


def placed(packets: list[Arrived]) -> list[float]:
    timeline = Timeline()
    told = [found for one in packets for found in timeline.push(one)] + list(timeline.drain())
    assert [arrived for _, arrived in told] == packets
    return [instant for instant, _ in told]


def test_late_packets_lie_where_the_least_delayed_one_says_also_over_the_wrap_of_the_timestamp() -> None:
    delays = [0.09, 0.03, 0.0, 0.12, 0.05, 0.01]
    packets = [sound(number, 1 + number * 0.02 + delay) for number, delay in enumerate(delays)]
    assert placed(packets) == pytest.approx([1 + number * 0.02 for number in range(6)])


def test_a_new_source_or_a_jump_lies_where_it_arrived() -> None:
    reload = [sound(0, 0.0), sound(1, 0.02), sound(700, 5.0, ssrc=2), sound(701, 5.02, ssrc=2)]
    assert placed(reload) == pytest.approx([0.0, 0.02, 5.0, 5.02])
    jump = [sound(0, 0.0), sound(1, 0.02), sound(100_000, 0.04), sound(100_001, 0.06)]
    assert placed(jump) == pytest.approx([0.0, 0.02, 0.04, 0.06])


def test_a_clock_that_runs_wrong_is_set_right_every_minute() -> None:
    packets = [sound(number, number * 0.02 * 1.0005) for number in range(0, 30_000, 5)]
    off = [abs(instant - one[2]) for instant, one in zip(placed(packets), packets, strict=True)]
    assert max(off) < 0.04


def test_speech_joins_words_and_leaves_out_clicks() -> None:
    speech = Speech()
    for hundredths in [*range(100, 200, 2), *range(240, 300, 2), 600, *range(800, 850, 2)]:
        speech.hear(hundredths / 100, 30)
        speech.hear(hundredths / 100 + 0.01, 90)
    speech.close()
    assert speech.spans == [(1.0, 3.0), (8.0, 8.5)]


def pictures(seconds: range) -> list[Arrived]:
    return [(0, Kind.VIDEO, float(at), None, RtpPacket(True, at, at * 90_000, 5, b"x")) for at in seconds]


def test_a_packet_is_held_for_a_minute_also_where_its_stream_ends() -> None:
    sounds = [sound(number, number * 0.02) for number in range(20_000)]
    timeline, given = Timeline(), 0
    for number, one in enumerate(sorted([*pictures(range(30)), *sounds], key=lambda one: one[2])):
        given += len(list(timeline.push(one)))
        assert number - given < 70 * 51
    assert given + len(list(timeline.drain())) == 20_030


def test_of_a_flood_a_bounded_number_is_held() -> None:
    timeline, waiting, most = Timeline(most=1_000), 0, 0
    for number in range(5_000):
        waiting += 1 - len(list(timeline.push(sound(number, number * 0.001))))
        most = max(most, waiting)
    assert most < 1_300
    assert [arrived[2] for _, arrived in timeline.drain()][-1] == 4.999


def test_a_seat_is_looked_at_before_the_walk(tmp_path: Path) -> None:
    camera, voice = talk(6.0, Source(kinds=("video",))), talk(1.0, Source(kinds=("audio",)))
    both = (*camera, *later(voice, 4.0))
    for key in (None, bytes(32)):
        root = tmp_path / str(key)
        folder = recorded(root, ("petitioner", both), ("official", voice), ("interpreter", camera), key=key)
        assert seats(folder) == ["interpreter", "official", "petitioner"]
        told = [look_at(folder, seat, key) for seat in seats(folder)]
        assert [one.has_audio for one in told] == [False, True, True]
        assert [round(one.latest) for one in told] == [6, 1, 6]


def test_gaps_are_found_as_packets_arrive() -> None:
    found = Found()
    for at in (0.0, 1.0, 4.5, 4.0, 5.0):
        found.notice(sound(0, at))
    assert found.gaps == [(1.0, 4.5)]
    assert found.last_arrival == 5.0
