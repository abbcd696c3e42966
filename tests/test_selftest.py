"""The self-test judges what runs: a healthy engine, its own, one that does not answer, one whose packets get lost."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.media.control import Control
from server.selftest import Verdict, opens, running, sentences
from server.settings import MediaEngine, Settings
from tests.e2e.house import ROOT, free_port
from tests.fakes import FakeMedia
from tests.media.packets import Source, talk
from tests.media.test_recorder import recorded

GOOD: dict[str, Any] = {"pictures": 100, "delay_ms": 40.0, "lost": 0.0, "tones": 30, "level_db": -17.0}
KEPT: dict[str, Any] = {"recorded_seats": 2, "recorded_seconds": 4.5, "clock_seconds": 4.5}


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings of the test's own, and a temporary folder of a short name: that of a socket holds 107 letters."""
    (tmp_path / "data").mkdir()
    with tempfile.TemporaryDirectory(prefix="lx-") as temporary:
        yield {
            **os.environ,
            "LIANXIN_DEMONSTRATION": "1",
            "LIANXIN_DATA_DIR": str(tmp_path / "data"),
            "LIANXIN_MEDIA_PORT": str(free_port(socket.SOCK_DGRAM)),
            "LIANXIN_LOG_LEVEL": "ERROR",
            "TMPDIR": temporary,
        }


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[None]:
    """The media process of these settings."""
    process = subprocess.Popen([sys.executable, "-m", "server.media"], cwd=ROOT, env=environment)
    try:
        while not (Path(environment["LIANXIN_DATA_DIR"]) / "state/media.sock").exists():
            assert process.poll() is None
        yield
    finally:
        process.terminate()
        process.wait()


def selftest(environment: dict[str, str]) -> tuple[int, dict[str, Any], str]:
    """Run it: status, what the last line tells, what people are told."""
    command = [sys.executable, "-m", "server.cli", "selftest"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    *lines, last = done.stdout.splitlines()
    return done.returncode, json.loads(last), "\n".join(lines)


def assert_called(one: dict[str, Any], *, own: bool) -> None:
    """The call came about and was kept. How well it went is the machine's affair on that day."""
    assert (one["own"], one["refused"], one["recorded_seats"]) == (own, "", 2)
    assert min(one["pictures"], one["tones"], one["recorded_seconds"]) > 0


async def found_beside(controls: list[Control], settings: Settings) -> list[MediaEngine]:
    """What the self-test finds while these serve."""
    for control in controls:
        await control.start()
    try:
        return await running(settings)
    finally:
        for control in controls:
            await control.stop()


def test_a_process_beyond_the_setting_is_found_when_it_answers(tmp_path: Path) -> None:
    settings = Settings(demonstration=True, data_dir=tmp_path, media_processes=3)
    first, second, silent = settings.media_engines
    settings.state_dir.mkdir()
    silent.control_path.touch()
    controls = [Control(FakeMedia(), one.control_path) for one in (first, second)]
    one_is_set = settings.model_copy(update={"media_processes": 1})
    assert asyncio.run(found_beside(controls, one_is_set)) == [first, second]


def test_the_running_engine_is_tried_and_nothing_is_left_behind(environment: dict[str, str], tmp_path: Path) -> None:
    with serving(environment):
        status, told, words = selftest(environment)
        assert list((tmp_path / "data/sessions").iterdir()) == []
    (one,) = told["engines"]
    assert_called(one, own=False)
    assert told["passed"] == one["passed"] == (status == 0)
    assert "媒体进程 1:\n画面" in words


def test_without_a_running_engine_it_tries_its_own(environment: dict[str, str], tmp_path: Path) -> None:
    status, told, _ = selftest(environment)
    (one,) = told["engines"]
    assert_called(one, own=True)
    assert told["passed"] == one["passed"] == (status == 0)
    assert list((tmp_path / "data").iterdir()) == []
    assert list(Path(environment["TMPDIR"]).iterdir()) == []


def test_an_engine_that_does_not_answer_fails_beside_one_that_does(environment: dict[str, str]) -> None:
    with serving(environment):
        status, told, words = selftest({**environment, "LIANXIN_MEDIA_PROCESSES": "2"})
    assert (status, told["passed"]) == (1, False)
    assert [(one["engine"], one["refused"]) for one in told["engines"]] == [("1", ""), ("2", "media_unavailable")]
    assert "媒体进程 2:\n没有回应" in words


def test_packets_that_lead_nowhere_are_no_picture(environment: dict[str, str]) -> None:
    wrong = {"LIANXIN_MEDIA_HOST": "127.0.0.2", "LIANXIN_MEDIA_ADDRESSES": "127.0.0.3"}
    with serving({**environment, **wrong}):
        status, told, words = selftest({**environment, **wrong})
    (one,) = told["engines"]
    assert (status, one["pictures"], one["tones"], one["recorded_seats"]) == (1, 0, 0, 0)
    assert "LIANXIN_MEDIA_ADDRESSES" in words


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pictures": 3}, "画面不通"),
        ({"tones": 0}, "声音不通"),
        ({"level_db": -60.0}, "声音不通"),
        ({"lost": 0.1}, "线路不好"),
        ({"delay_ms": 900.0}, "线路不好"),
        ({"recorded_seats": 1}, "录像不完整"),
        ({"recorded_seconds": 2.0}, "录像不完整"),
        ({"refused": "media_full"}, "media_full"),
    ],
)
def test_each_fault_is_told_and_fails(wrong: dict[str, Any], said: str) -> None:
    told = Verdict("1", own=False, **{**GOOD, **KEPT, **wrong})
    assert not told.passed
    assert said in "\n".join(sentences(told))
    assert Verdict("1", own=False, **GOOD, **KEPT).passed


def test_a_file_cut_off_or_without_pictures_does_not_open(tmp_path: Path) -> None:
    folder = recorded(tmp_path, ("petitioner", talk(1.0, Source())))
    assert opens(folder / "petitioner.webm")
    (folder / "cut.webm").write_bytes((folder / "petitioner.webm").read_bytes()[:100])
    assert not opens(folder / "cut.webm")
    assert not opens(folder / "none.webm")
