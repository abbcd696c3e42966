"""The recording can be trusted: it survives the death of its process, and it says so at once when it cannot go on."""

import itertools
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlmodel import col, select

from server.database import reading
from server.media.recording_index import read_index
from server.media.verify_recording import verify
from server.petitions.models import ReceptionSession, SessionEvent
from tests.e2e.house import House
from tests.e2e.people import Talk, arrived, begin, database, end, enrolled, signed_in, until
from tests.e2e.test_journey import recorded_seconds, token_of
from tests.media.packets import decode

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def two(browser: Browser, house: House) -> Talk:
    return Talk(enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official"), "")


def session_of(engine: Engine, token: str) -> tuple[ReceptionSession, list[str]]:
    with reading(engine) as db:
        session = db.exec(select(ReceptionSession).where(ReceptionSession.token == token)).one()
        events = db.exec(select(SessionEvent.kind).where(col(SessionEvent.session_id) == session.id)).all()
    return session, list(events)


def proof_of(engine: Engine, house: House, token: str) -> list[str]:
    """What there is to say of a recording, compared with the seal in the database."""
    until(lambda: (house.data_dir / "sessions" / token / "manifest.json").exists(), "the files")
    until(lambda: session_of(engine, token)[0].recording_seal is not None, "the seal")
    findings = verify(house.data_dir / "sessions" / token, session_of(engine, token)[0].recording_seal or "")
    return sorted({f"{one.word} {one.name}".strip() for one in findings if one.word != "whole"})


def test_what_was_said_before_a_kill_is_kept_and_the_recording_goes_on(two: Talk, engine: Engine, house: House) -> None:
    talk = begin(two.kiosk, two.desk, arrived(engine, official="official"))
    token = token_of(engine, talk.number)
    time.sleep(5)
    started = session_of(engine, token)[0].recording_started_at
    assert started is not None
    killed = (datetime.now(UTC) - started).total_seconds()
    house.kill("server.media")
    talk.desk.notices()
    talk.go_on()
    time.sleep(3)
    end(talk)
    length = recorded_seconds(engine, token)
    until(lambda: (house.data_dir / "sessions" / token / "manifest.json").exists(), "the files")
    for seat in ("petitioner", "official"):
        told = decode(house.data_dir / "sessions" / token / f"{seat}.webm", house.recording_key(token))
        before, after = [[at for at in told.pictures if (at < killed) is early] for early in (True, False)]
        assert before[-1] > killed - 1
        assert len(before) > 10 * (killed - 1)
        assert len(after) > 20
        assert abs(told.duration - length) < max(0.01 * length, 0.5)
    assert "engine_lost" in session_of(engine, token)[1]
    cut = ["cut official-0001.journal", "cut petitioner-0001.journal"]
    assert proof_of(engine, house, token) == [*cut, "sealed"]
    index = [entry.event for entry in read_index(house.data_dir / "sessions" / token)]
    assert {"reopened", "engine_lost"} <= set(index)


def test_a_disk_that_fails_rings_at_the_desk_and_one_tap_starts_again(two: Talk, engine: Engine, house: House) -> None:
    talk = begin(two.kiosk, two.desk, arrived(engine, official="official"))
    media = house.process_ids("server.media")[0]
    unlimited = resource.prlimit(media, resource.RLIMIT_FSIZE)
    try:
        resource.prlimit(media, resource.RLIMIT_FSIZE, (1, unlimited[1]))
        talk.desk.page.locator("#doubt").wait_for(timeout=8000)
    finally:
        resource.prlimit(media, resource.RLIMIT_FSIZE, unlimited)
    talk.go_on()
    talk.desk.page.locator("#restart").click()
    talk.desk.page.locator("#doubt").wait_for(state="hidden", timeout=8000)
    time.sleep(2)
    token = token_of(engine, talk.number)
    end(talk)
    assert {"recording_alarm", "recording_restarted", "recording_healthy"} <= set(session_of(engine, token)[1])
    until(lambda: (house.data_dir / "sessions" / token / "manifest.json").exists(), "the files")
    assert decode(house.data_dir / "sessions" / token / "petitioner.webm", house.recording_key(token)).pictures
    cut = ["cut official-0001.journal", "cut petitioner-0001.journal"]
    assert proof_of(engine, house, token) == [*cut, "sealed"]


def test_a_pause_leaves_a_gap_and_is_told_to_both(two: Talk, engine: Engine, house: House) -> None:
    talk = begin(two.kiosk, two.desk, arrived(engine, official="official"))
    token = token_of(engine, talk.number)
    time.sleep(2)
    talk.kiosk.page.locator("#pause").click()
    talk.desk.says("paused")
    talk.kiosk.says("paused")
    until(lambda: "没有录像" in talk.desk.text("#recording"), "not recorded now")
    time.sleep(3)
    talk.desk.page.locator("#pause").click()
    talk.go_on()
    time.sleep(2)
    end(talk)
    until(lambda: (house.data_dir / "sessions" / token / "manifest.json").exists(), "the files")
    pictures = decode(house.data_dir / "sessions" / token / "petitioner.webm", house.recording_key(token)).pictures
    gaps = [later - earlier for earlier, later in itertools.pairwise(pictures)]
    assert max(gaps) > 2.5
    assert {"paused", "resumed"} <= set(session_of(engine, token)[1])
    assert proof_of(engine, house, token) == ["sealed"]
    seal = session_of(engine, token)[0].recording_seal or ""
    until(lambda: talk.kiosk.text("#seal").replace(" ", "") == seal[:24], "the check code on the slip")


def test_without_consent_nothing_is_kept_but_the_minutes(two: Talk, engine: Engine, house: House) -> None:
    talk = begin(two.kiosk, two.desk, arrived(engine, official="official", consent=False))
    assert "没有同意" in talk.kiosk.text("#recording")
    token = token_of(engine, talk.number)
    end(talk)
    assert session_of(engine, token)[0].recording_started_at is None
    assert not (house.data_dir / "sessions" / token).exists()
    talk.no_problems()


def test_a_recording_that_was_changed_on_the_disk_says_so_and_the_other_plays(
    browser: Browser, two: Talk, engine: Engine, house: House
) -> None:
    talk = begin(two.kiosk, two.desk, arrived(engine, official="official"))
    token = token_of(engine, talk.number)
    time.sleep(6)
    end(talk)
    folder = house.data_dir / "sessions" / token
    until(lambda: (folder / "manifest.json").exists(), "the files")
    changed = bytearray((folder / "petitioner.webm").read_bytes())
    changed[len(changed) // 2] ^= 1
    (folder / "petitioner.webm").write_bytes(changed)
    clerk = signed_in(browser, house, "clerk")
    clerk.go(f"/reviews/{token}")
    clerk.page.locator("#play").click()
    clerk.page.locator("[data-seat=petitioner] [role=alert]").wait_for(timeout=20_000)
    assert "被改动或截断" in clerk.text("[data-seat=petitioner] [role=alert]")
    assert clerk.page.locator("[data-seat=official] [role=alert]").is_hidden()
    position = "document.querySelector('[data-seat=official] video').currentTime"
    until(lambda: clerk.page.evaluate(position) > 4, "the other plays")
