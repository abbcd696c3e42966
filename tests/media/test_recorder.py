"""What was sent is what the files show: recorded, finalised, opened again and decoded."""

import json
import time
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.errors import Invalid
from server.media.finalise import finalise
from server.media.manifest import read_files
from server.media.ports import Alarm
from server.media.recorder import Recorder
from server.media.recording_index import read_index
from server.media.recovery import recover, unfinished
from tests.media.killed import recording_until_killed
from tests.media.packets import Sent, Source, decode, feed, later, talk

SECONDS = 6.0
OURS, THEIRS = Source(), Source(ssrc=9000, sequence=65_500, timestamp=2**32 - 90_000)


def recorded(root: Path, *seats: tuple[str, tuple[Sent, ...]], key: bytes | None = None) -> Path:
    """Record these packets and finalise; the session's folder."""
    recorder = Recorder(root=root, session="s", key=key)
    recorder.start()
    origin = time.monotonic()
    everything = sorted(((sent.at, seat, sent) for seat, packets in seats for sent in packets), key=lambda one: one[:2])
    for _, seat, sent in everything:
        feed(recorder, origin, seat, (sent,))
    recorder.close()
    finalise(root, "s", key)
    return root / "s"


def test_both_seats_are_whole_seekable_and_as_long_as_the_talk(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(SECONDS, OURS)), ("official", talk(SECONDS, THEIRS)))
    for seat in ("petitioner", "official"):
        told = decode(folder / f"{seat}.webm")
        assert abs(told.duration - SECONDS) < 0.01 * SECONDS
        assert len(told.pictures) == SECONDS * 15
        assert abs(told.sound[-1] - SECONDS) < 0.1
        assert len(told.loud) > 0.8 * SECONDS * 50
        with av.open(str(folder / f"{seat}.webm")) as container:
            container.seek(4 * 1_000_000)
            at = next(float(one.pts * one.time_base) for one in container.decode(video=0) if one.pts and one.time_base)
        assert 1.9 <= at <= 4.1


def test_the_codecs_are_those_that_were_sent(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(SECONDS, OURS)))
    with av.open(str(folder / "petitioner.webm")) as container:
        names = {stream.codec_context.name.removeprefix("lib") for stream in container.streams}
    assert names <= {"vp8", "opus", "vpx"}
    assert len(names) == 2


def test_one_instant_is_one_instant_in_every_file(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(SECONDS, OURS)), ("official", later(talk(3.0, THEIRS), 2.5)))
    late = decode(folder / "official.webm")
    assert abs(late.pictures[0] - 2.5) < 0.1
    assert abs(min(late.loud) - 2.5) < 0.1
    assert abs(late.duration - SECONDS) < 0.1


def test_a_camera_that_is_off_for_a_while_leaves_the_sound(tmp_path: Path) -> None:
    packets = tuple(one for one in talk(SECONDS, OURS) if one.kind == "audio" or not 2 <= one.at < 4)
    told = decode(recorded(tmp_path, ("petitioner", packets)) / "petitioner.webm")
    assert len([at for at in told.loud if 2 <= at < 4]) > 80
    assert len(told.pictures) > 3 * 15


def test_without_a_camera_there_is_a_file_with_sound(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(3.0, replace(OURS, kinds=("audio",)))))
    file = read_files(tmp_path, "s")[0]
    assert (file.has_video, file.has_audio) == (False, True)
    assert decode(folder / "petitioner.webm").loud


def test_packets_that_come_twice_or_in_disorder_do_no_harm(tmp_path: Path) -> None:
    sent = list(talk(SECONDS, OURS))
    for index in range(10, len(sent) - 4, 7):
        sent[index], sent[index + 2] = sent[index + 2], sent[index]
    twice = tuple(one for each in sent for one in ((each, each) if each.kind == "audio" else (each,)))
    told = decode(recorded(tmp_path, ("petitioner", twice)) / "petitioner.webm")
    assert len(told.pictures) > 0.9 * SECONDS * 15
    assert abs(told.duration - SECONDS) < 0.2


def test_a_reload_of_the_browser_goes_on_in_the_same_file(tmp_path: Path) -> None:
    again = replace(OURS, ssrc=777, sequence=30_000, timestamp=123_456_789)
    packets = (*talk(3.0, OURS), *later(talk(2.0, again), 4.0))
    told = decode(recorded(tmp_path, ("petitioner", packets)) / "petitioner.webm")
    assert abs(told.duration - 6.0) < 0.2
    assert [at for at in told.pictures if 4.0 <= at < 6.1]
    assert abs(min(at for at in told.loud if at > 3.3) - 4.0) < 0.15
    file = read_files(tmp_path, "s")[0]
    assert any(start < 3.5 < end for start, end in file.gaps)


def test_the_speech_of_a_seat_is_known(tmp_path: Path) -> None:
    quiet = replace(OURS, level=127)
    packets = (*talk(2.0, OURS), *later(talk(2.0, replace(quiet, sequence=5_000, timestamp=900_000)), 2.0))
    recorded(tmp_path, ("petitioner", packets))
    speech = read_files(tmp_path, "s")[0].speech
    assert speech
    assert speech[0][0] < 0.6
    assert speech[-1][1] < 3.2


def test_a_pause_keeps_the_time_and_no_packet(tmp_path: Path) -> None:
    recorder = Recorder(root=tmp_path, session="s")
    recorder.start()
    origin = time.monotonic()
    packets = talk(SECONDS, OURS)
    feed(recorder, origin, "petitioner", tuple(one for one in packets if one.at < 2))
    assert recorder.pause().recording is False
    feed(recorder, origin, "petitioner", tuple(one for one in packets if 2 <= one.at < 4))
    assert recorder.start().recording is True
    feed(recorder, origin, "petitioner", tuple(one for one in packets if one.at >= 4))
    recorder.close()
    finalise(tmp_path, "s")
    told = decode(tmp_path / "s" / "petitioner.webm")
    assert [at for at in told.loud if 2.2 <= at < 3.9] == []
    assert [at for at in told.loud if at > 4.2]
    assert {"paused", "resumed", "closed"} <= {one.event for one in read_index(tmp_path / "s")}


def test_a_second_process_goes_on_where_the_first_was_killed(tmp_path: Path) -> None:
    first = Recorder(root=tmp_path, session="s")
    first.start()
    feed(first, time.monotonic(), "petitioner", talk(2.0, OURS))
    time.sleep(1.3)
    second = Recorder(root=tmp_path, session="s")
    second.start()
    feed(second, time.monotonic(), "petitioner", talk(2.0, replace(OURS, ssrc=5)))
    second.close()
    finalise(tmp_path, "s")
    told = decode(tmp_path / "s" / "petitioner.webm")
    assert told.duration > 3.2
    assert min(told.pictures) < 0.1
    first.close()


def test_kill_minus_nine_loses_at_most_one_second(tmp_path: Path) -> None:
    with recording_until_killed(tmp_path) as killed:
        time.sleep(3.0)
    assert unfinished(tmp_path) == ["s"]
    assert recover(tmp_path) == ["s"]
    assert unfinished(tmp_path) == []
    told = decode(tmp_path / "s" / "petitioner.webm")
    assert killed.fed > 2.0
    assert told.pictures[-1] > killed.fed - 1.0
    assert told.loud[-1] > killed.fed - 1.0


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("journal")
    return next(recorded(root, ("petitioner", talk(3.0, OURS))).glob("petitioner-*.journal"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 10**6), flip=st.integers(0, 10**6))
def test_a_journal_cut_or_damaged_anywhere_gives_what_is_whole(
    tmp_path_factory: pytest.TempPathFactory, journal: Path, cut: int, flip: int
) -> None:
    root = tmp_path_factory.mktemp("cut")
    (root / "s").mkdir()
    whole = journal.read_bytes()
    data = bytearray(whole[: cut % len(whole)])
    if data:
        data[flip % len(data)] ^= 0xFF
    (root / "s" / "petitioner-0001.journal").write_bytes(data)
    files = finalise(root, "s")
    assert len(files) <= 1
    for file in files:
        assert decode(root / "s" / file.name).duration <= 3.2
    assert json.loads((root / "s" / "manifest.json").read_text())["version"] == 1


def test_a_disk_that_takes_nothing_is_an_alarm_and_no_exception(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("a file where the folder should be")
    recorder = Recorder(root=tmp_path, session="s", flush_seconds=0.05)
    recorder.start()
    feed(recorder, time.monotonic(), "petitioner", talk(0.5, OURS))
    end = time.monotonic() + 5
    while recorder.state().alarm is None and time.monotonic() < end:
        time.sleep(0.02)
    assert recorder.state().alarm is Alarm.DISK
    recorder.close()


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 65, "张"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="bad_name"):
        Recorder(root=tmp_path, session=name)


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, OURS)))
    assert {oct(path.stat().st_mode & 0o077) for path in folder.iterdir()} == {"0o0"}
