"""The file for handing out, opened again and decoded: who is where, when, and what is heard."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import av
import pytest

from server.errors import Unavailable
from server.media.mosaic import DARK, fitted, grid_for
from server.media.opus import SILENCE
from server.media.ports import SIDE_BY_SIDE
from server.media.side_by_side import make
from server.sealed_file import StoredFile, is_sealed
from server.sealing import recording_key
from tests.media.packets import PACKETS_PER_SECOND, Sent, Source, decode, later, talk
from tests.media.test_finalise import MARK, THEIRS, delayed, marked
from tests.media.test_recorder import recorded

ROOT = Path(__file__).resolve().parents[2]
GREEN, RED, BLUE = (150, 60, 60), (90, 90, 220), (60, 220, 100)
ORDER = ("petitioner", "official")
KEY = recording_key("a recording key of at least thirty-two characters", "s")
SECONDS = 6.0
Colour = tuple[int, int, int]


def mixed(*parts: tuple[Sent, ...]) -> tuple[Sent, ...]:
    """Several parts as one seat sends them."""
    return tuple(sorted((one for part in parts for one in part), key=lambda one: one.at))


def quiet(packets: tuple[Sent, ...], *, but: tuple[float, float]) -> tuple[Sent, ...]:
    """Silent apart from a stretch."""
    loud = [one.kind == "video" or but[0] <= one.at < but[1] for one in packets]
    told = zip(packets, loud, strict=True)
    return tuple(one if heard else replace(one, rtp=one.rtp[:12] + SILENCE) for one, heard in told)


def first_changes_its_camera() -> tuple[Sent, ...]:
    """Upright half the time, then wide; speaks in the second second."""
    sound = talk(SECONDS, Source(kinds=("audio",)))
    upright = talk(3.0, Source(kinds=("video",), size=(240, 320), colours=(GREEN,)))
    wide = talk(3.0, Source(ssrc=3000, kinds=("video",), size=(320, 180), colours=(BLUE,)))
    return mixed(quiet(sound, but=(1.0, 2.0)), upright, later(wide, 3.0))


def second_is_away_for_a_while() -> tuple[Sent, ...]:
    """No packet from two to four seconds; speaks in the last second."""
    source = Source(ssrc=9000, key_every=5, size=(320, 240), colours=(RED,))
    packets = [one for one in talk(SECONDS, source) if not 2.0 <= one.at < 4.0]
    return quiet(tuple(packets), but=(5.0, 6.0))


@dataclass(frozen=True)
class Seen:
    """A made file: its pictures by number, the instants at which it is loud, its length."""

    pictures: Sequence[av.VideoFrame]
    loud: Sequence[float]
    duration: float

    def at(self, seconds: float, place: tuple[float, float]) -> Colour:
        """The colour at an instant, at a place in shares of width and height."""
        frame = self.pictures[round(seconds * 25)]
        x, y = int(place[0] * frame.width), int(place[1] * frame.height)
        luma, *chroma = frame.planes
        told = [bytes(luma)[y * luma.line_size + x]]
        told += [bytes(plane)[y // 2 * plane.line_size + x // 2] for plane in chroma]
        return told[0], told[1], told[2]


def made(folder: Path, key: bytes | None = None) -> Seen:
    """Make the file of a session and decode it."""
    list(make(folder.parent, folder.name, ORDER, key))
    with StoredFile(folder / SIDE_BY_SIDE, key) as stored, av.open(stored, "r") as container:
        pictures = list(container.decode(video=0))
    heard = decode(folder / SIDE_BY_SIDE, key)
    return Seen(pictures, heard.loud, heard.duration)


def near(seen: Colour, wanted: Colour) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(seen, wanted, strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a session, encrypted."""
    root = tmp_path_factory.mktemp("side")
    seats = (("official", second_is_away_for_a_while()), ("petitioner", first_changes_its_camera()))
    return recorded(root, *seats, key=KEY)


@pytest.fixture(scope="module")
def seen(folder: Path) -> Seen:
    """What was made of it."""
    return made(folder, KEY)


LEFT, RIGHT = (0.25, 0.5), (0.75, 0.5)


def test_everybody_stands_in_the_own_cell_at_the_right_time(seen: Seen) -> None:
    assert near(seen.at(1.0, LEFT), GREEN)
    assert near(seen.at(1.0, RIGHT), RED)
    assert near(seen.at(5.5, LEFT), BLUE)
    assert near(seen.at(5.5, RIGHT), RED)


def test_who_is_away_leaves_a_dark_cell(seen: Seen) -> None:
    assert near(seen.at(2.9, RIGHT), RED)
    assert near(seen.at(3.2, RIGHT), DARK)
    assert near(seen.at(3.8, RIGHT), DARK)
    assert near(seen.at(4.5, RIGHT), RED)


def test_a_picture_keeps_its_shape_when_the_camera_changes(seen: Seen) -> None:
    beside, above = (0.02, 0.5), (0.25, 0.05)
    assert near(seen.at(1.0, beside), DARK)
    assert near(seen.at(1.0, above), GREEN)
    assert near(seen.at(5.0, beside), BLUE)
    assert near(seen.at(5.0, above), DARK)


def test_both_are_heard_when_they_spoke_and_nothing_in_between(seen: Seen) -> None:
    for begin, end in ((1.0, 2.0), (5.0, 6.0)):
        assert len([at for at in seen.loud if begin <= at < end]) > 40
    assert [at for at in seen.loud if at < 0.95 or 2.05 < at < 4.95] == []


def test_it_is_as_long_as_the_talk(seen: Seen) -> None:
    assert abs(seen.duration - SECONDS) < 0.1
    assert abs(len(seen.pictures) - 25 * SECONDS) <= 2


def test_picture_and_sound_are_one_instant_for_both(tmp_path: Path) -> None:
    seats = (
        ("petitioner", marked(Source(colours=(GREEN,)))),
        ("official", delayed(marked(replace(THEIRS, colours=(RED,))), 0.15)),
    )
    told = made(recorded(tmp_path, *seats))
    first = [
        next(number / 25 for number, _ in enumerate(told.pictures) if near(told.at(number / 25, place), colour))
        for place, colour in ((LEFT, GREEN), (RIGHT, RED))
    ]
    assert all(abs(at - MARK) < 0.06 for at in (*first, told.loud[0]))


def test_it_is_encrypted_like_the_rest_and_for_this_user_only(folder: Path, seen: Seen) -> None:
    path = folder / SIDE_BY_SIDE
    assert is_sealed(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert seen.pictures
    with pytest.raises(Unavailable, match="file_locked"):
        list(make(folder.parent, "s", ORDER, recording_key("another key of at least thirty-two characters", "s")))


def test_a_plain_one_is_what_phones_and_old_players_know(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())))
    list(make(tmp_path, "s", ORDER))
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,profile,pix_fmt,channels"]
    told = subprocess.run([*command, "-of", "csv=p=0", folder / SIDE_BY_SIDE], capture_output=True, text=True)
    assert (told.stdout.split(), told.stderr) == (["h264,High,yuv420p", "aac,LC,1"], "")
    assert [one.name for one in folder.iterdir() if one.suffix == ".part"] == []


def test_seats_without_a_camera_or_without_a_microphone(tmp_path: Path) -> None:
    seats = [
        ("petitioner", talk(1.0, Source(kinds=("audio",)))),
        ("official", talk(1.0, Source(ssrc=3000, kinds=("video",), colours=(RED,)))),
        *((f"guest-{number}", talk(1.0, Source(ssrc=5000 + 10 * number, colours=(BLUE,)))) for number in range(4)),
    ]
    told = made(recorded(tmp_path, *seats))
    middles = [((column + 0.5) / 3, (row + 0.5) / 2) for row in range(2) for column in range(3)]
    colours = [told.at(0.6, place) for place in middles]
    assert all(near(one, wanted) for one, wanted in zip(colours, (DARK, RED, *[BLUE] * 4), strict=True))
    assert len(told.loud) > PACKETS_PER_SECOND / 2


@pytest.mark.parametrize(("count", "size"), [(1, (640, 480)), (2, (1280, 480)), (3, (960, 720)), (6, (1440, 720))])
def test_grids(count: int, size: tuple[int, int]) -> None:
    assert grid_for(count).size == size


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (360, 640), (2, 2000), (17, 13)])
def test_a_picture_fits_its_cell(size: tuple[int, int]) -> None:
    width, height = fitted(size, (640, 480))
    assert 2 <= width <= 640
    assert 2 <= height <= 480
    assert (width % 2, height % 2) == (0, 0)
    assert 640 in (width, height) or height == 480


def test_before_the_files_are_there_and_when_one_is_damaged_nothing_is_left(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(2.0, Source())), key=KEY)
    (folder / "manifest.json").rename(folder / "aside")
    with pytest.raises(Unavailable, match="not_finalised"):
        list(make(tmp_path, "s", ORDER, KEY))
    (folder / "aside").rename(folder / "manifest.json")
    path = folder / "petitioner.webm"
    changed = bytearray(path.read_bytes())
    changed[-200] ^= 1
    path.write_bytes(changed)
    with pytest.raises(Unavailable, match="file_damaged"):
        list(make(tmp_path, "s", ORDER, KEY))
    assert [one.name for one in folder.iterdir() if SIDE_BY_SIDE in one.name] == []


def begun(folder: Path) -> subprocess.Popen[str]:
    """The process that makes it, having told of its first piece."""
    command = [sys.executable, "-m", "server.media.side_by_side", str(folder.parent), "s", *ORDER]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write((KEY or b"").hex() + "\n")
    child.stdin.flush()
    assert 0 < float(child.stdout.readline()) < 1
    return child


def test_its_process_gives_way_and_ends_with_who_asked_for_it(folder: Path, seen: Seen) -> None:
    whole = (folder / SIDE_BY_SIDE).read_bytes()
    child = begun(folder)
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 19
    assert "idle" in subprocess.run(["ionice", "-p", str(child.pid)], capture_output=True, text=True).stdout
    assert (folder / f"{SIDE_BY_SIDE}.part").exists()
    child.communicate()
    assert child.returncode == 1
    assert not (folder / f"{SIDE_BY_SIDE}.part").exists()
    assert (folder / SIDE_BY_SIDE).read_bytes() == whole


def test_a_killed_one_leaves_what_was_there_and_the_next_makes_it_anew(folder: Path, seen: Seen) -> None:
    whole = (folder / SIDE_BY_SIDE).read_bytes()
    child = begun(folder)
    child.kill()
    child.communicate()
    assert (folder / SIDE_BY_SIDE).read_bytes() == whole
    assert (folder / f"{SIDE_BY_SIDE}.part").exists()
    assert len(list(make(folder.parent, "s", ORDER, KEY))) == SECONDS - 1
    assert (folder / SIDE_BY_SIDE).read_bytes() != whole
    assert not (folder / f"{SIDE_BY_SIDE}.part").exists()
