"""``lianxin demo`` against a running server: what it shows is really there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.house import ROOT, House, open_house
from tests.media.packets import decode


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], House]:
    """The lines of one demonstration, and the house it was played in."""
    with open_house(tmp_path_factory.mktemp("demo") / "data") as house:
        command = [sys.executable, "-m", "server.demonstration"]
        done = subprocess.run(command, cwd=ROOT, env=house.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout.splitlines(), house


def test_the_last_line_is_one_object_for_a_machine(played: tuple[list[str], House]) -> None:
    told = json.loads(played[0][-1])
    assert set(told) == {"petition", "query_code", "recordings", "seconds", "minutes_pdf", "follow_ups"}
    assert told["petition"].startswith("XF")
    assert len(told["query_code"]) == 8
    assert len(told["follow_ups"]) == 1


def test_progress_is_shown_step_by_step(played: tuple[list[str], House]) -> None:
    assert [line[:5] for line in played[0] if line.startswith("[")] == [f"[{step}/6]" for step in range(1, 7)]


def test_both_files_and_the_minutes_are_there_and_whole(played: tuple[list[str], House]) -> None:
    told = json.loads(played[0][-1])
    assert {one["seat"] for one in told["recordings"]} == {"petitioner", "official"}
    for one in told["recordings"]:
        file = decode(Path(one["file"]))
        assert abs(file.duration - one["seconds"]) < 0.1
        assert file.pictures
        assert file.loud
    assert Path(told["minutes_pdf"]).read_bytes().startswith(b"%PDF")


def test_outside_the_demonstration_it_does_not_play(tmp_path: Path) -> None:
    environment = {"LIANXIN_SECRET": "x" * 40, "LIANXIN_DATA_DIR": str(tmp_path), "PATH": ""}
    command = [sys.executable, "-m", "server.demonstration"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "演示" in done.stderr
