"""ffmpeg and ffprobe play and seek every kind of file we make, and have nothing to say against it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.media.ports import SIDE_BY_SIDE
from server.media.side_by_side import make
from server.sealed_file import StoredFile
from server.sealing import recording_key
from tests.media.kinds import FILES, INSTANTS, SECONDS, File, write_kinds

KEY = recording_key("a recording key of at least thirty-two characters", "kinds")
ORDER = [one.seat for one in FILES]
NAMES = [*(f"{one.seat}.webm" for one in FILES), SIDE_BY_SIDE]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file as it plays; on the disk they are encrypted."""
    root = tmp_path_factory.mktemp("kinds")
    write_kinds(root, "kinds", KEY)
    list(make(root, "kinds", ORDER, KEY))
    for name in NAMES:
        with StoredFile(root / "kinds" / name, KEY) as stored:
            (root / name).write_bytes(stored.readall())
    return root


def said(*command: str | Path) -> bytes:
    """What a program says, having nothing to complain about."""
    told = subprocess.run(command, capture_output=True, check=True)
    assert told.stderr == b""
    return told.stdout


def light(path: Path, instant: float, cell: str = "iw:ih:0:0") -> int:
    """How light the first picture from an instant on is, on the whole or in a cell."""
    seek: Sequence[str | Path] = ("ffmpeg", "-v", "error", "-ss", str(instant), "-i", path, "-frames:v", "1")
    told = said(*seek, "-vf", f"crop={cell},scale=1:1:flags=area,format=yuv420p", "-f", "rawvideo", "-")
    return told[0]


@pytest.mark.parametrize("name", NAMES)
def test_it_plays_from_end_to_end_and_knows_its_length(opened: Path, name: str) -> None:
    said("ffmpeg", "-v", "error", "-i", opened / name, "-f", "null", "-")
    length = said("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", opened / name)
    assert abs(float(length) - SECONDS) < 0.1


@pytest.mark.parametrize("file", [one for one in FILES if one.has_picture], ids=lambda one: one.seat)
def test_every_instant_shows_its_picture(opened: Path, file: File) -> None:
    for instant in INSTANTS:
        assert abs(light(opened / f"{file.seat}.webm", instant) - file.next(instant)) < 8, instant


@pytest.mark.parametrize("name", NAMES)
def test_every_instant_has_its_sound(opened: Path, name: str) -> None:
    for instant in INSTANTS:
        cut = ("ffmpeg", "-v", "error", "-ss", str(instant), "-i", opened / name, "-t", "0.2", "-vn", "-f", "s16le")
        sound = memoryview(said(*cut, "-ar", "48000", "-ac", "1", "-")).cast("h")
        assert abs(len(sound) - 9_600) < 1_100
        away = name == "official.webm" and 2 <= instant < 4
        assert (max(sound[2_000:7_600]) > 300) is not away, instant


def test_every_instant_of_the_side_by_side_shows_all_of_them(opened: Path) -> None:
    for instant in INSTANTS:
        for number, file in enumerate(FILES):
            row, column = divmod(number, 3)
            cell = f"200:100:{480 * column + 140}:{360 * row + 130}"
            dark = not file.has_picture or (file.seat == "official" and 3 <= instant < 4)
            wanted = 24 if dark else file.seen(instant)
            assert abs(light(opened / SIDE_BY_SIDE, instant, cell) - wanted) < 8, (instant, file.seat)
