"""A finished file is what players expect: known sizes, a length, and cues that lead to clusters."""

import json
import subprocess
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest

from server.media.finalise import finalise
from server.media.webm import AUDIO_TRACK, VIDEO_TRACK, WebmWriter
from tests.media.packets import Medium, Source, talk
from tests.media.test_recorder import recorded

SEGMENT, INFO, TRACKS, CLUSTER, CUES = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1C53BB6B
TRACK, BLOCK = 0xAE, 0xA3
SEEK_HEAD, SEEK, SEEK_ID, SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
CUE, CUE_TIME, CUE_PLACES, CUE_POSITION, CLUSTER_TIME = 0xBB, 0xB3, 0xB7, 0xF1, 0xE7


def number(data: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """An EBML number at ``at`` and where it ends; a name keeps its length marker."""
    width = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + width], "big")
    return (value if marked else value & ((1 << 7 * width) - 1)), at + width


def parts(data: bytes, start: int, end: int) -> list[tuple[int, int, bytes]]:
    """Name, place and body of each element between two places; they must fill it exactly."""
    found, at = [], start
    while at < end:
        name, body_at = number(data, at, marked=True)
        size, body_at = number(data, body_at, marked=False)
        found.append((name, at, data[body_at : body_at + size]))
        at = body_at + size
    assert at == end
    return found


def inside(body: bytes, *names: int) -> list[bytes]:
    """The bodies found by following the names."""
    if not names:
        return [body]
    return [deep for name, _, one in parts(body, 0, len(body)) if name == names[0] for deep in inside(one, *names[1:])]


def whole(value: bytes) -> int:
    return int.from_bytes(value, "big")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("webm")
    return recorded(root, ("petitioner", talk(6.0, Source()))) / "petitioner.webm"


def test_the_file_says_where_everything_is(file: Path) -> None:
    data = file.read_bytes()
    segment = next(body for name, _, body in parts(data, 0, len(data)) if name == SEGMENT)
    assert data.endswith(segment)
    places = {place: name for name, place, _ in parts(segment, 0, len(segment))}
    seeks = {
        whole(inside(seek, SEEK_ID)[0]): whole(inside(seek, SEEK_POSITION)[0])
        for seek in inside(segment, SEEK_HEAD, SEEK)
    }
    assert seeks.keys() == {INFO, TRACKS, CUES}
    assert all(places[place] == name for name, place in seeks.items())


def test_every_cue_leads_to_the_cluster_of_its_instant(file: Path) -> None:
    data = file.read_bytes()
    segment = next(body for name, _, body in parts(data, 0, len(data)) if name == SEGMENT)
    clusters = {
        place: whole(inside(body, CLUSTER_TIME)[0])
        for name, place, body in parts(segment, 0, len(segment))
        if name == CLUSTER
    }
    cues = [
        (whole(inside(cue, CUE_TIME)[0]), whole(inside(cue, CUE_PLACES, CUE_POSITION)[0]))
        for cue in inside(segment, CUES, CUE)
    ]
    assert len(cues) >= 6
    assert all(clusters[place] <= instant <= clusters[place] + 2_000 for instant, place in cues)
    assert list(clusters.values()) == sorted(clusters.values())


def test_another_reader_agrees_and_finds_nothing_wrong(file: Path) -> None:
    command = [
        "ffprobe",
        "-v",
        "warning",
        "-of",
        "json",
        "-show_entries",
        "format=duration:stream=codec_name",
        str(file),
    ]
    probe = subprocess.run(command, capture_output=True, check=True)
    told = json.loads(probe.stdout)
    assert probe.stderr == b""
    assert sorted(stream["codec_name"] for stream in told["streams"]) == ["opus", "vp8"]
    assert abs(float(told["format"]["duration"]) - 6.0) < 0.06
    strict = subprocess.run(
        ["ffmpeg", "-v", "warning", "-i", str(file), "-f", "null", "-"], capture_output=True, check=True
    )
    assert strict.stderr == b""


@pytest.mark.parametrize(("medium", "codec"), [("audio", "opus"), ("video", "vp8")])
def test_a_file_of_one_medium_says_so_and_nothing_is_wrong_with_it(tmp_path: Path, medium: Medium, codec: str) -> None:
    one = recorded(tmp_path, ("petitioner", talk(2.0, Source(kinds=(medium,))))) / "petitioner.webm"
    data = one.read_bytes()
    segment = next(body for name, _, body in parts(data, 0, len(data)) if name == SEGMENT)
    assert len(inside(segment, TRACKS, TRACK)) == 1
    command = ["ffprobe", "-v", "warning", "-of", "csv=p=0", "-show_entries", "stream=codec_name", str(one)]
    probe = subprocess.run(command, capture_output=True, check=True, text=True)
    assert (probe.stdout.strip(), probe.stderr) == (codec, "")


def test_sound_and_pictures_take_turns_also_where_the_sound_is_silence(tmp_path: Path) -> None:
    sent = tuple(one for one in talk(20.0, Source()) if one.kind == "video" or not 3 <= one.at < 17)
    data = (recorded(tmp_path, ("petitioner", sent)) / "petitioner.webm").read_bytes()
    segment = next(body for name, _, body in parts(data, 0, len(data)) if name == SEGMENT)
    instants = [
        whole(inside(cluster, CLUSTER_TIME)[0]) + int.from_bytes(block[1:3], "big", signed=True)
        for cluster in inside(segment, CLUSTER)
        for block in inside(cluster, BLOCK)
    ]
    assert len(instants) > 20 * (15 + 49)
    assert all(later > earlier - 20 for earlier, later in pairwise(instants))


def test_making_the_files_again_gives_the_same_bytes(file: Path) -> None:
    before = file.read_bytes()
    finalise(file.parent.parent, "s")
    assert file.read_bytes() == before


def test_a_long_silent_file_holds_no_more_than_a_cluster() -> None:
    stream = BytesIO()
    writer = WebmWriter(stream)
    for at in range(0, 100_000, 500):
        writer.write(at, AUDIO_TRACK, True, bytes(3))
        writer.write(at, VIDEO_TRACK, False, bytes(3))
    before = len(stream.getvalue())
    writer.finish(100.0, size=(2, 2), sound=True)
    assert len(inside(stream.getvalue(), SEGMENT, CLUSTER)) == 50
    assert before > 190 * 2 * 3
