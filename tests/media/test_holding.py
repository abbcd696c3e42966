"""Two engines over one folder of recordings: neither finalises what the other still records."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.errors import Invalid
from server.media.holding import Holds, claimed
from server.media.recovery import unfinished
from tests.e2e.house import ROOT
from tests.media.packets import Source, talk
from tests.media.test_recorder import recorded

HOLD = """
import sys, time; from pathlib import Path; from server.media.holding import Holds
holds = Holds(Path(sys.argv[1])); holds.take("s"); print("held", flush=True); sys.stdin.read()
"""


def test_what_another_process_records_is_nobody_else_s_until_it_is_dead(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())))
    (folder / "manifest.json").unlink()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == b"held\n"
    with claimed(folder) as mine:
        assert not mine
    assert unfinished(tmp_path) == []
    other.kill()
    other.wait()
    other.stdout.close()
    other.stdin.close()
    assert unfinished(tmp_path) == ["s"]


def test_two_may_record_but_one_finalises(tmp_path: Path) -> None:
    ours, theirs = Holds(tmp_path), Holds(tmp_path)
    ours.take("s")
    theirs.take("s")
    theirs.take("s")
    ours.release("s")
    with claimed(tmp_path / "s") as mine:
        assert not mine
    theirs.release("s")
    theirs.release("s")
    with claimed(tmp_path / "s") as mine, claimed(tmp_path / "s") as again:
        assert (mine, again) == (True, False)


def test_a_recorder_does_not_wait_for_one_who_finalises(tmp_path: Path) -> None:
    holds = Holds(tmp_path)
    (tmp_path / "s").mkdir()
    with claimed(tmp_path / "s") as mine:
        assert mine
        holds.take("s")
    holds.release("s")


def test_a_folder_that_is_not_there_is_nobody_s(tmp_path: Path) -> None:
    with claimed(tmp_path / "none") as mine:
        assert not mine


def test_a_disk_that_fails_is_the_recorder_s_to_tell(tmp_path: Path) -> None:
    (tmp_path / "sessions").write_bytes(b"a file is in the way")
    holds = Holds(tmp_path / "sessions")
    holds.take("s")
    holds.release("s")


def test_only_opaque_names_are_held(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="bad_name"):
        Holds(tmp_path / "in").take("../out")
    assert list(tmp_path.iterdir()) == []
