"""``lianxin demo`` against a running server: what it shows is really there."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.house import ROOT, House, free_port, open_house
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


def test_what_came_of_it_is_shown_in_words_too(played: tuple[list[str], House]) -> None:
    told = json.loads(played[0][-1])
    words = "\n".join(played[0][:-1])
    for one in (told["petition"], told["query_code"], told["minutes_pdf"], *told["follow_ups"]):
        assert one in words
    for one in told["recordings"]:
        assert f"{one['file']}  {one['seconds']} s" in words


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


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """An environment in which no server runs."""
    ports = {"LIANXIN_PORT": free_port(), "LIANXIN_TLS_PORT": free_port(), "LIANXIN_MEDIA_PORT": 0}
    return {
        **os.environ,
        **{name: str(port) for name, port in ports.items()},
        "LIANXIN_DEMONSTRATION": "1",
        "LIANXIN_DATA_DIR": str(tmp_path / "data"),
        "LIANXIN_LOG_LEVEL": "INFO",
    }


def nothing_runs(environment: dict[str, str]) -> None:
    """The port of the pages is free again."""
    with socket.create_server(("127.0.0.1", int(environment["LIANXIN_PORT"]))):
        pass


def test_without_a_running_server_it_starts_its_own_quietly(alone: dict[str, str]) -> None:
    command = [sys.executable, "-m", "server.demonstration"]
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(json.loads(done.stdout.splitlines()[-1])["minutes_pdf"]).is_file()
    nothing_runs(alone)


def test_an_interrupt_ends_it_and_its_server_without_a_word(alone: dict[str, str]) -> None:
    # Tests that run in the background of a shell are deaf to Ctrl-C, and so would be what they start.
    command = ["/usr/bin/env", "--default-signal=INT", sys.executable, "-m", "server.cli", "demo"]
    with subprocess.Popen(
        command, cwd=ROOT, env=alone, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        assert demo.stdout is not None
        assert demo.stdout.readline().startswith("[1/6]")
        os.killpg(demo.pid, signal.SIGINT)  # what Ctrl-C at a terminal does
        _, complaints = demo.communicate()
    assert (demo.returncode, complaints) == (130, "")
    nothing_runs(alone)


def test_a_wrong_setting_is_one_sentence(alone: dict[str, str]) -> None:
    command = [sys.executable, "-m", "server.cli", "demo"]
    wrong = {**alone, "LIANXIN_PORT": "none"}
    done = subprocess.run(command, cwd=ROOT, env=wrong, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "LIANXIN_PORT" in done.stderr
