"""The disk under a talk is read-only, or full: it rings at the desk, and the talk goes on."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from tests.e2e.house import House, open_house
from tests.e2e.people import Talk, arrived, begin, database, end, enrolled, signed_in
from tests.e2e.test_journey import token_of
from tests.e2e.test_recording import proof_of, session_of
from tests.media.packets import decode

pytestmark = pytest.mark.browser
IN_TIME = 8000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose recordings lie on a disk of 16 MiB."""
    data = tmp_path_factory.mktemp("disk") / "data"
    disk = data / "sessions"
    disk.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "none", str(disk)], check=False).returncode:
        pytest.skip("mounting needs root")
    try:
        with open_house(data) as running:
            yield running
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


def rings(talk: Talk) -> None:
    """The desk is told that the recording is in doubt; nobody else notices anything."""
    talk.desk.page.locator("#doubt").wait_for(timeout=IN_TIME)
    talk.go_on()


def starts_again(talk: Talk) -> None:
    """One tap, and it is recorded again."""
    talk.desk.page.locator("#restart").click()
    talk.desk.page.locator("#doubt").wait_for(state="hidden", timeout=IN_TIME)


def test_a_read_only_disk_and_then_a_full_one(browser: Browser, house: House, engine: Engine) -> None:
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    disk = house.data_dir / "sessions"
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    rings(talk)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    starts_again(talk)
    filler = filled(disk)
    rings(talk)
    filler.unlink()
    starts_again(talk)
    recorded(talk, engine, house)


def filled(disk: Path) -> Path:
    """A file that takes all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)) == 4096:
            pass
    return filler


def recorded(talk: Talk, engine: Engine, house: House) -> None:
    """What came after the last tap is kept, sealed and plays."""
    talk.go_on()
    token = token_of(engine, talk.number)
    end(talk)
    talk.no_problems()
    assert {"recording_alarm", "recording_restarted", "recording_healthy"} <= set(session_of(engine, token)[1])
    assert proof_of(engine, house, token)[-1] == "sealed"
    for seat in ("petitioner", "official"):
        assert decode(house.data_dir / "sessions" / token / f"{seat}.webm").pictures
