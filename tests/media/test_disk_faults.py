"""A disk that is full, slow, read-only or somebody else's: an alarm in five seconds, whole journals, no other harm."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from server.media.finalise import finalise
from server.media.ports import Alarm
from server.media.recorder import Recorder
from server.media.recording_index import read_index
from server.media.verify_recording import verify
from tests.e2e.house import ROOT
from tests.fakes import SlowDisk
from tests.media.packets import Source, decode, feed, talk

ALARM_SECONDS = 5.0
SMALL = Source(size=(64, 48))
KEY = b"k" * 32


def until(true: Callable[[], bool], seconds: float = ALARM_SECONDS) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def begun(root: Path, session: str = "s", disk: SlowDisk | None = None, key: bytes | None = None) -> Recorder:
    """A recorder that is on."""
    way = {} if disk is None else {"append": disk}
    recorder = Recorder(root=root, session=session, flush_seconds=0.05, key=key, **way)
    recorder.start()
    return recorder


def speak(recorder: Recorder, seconds: float = 1.0, ssrc: int = 1000, after: float = 0.0) -> None:
    """So much of a talk, at once; returns whatever the disk does."""
    feed(recorder, time.monotonic() + after, "petitioner", talk(seconds, replace(SMALL, ssrc=ssrc)))


def words(folder: Path) -> set[str]:
    """What the proof says of a recording's journals."""
    return {one.word for one in verify(folder) if one.name}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounting = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "none", str(place)], check=False)
    if mounting.returncode != 0:
        pytest.skip("mounting needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """A file that takes all the room there is."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096) == 4096:
            pass
    return filler


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "encrypted"])
def test_a_full_disk(small_disk: Path, tmp_path: Path, key: bytes | None) -> None:
    other = begun(tmp_path, "other")
    recorder = begun(small_disk, key=key)
    speak(recorder)
    assert until(lambda: recorder.state().bytes > 0)
    filler = fill(small_disk)
    speak(recorder, 3.0, ssrc=2000)
    assert until(lambda: recorder.state().alarm is Alarm.DISK)
    speak(other)
    assert until(lambda: other.state().bytes > 0)
    filler.unlink()
    assert words(small_disk / "s") <= {"whole", "cut"}
    recorder.start()
    speak(recorder, ssrc=3000)
    recorder.close()
    other.close()
    assert words(small_disk / "s") <= {"whole", "cut"}
    assert words(tmp_path / "other") == {"whole"}
    assert [file.seat for file in finalise(small_disk, "s", key)] == ["petitioner"]
    assert len(decode(small_disk / "s" / "petitioner.webm", key).pictures) >= 25
    assert "reopened" in {entry.event for entry in read_index(small_disk / "s")}


def test_a_disk_that_is_full_when_files_are_made_leaves_the_journals_and_no_half_file(small_disk: Path) -> None:
    recorder = begun(small_disk)
    speak(recorder)
    recorder.close()
    journals = {path.name: path.read_bytes() for path in (small_disk / "s").glob("*.journal")}
    filler = fill(small_disk)
    with pytest.raises(OSError, match="No space"):
        finalise(small_disk, "s")
    assert {path.name: path.read_bytes() for path in (small_disk / "s").glob("*.journal")} == journals
    assert list((small_disk / "s").glob("*.webm")) == []
    filler.unlink()
    assert finalise(small_disk, "s")
    assert list((small_disk / "s").glob("*.part")) == []


def test_a_read_only_disk(small_disk: Path) -> None:
    recorder = begun(small_disk)
    speak(recorder)
    recorder.close()
    before = {path: path.read_bytes() for path in (small_disk / "s").iterdir()}
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for session in ("s", "new"):
        recorder = begun(small_disk, session)
        speak(recorder)
        assert until(lambda recorder=recorder: recorder.state().alarm is Alarm.DISK)  # type: ignore[misc]
        recorder.close()
    assert {path: path.read_bytes() for path in (small_disk / "s").iterdir()} == before


STRANGER = """
import os, sys; from pathlib import Path
from tests.media.test_disk_faults import begun, speak, until
from tests.media.packets import talk; talk(1.0)
os.setgid(65534); os.setuid(65534)
recorder = begun(Path(sys.argv[1])); speak(recorder)
until(lambda: recorder.state().alarm is not None); print(recorder.state().alarm); recorder.close()
"""


def test_a_folder_of_another_owner(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("to become another user needs root")
    recorder = begun(tmp_path)
    speak(recorder)
    recorder.close()
    before = {path: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp/pytest-of-root"):  # noqa: S108 - to let it in
            folder.chmod(0o711)
    child = subprocess.run([sys.executable, "-c", STRANGER, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert (child.stdout, child.stderr) == ("disk\n", "")
    assert {path: path.read_bytes() for path in (tmp_path / "s").iterdir()} == before


def test_a_slow_disk_is_an_alarm_and_nothing_is_lost_when_it_comes_back(tmp_path: Path) -> None:
    disk = SlowDisk()
    recorder = begun(tmp_path, disk=disk)
    speak(recorder)
    assert until(lambda: recorder.state().bytes > 0)
    disk.hang()
    speak(recorder, ssrc=2000, after=1.0)
    assert until(lambda: recorder.state().alarm is not None)
    disk.recover()
    recorder.close()
    assert words(tmp_path / "s") == {"whole"}
    finalise(tmp_path, "s")
    assert len(decode(tmp_path / "s" / "petitioner.webm").loud) >= 98


def test_a_disk_that_hangs_for_good_holds_a_bounded_queue_and_one_tap_begins_anew(tmp_path: Path) -> None:
    disk = SlowDisk()
    recorder = begun(tmp_path, disk=disk)
    disk.hang()
    large = b"\x80\x61" + bytes(60_000)
    for _ in range(400):
        recorder.packet(seat="petitioner", kind="video", received_at=time.monotonic(), rtp=large, audio_level=None)
    assert until(lambda: recorder.state().alarm is Alarm.DISK)
    disk.recover()
    recorder.start()
    assert until(lambda: recorder.state().alarm is None)
    speak(recorder)
    recorder.close()
    assert until(lambda: words(tmp_path / "s") <= {"whole", "cut", "went_on"})
    finalise(tmp_path, "s")
    assert len(decode(tmp_path / "s" / "petitioner.webm").pictures) == 15
