"""Which sessions still need their files, and what a full disk leaves of a recording."""

import os
import subprocess
import sys
import time
from pathlib import Path

from server.media.recording_index import INDEX_NAME, read_index
from server.media.recovery import recover, unfinished
from tests.e2e.house import ROOT
from tests.media.packets import Source, decode, talk
from tests.media.test_recorder import recorded

FULL = """
import resource, sys, time; from pathlib import Path
from server.media.recorder import Recorder
from tests.media.packets import feed, talk
recorder = Recorder(root=Path(sys.argv[1]), session="s", flush_seconds=0.05)
recorder.start(); origin = time.monotonic(); packets = talk(4.0); half = len(packets) // 2
feed(recorder, origin, "petitioner", packets[:half]); time.sleep(0.5)
written = recorder.state().bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (written + 5000, resource.RLIM_INFINITY))
feed(recorder, origin, "petitioner", packets[half:]); time.sleep(0.5)
print(recorder.state().alarm)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
recorder.start(); feed(recorder, origin, "petitioner", packets[half:]); recorder.close()
"""


def test_a_full_disk_is_an_alarm_and_one_tap_goes_on_in_a_new_segment(tmp_path: Path) -> None:
    child = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert (child.returncode, child.stderr, child.stdout) == (0, "", "disk\n")
    assert len(list((tmp_path / "s").glob("petitioner-*.journal"))) == 2
    assert {"fault", "reopened"} <= {entry.event for entry in read_index(tmp_path / "s")}
    assert recover(tmp_path) == ["s"]
    told = decode(tmp_path / "s" / "petitioner.webm")
    assert len(told.pictures) > 25
    assert [at for at in told.loud if at > 3.0]


def test_only_sessions_with_newer_journals_are_made_again(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())))
    (tmp_path / "empty").mkdir()
    (tmp_path / "a file").write_bytes(b"")
    assert unfinished(tmp_path) == []
    assert unfinished(tmp_path / "absent") == []
    (folder / "manifest.json").write_bytes(b"{")
    assert unfinished(tmp_path) == ["s"]
    assert recover(tmp_path) == ["s"]
    assert recover(tmp_path) == []


def test_a_session_written_to_just_now_is_left_to_its_people(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())))
    (folder / "manifest.json").unlink()
    assert unfinished(tmp_path, quiet_seconds=120) == []
    for journal in folder.glob("*.journal"):
        os.utime(journal, (time.time() - 200,) * 2)
    assert unfinished(tmp_path, quiet_seconds=120) == ["s"]


def test_an_index_cut_in_a_line_is_read_up_to_the_cut(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())))
    whole, entries = (folder / INDEX_NAME).read_bytes(), read_index(folder)
    for cut in range(len(whole)):
        (folder / INDEX_NAME).write_bytes(whole[:cut])
        read = read_index(folder)
        assert read == entries[: len(read)]
        assert len(read) >= whole[:cut].count(b"\n")
