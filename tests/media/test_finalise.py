"""Loss, jitter and nonsense in the journals: what can be shown is shown at its instant, and nothing raises."""

import asyncio
import random
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import Unavailable
from server.media.finalise import finalise, finalise_apart
from server.media.journal_format import (
    START,
    ChunkType,
    Kind,
    SegmentHeader,
    first_link,
    pack_chunk,
    pack_header,
    pack_record,
)
from server.media.opus import SILENCE
from server.media.recorder import Recorder
from server.sealed_file import StoredFile, is_sealed
from server.sealing import recording_key
from tests.media.packets import Medium, Sent, Source, decode, feed, later, talk
from tests.media.test_recorder import recorded

MARK = 2.0
THEIRS = Source(ssrc=9000, sequence=65_500, timestamp=2**32 - 90_000)


def marked(source: Source) -> tuple[Sent, ...]:
    """A seat that is still until the mark: coded silence and no picture, then both at once."""
    told = []
    for sent in talk(4.0, source):
        if sent.kind == "audio":
            told.append(replace(sent, rtp=sent.rtp[:12] + SILENCE) if sent.at < MARK else sent)
        elif sent.at >= MARK:
            told.append(sent)
    return tuple(told)


def delayed(packets: tuple[Sent, ...], most: float) -> tuple[Sent, ...]:
    """In the order of arrival: the first of all and those at the mark latest, others by chance, a tenth at once."""
    luck = random.Random(7)  # noqa: S311 - repeatable disorder, no secret
    first = [one.at % MARK < 0.05 for one in packets]
    delays = [most if worst else max(0.0, luck.uniform(-most / 9, most)) for worst in first]
    late = [replace(one, at=one.at + delay) for one, delay in zip(packets, delays, strict=True)]
    return tuple(sorted(late, key=lambda one: one.at))


def test_a_marked_instant_lies_at_the_same_second_in_both_files(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", marked(Source())), ("official", delayed(marked(THEIRS), 0.15)))
    for seat in ("petitioner", "official"):
        told = decode(folder / f"{seat}.webm")
        assert abs(told.pictures[0] - MARK) < 0.06
        assert abs(told.loud[0] - MARK) < 0.06


def test_after_a_loss_no_broken_picture_is_shown_and_the_sound_keeps_its_time(tmp_path: Path) -> None:
    sent = talk(6.0, Source())
    lost = tuple(one for one in sent if not (one.kind == "video" and 3.0 <= one.at < 3.1))
    lost = tuple(one for one in lost if not (one.kind == "audio" and 4.0 <= one.at < 4.5))
    told = decode(recorded(tmp_path, ("petitioner", lost)) / "petitioner.webm")
    assert [at for at in told.pictures if 3.05 <= at < 3.95] == []
    assert min(at for at in told.pictures if at > 3.05) < 4.1
    assert [at for at in told.loud if 4.1 <= at < 4.45] == []
    assert min(at for at in told.loud if at > 4.2) < 4.6
    assert abs(told.sound[-1] - 6.0) < 0.1


def test_a_tenth_of_all_packets_lost_leaves_sound_and_the_whole_length(tmp_path: Path) -> None:
    luck = random.Random(3)  # noqa: S311 - repeatable loss, no secret
    kept = tuple(one for one in talk(6.0, Source()) if luck.random() > 0.1)
    told = decode(recorded(tmp_path, ("petitioner", kept)) / "petitioner.webm")
    assert abs(told.duration - 6.0) < 0.06
    assert len(told.loud) > 0.75 * 300
    assert told.pictures


def test_the_camera_begins_long_after_the_sound(tmp_path: Path) -> None:
    sound, picture = Source(kinds=("audio",)), Source(kinds=("video",))
    packets = tuple(sorted((*talk(6.0, sound), *later(talk(3.0, picture), 3.0)), key=lambda one: one.at))
    told = decode(recorded(tmp_path, ("petitioner", packets)) / "petitioner.webm")
    assert abs(told.pictures[0] - 3.0) < 0.06
    assert len(told.pictures) == 45
    assert told.loud[0] < 0.1


HOSTILE = st.binary(max_size=300) | st.binary(max_size=60).map(lambda tail: b"\xb0\xff" + tail)
KINDS: list[Medium] = ["audio", "video"]


@settings(max_examples=25, deadline=None)
@given(data=st.lists(st.tuples(st.sampled_from(KINDS), HOSTILE, st.floats(0, 5), st.integers(-5, 300)), max_size=30))
def test_no_packet_breaks_a_recording(data: list[tuple[Medium, bytes, float, int]]) -> None:
    with TemporaryDirectory() as folder:
        recorder = Recorder(root=Path(folder), session="s", flush_seconds=0.01)
        recorder.start()
        for kind, rtp, at, level in data:
            feed(recorder, time.monotonic(), "petitioner", (Sent(at, kind, rtp, level),))
        recorder.close()
        for file in finalise(Path(folder), "s"):
            assert 0 <= file.duration <= 5.5
            decode(Path(folder) / "s" / file.name)


def test_headers_that_jump_at_random_break_nothing_and_hide_nothing(tmp_path: Path) -> None:
    luck = random.Random(11)  # noqa: S311 - repeatable nonsense, no secret
    recorder = Recorder(root=tmp_path, session="s")
    recorder.start()
    origin = time.monotonic()
    for sent in talk(6.0, Source()):
        feed(recorder, origin, "petitioner", (sent,))
        if luck.random() < 0.1:
            forged = bytes([0x80, 0x60, *luck.randbytes(10)]) + luck.randbytes(30)
            feed(recorder, origin, "intruder", (replace(sent, rtp=forged),))
    recorder.close()
    files = {file.seat: file for file in finalise(tmp_path, "s")}
    assert all(file.duration < 6.1 for file in files.values())
    assert len(decode(tmp_path / "s" / files["petitioner"].name).pictures) == 90


KEY = recording_key("a recording key of at least thirty-two characters", "s")


def test_sealed_files_play_and_seek_and_give_nothing_away(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(6.0, Source(size=(320, 240)))))
    plain = decode(folder / "petitioner.webm")
    shown = (folder / "petitioner.webm").read_bytes()
    finalise(tmp_path, "s", KEY)
    assert is_sealed(folder / "petitioner.webm")
    assert decode(folder / "petitioner.webm", KEY) == plain
    with StoredFile(folder / "petitioner.webm", KEY) as stored:
        assert stored.readall() == shown
        stored.seek(0)
        with av.open(stored, "r") as container:
            container.seek(4_000_000)
            at = next(float(one.pts * one.time_base) for one in container.decode(video=0) if one.pts and one.time_base)
    assert 1.9 <= at <= 4.1
    assert b"V_VP8" not in (folder / "petitioner.webm").read_bytes()
    assert [path.stat().st_mode & 0o077 for path in folder.iterdir()] == [0] * len(list(folder.iterdir()))


def test_processes_that_share_the_work_make_the_same_files(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(2.0, Source())), ("official", delayed(talk(2.0, THEIRS), 0.1)))
    alone = [(folder / name).read_bytes() for name in ("petitioner.webm", "official.webm", "manifest.json")]
    finalise(tmp_path, "s", processes=2)
    assert [(folder / name).read_bytes() for name in ("petitioner.webm", "official.webm", "manifest.json")] == alone


def test_sealed_files_made_in_a_process_of_their_own_and_locked_without_the_key(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())))
    asyncio.run(finalise_apart(tmp_path, "s", KEY))
    assert decode(folder / "petitioner.webm", KEY).pictures
    with pytest.raises(Unavailable, match="file_locked"):
        decode(folder / "petitioner.webm", recording_key("another key of at least thirty-two characters", "s"))


def test_a_camera_that_changes_size_is_announced_at_its_largest(tmp_path: Path) -> None:
    camera = Source(kinds=("video",))
    sizes = [(160, 120), (320, 240), (176, 144)]
    talks = [later(talk(2.0, replace(camera, ssrc=50 + at, size=size)), 2.0 * at) for at, size in enumerate(sizes)]
    folder = recorded(tmp_path, ("petitioner", tuple(one for part in talks for one in part)))
    with av.open(str(folder / "petitioner.webm")) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (320, 240)
    assert list(dict.fromkeys(decode(folder / "petitioner.webm").sizes)) == sizes


def test_a_clock_that_ran_backwards_makes_no_file_shorter_than_the_other(tmp_path: Path) -> None:
    header = pack_header(SegmentHeader(0, 0, 0))
    for seat, seconds in (("petitioner", (9, 3)), ("official", (2, 4))):
        data, link = header, first_link(header, f"{seat}-0001.journal")
        for number, at in enumerate(seconds, start=1):
            body = pack_record(Kind.AUDIO, at * 1_000_000, 30, talk(1.0, Source(kinds=("audio",)))[number].rtp)
            data += pack_chunk(ChunkType.RECORDS, number, (0, 0), body, link)
            link = data[-len(START) :]
        (tmp_path / "s").mkdir(exist_ok=True)
        (tmp_path / "s" / f"{seat}-0001.journal").write_bytes(data)
    assert [file.duration for file in finalise(tmp_path, "s")] == [9.0, 9.0]
    assert [round(decode(tmp_path / "s" / f"{seat}.webm").duration) for seat in ("petitioner", "official")] == [9, 9]
