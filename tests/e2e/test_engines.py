"""Several media processes, of which one is killed; and one that is full."""

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from server.media.recording_index import CLOSED, REOPENED, read_index
from tests.e2e.house import House, open_house
from tests.e2e.people import Talk, arrived, begin, database, end, enrolled, signed_in, until
from tests.e2e.test_journey import token_of
from tests.media.packets import decode

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    # Two talks between browsers of this machine take all of it; what a full engine does is tested elsewhere.
    limits = {"LIANXIN_MEDIA_FULL_CPU": "16", "LIANXIN_MEDIA_FULL_LAG_MS": "10000", "LIANXIN_MEDIA_PROCESSES": "2"}
    with open_house(tmp_path_factory.mktemp("two") / "data", **limits) as running:
        yield running


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


def engines(house: House) -> dict[str, Any]:
    with urllib.request.urlopen(f"{house.address}/readyz") as answer:  # noqa: S310 - our own loopback address
        told: dict[str, Any] = json.loads(answer.read())["engines"]
    return told


def process_of(house: House, name: str) -> int:
    """The process id of one of the engines."""
    for process_id in house.process_ids("server.media"):
        if (Path("/proc") / str(process_id) / "cmdline").read_text().split("\0")[-2] == name:
            return process_id
    raise AssertionError(name)


def holds(process_id: int, folder: Path) -> bool:
    """Whether a process has this folder open: it records there."""
    links = (Path("/proc") / str(process_id) / "fd").iterdir()
    return any(os.path.realpath(link) == str(folder) for link in links)


def test_a_killed_engine_loses_no_talk_and_disturbs_no_other(browser: Browser, house: House, engine: Engine) -> None:
    until(lambda: all(engines(house).values()), "both engines answer")
    talks = []
    for kiosk, code, official in ((1, "LXAA3344", "official"), (2, "LXBB3344", "official2")):
        seats = enrolled(browser, house, code), signed_in(browser, house, official)
        talks.append(begin(*seats, arrived(engine, official=official, kiosk=kiosk)))
    until(lambda: [one["sessions"] for one in engines(house).values()] == [1, 1], "one talk in each")
    folders = [house.data_dir / "sessions" / token_of(engine, talk.number) for talk in talks]
    homes = [name for folder in folders for name in ("1", "2") if holds(process_of(house, name), folder)]
    assert sorted(homes) == ["1", "2"]
    kept = talks[1].desk.page.evaluate("window.connections.length")
    time.sleep(3)
    os.kill(process_of(house, homes[0]), signal.SIGKILL)
    talks[0].desk.notices()
    for talk in talks:
        talk.go_on()
    assert talks[1].desk.page.evaluate("window.connections.length") == kept
    for talk in talks:
        end(talk)
        talk.no_problems()
    for folder in folders:
        until(lambda made=folder: (made / "manifest.json").exists(), "the files")  # type: ignore[misc]
        assert all(len(decode(folder / f"{seat}.webm").pictures) > 20 for seat in ("petitioner", "official"))
    events = [[entry.event for entry in read_index(folder)] for folder in folders]
    assert [told.count(REOPENED) for told in events] == [1, 0]
    assert [told.count(CLOSED) for told in events] == [1, 1]


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[House]:
    """A house whose one media process is full with its first talk."""
    with open_house(tmp_path / "data", LIANXIN_MEDIA_FULL_CPU="0.001") as running:
        yield running


def test_a_visitor_for_whom_there_is_no_room_keeps_waiting(browser: Browser, narrow: House) -> None:
    engine = database(narrow)
    people = [
        (enrolled(browser, narrow, code), signed_in(browser, narrow, official))
        for code, official in (("LXAA3344", "official"), ("LXBB3344", "official2"))
    ]
    first = begin(*people[0], arrived(engine, official="official"))
    kiosk, desk = people[1]
    number = arrived(engine, official="official2", kiosk=2)
    until(lambda: engines(narrow)["1"]["full"], "it is full")
    kiosk.go(f"/kiosk/reception/{number}/talk")
    desk.go("/desk")
    admit = desk.page.locator(f"[data-number='{number}'] [data-action='admit']")
    admit.click()
    until(lambda: "线路都占满了" in desk.text("#problem"), "the desk is told")
    assert desk.page.locator(f"[data-number='{number}'].waiting").count() == 1
    assert kiosk.page.locator("#ready").is_hidden()
    end(first)
    until(lambda: engines(narrow)["1"]["sessions"] == 0, "room again")
    admit.click()
    kiosk.page.locator("#ready").click()
    second = Talk(kiosk, desk, number)
    second.go_on()
    end(second)
    for talk in (first, second):
        talk.no_problems()
    engine.dispose()
