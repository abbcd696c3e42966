"""A recording is trusted only while everything speaks for it."""

from dataclasses import replace

import pytest

from server.media.ports import Alarm
from server.media.proof import LEAST_FREE_BYTES, Evidence, judge

WELL = Evidence(growth_age=1.2, audio_age=0.02, sound_age=10.0, length=58.8, clock=60.0, free_bytes=10**12)


def test_a_growing_recording_with_sound_is_trusted() -> None:
    assert judge(WELL) is None


def test_muted_microphones_are_no_alarm_for_a_while() -> None:
    assert judge(replace(WELL, sound_age=59.0)) is None


@pytest.mark.parametrize(
    ("change", "alarm"),
    [
        ({"growth_age": 4.5}, Alarm.NOT_GROWING),
        ({"audio_age": 4.5}, Alarm.SILENT),
        ({"sound_age": 61.0}, Alarm.SILENT),
        ({"length": 55.0}, Alarm.LENGTH_OFF),
        ({"length": 65.0}, Alarm.LENGTH_OFF),
        ({"dropped": 1}, Alarm.DISK),
        ({"disk_error": "No space left on device"}, Alarm.DISK),
        ({"free_bytes": LEAST_FREE_BYTES - 1}, Alarm.DISK),
        ({"growth_age": 9.0, "audio_age": 9.0, "length": 51.0, "disk_error": "gone"}, Alarm.DISK),
        ({"growth_age": 9.0, "audio_age": 9.0, "length": 51.0}, Alarm.NOT_GROWING),
    ],
)
def test_the_gravest_fault_is_told(change: dict[str, float], alarm: Alarm) -> None:
    assert judge(replace(WELL, **change)) is alarm  # type: ignore[arg-type]  # fields of several types by name


def test_every_fault_is_told_within_five_seconds() -> None:
    second_later = 1.0
    assert judge(replace(WELL, growth_age=5.0 - second_later + 0.1)) is Alarm.NOT_GROWING
    assert judge(replace(WELL, audio_age=5.0 - second_later + 0.1)) is Alarm.SILENT
