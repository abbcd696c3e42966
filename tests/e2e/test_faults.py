"""What goes wrong on a real line in the middle of a talk; both sides come back by themselves."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from server.media.recording_index import read_index
from tests.e2e.house import House
from tests.e2e.people import WATCH, Person, Talk, arrived, begin, database, end, enrolled, signed_in, until
from tests.e2e.test_journey import token_of
from tests.e2e.test_recording import session_of
from tests.relay import Relay

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def engine(relayed: tuple[House, Relay]) -> Iterator[Engine]:
    made = database(relayed[0])
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def kiosk(browser: Browser, relayed: tuple[House, Relay]) -> Person:
    return enrolled(browser, relayed[0], "LXAA3344")


@pytest.fixture(scope="module")
def desk(browser: Browser, relayed: tuple[House, Relay]) -> Person:
    return signed_in(browser, relayed[0], "official")


@pytest.fixture
def talk(kiosk: Person, desk: Person, engine: Engine) -> Iterator[Talk]:
    running = begin(kiosk, desk, arrived(engine, official="official"))
    yield running
    end(running)
    running.no_problems()


def test_a_reload_at_either_side_keeps_the_seat(talk: Talk) -> None:
    talk.kiosk.page.reload()
    talk.go_on()
    talk.desk.page.reload()
    talk.go_on()


def test_a_power_cut_at_the_kiosk_keeps_the_seat(browser: Browser, talk: Talk) -> None:
    kept = talk.kiosk.page.context.storage_state()
    talk.kiosk.page.context.close()
    talk.desk.notices()
    context = browser.new_context(storage_state=kept, viewport=talk.kiosk.page.viewport_size, locale="zh-CN")
    context.grant_permissions(["camera", "microphone"])
    context.add_init_script(WATCH)
    talk.kiosk.page = context.new_page()
    talk.kiosk.go("/kiosk")
    talk.kiosk.page.locator(f"main .notice a.button[href*='/{talk.number}/']").click()
    talk.go_on()


def test_five_seconds_without_any_network(talk: Talk, relayed: tuple[House, Relay], engine: Engine) -> None:
    connections = [one.page.evaluate("window.connections.length") for one in (talk.kiosk, talk.desk)]
    relayed[1].cut = True
    talk.kiosk.page.context.set_offline(True)
    talk.desk.notices()
    talk.kiosk.notices()
    time.sleep(5)
    relayed[1].cut = False
    talk.kiosk.page.context.set_offline(False)
    talk.go_on()
    assert [one.page.evaluate("window.connections.length") for one in (talk.kiosk, talk.desk)] == connections
    house, token = relayed[0], token_of(engine, talk.number)
    minutes = session_of(engine, token)[1]
    index = [(entry.event, entry.detail) for entry in read_index(house.data_dir / "sessions" / token)]
    for kind in ("lost", "back"):
        assert kind in minutes
        assert (kind, "petitioner") in index
    assert [detail for event, detail in index if event == "gap" and detail.startswith("petitioner ")]


def test_a_killed_media_process_is_back_by_itself(talk: Talk) -> None:
    talk.kiosk.house.kill("server.media")
    talk.desk.notices()
    talk.go_on()


def test_a_killed_web_process_drops_no_picture(talk: Talk) -> None:
    connections = talk.desk.page.evaluate("window.connections.length")
    talk.desk.house.kill("server.web")
    talk.desk.says("reconnecting")
    talk.go_on()
    assert talk.desk.page.evaluate("window.connections.length") == connections


def test_the_official_opens_a_second_tab(talk: Talk) -> None:
    second = talk.desk.page.context.new_page()
    second.goto(f"{talk.desk.house.address}/desk")
    other = Person(second, talk.desk.house)
    other.is_connected()
    other.sees_and_hears()
    until(lambda: "另一个窗口" in talk.desk.text("#problem"), "the first tab says so")
    second.close()
    talk.desk.page.reload()
    talk.go_on()


def test_a_line_written_without_network_is_sent_later(talk: Talk) -> None:
    talk.desk.page.context.set_offline(True)
    talk.desk.says("reconnecting")
    talk.desk.page.fill("#text", "断网时写的一条")
    talk.desk.page.press("#text", "Enter")
    talk.desk.page.context.set_offline(False)
    until(lambda: "断网时写的一条" in talk.kiosk.text("#lines"), "the line arrives")
    assert talk.desk.page.locator("#lines li").count() == 1
