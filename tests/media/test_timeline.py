"""Where packets lie in the recording, what is a gap, what is speech."""

from dataclasses import replace
from pathlib import Path

import pytest

from server.media.journal_format import Kind
from server.media.rtp_packet import RtpPacket
from server.media.timeline import Arrived, Found, Speech, Timeline, look_at, read_seat, seats
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


def test_a_seat_is_scanned_once_for_everything(tmp_path: Path) -> None:
    larger = Source(ssrc=7, size=(320, 240))
    packets = (*talk(2.0, Source()), *later(talk(2.0, replace(larger, kinds=("video",))), 4.0))
    folder = recorded(tmp_path, ("petitioner", packets), ("official", talk(1.0, Source(kinds=("audio",)))))
    assert seats(folder) == ["official", "petitioner"]
    scan = scan_seat(folder, "petitioner")
    assert scan.size == (320, 240)
    assert scan.has_audio
    assert [(round(start), round(end)) for start, end in scan.gaps] == [(2, 4)]
    assert scan_seat(folder, "official").size is None
