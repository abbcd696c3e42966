"""A clerk reviews by keyboard: place by place, line by line, then decides."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from tests.e2e.house import House
from tests.e2e.people import Person, arrived, begin, database, end, enrolled, signed_in, until
from tests.e2e.test_journey import token_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


def say(desk: Person, text: str, *, speaker: str) -> None:
    """Write one line."""
    page, before = desk.page, desk.page.locator("#lines li .text").count()
    page.locator(f"input[name=speaker][value={speaker}]").check()
    page.fill("#text", text)
    page.press("#text", "Enter")
    until(lambda: page.locator("#lines li .text").count() > before, "the line")


@pytest.fixture(scope="module")
def token(browser: Browser, house: House, engine: Engine) -> str:
    """A recorded talk with a pause, in which nothing but a line came about, and a promise nobody wrote down."""
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    say(desk, "房顶从去年就漏水。", speaker="petitioner")
    time.sleep(1.5)
    desk.page.locator("#pause").click()
    desk.says("paused")
    time.sleep(1.5)
    say(desk, "物业说没有钱。", speaker="petitioner")
    time.sleep(1.5)
    desk.page.locator("#pause").click()
    talk.go_on()
    say(desk, "我们三天内派人去看。", speaker="official")
    end(talk)
    found = token_of(engine, talk.number)
    until(lambda: (house.data_dir / "sessions" / found / "manifest.json").exists(), "the files")
    talk.no_problems()
    return found


def position(clerk: Person) -> int:
    return int(clerk.page.locator("#position").get_attribute("data-ms") or 0)


def test_place_by_place_line_by_line_and_the_decision_by_keyboard(browser: Browser, house: House, token: str) -> None:
    clerk = signed_in(browser, house, "clerk")
    page, press = clerk.page, clerk.page.keyboard.press
    clerk.go(f"/reviews/{token}")
    until(lambda: page.evaluate("[...document.querySelectorAll('video')].every(v => v.readyState > 0)"), "loaded")
    flags = page.locator(".flags li").all_inner_texts()
    assert [one for one in flags if one.startswith("有记录,没有录像")]
    assert [one for one in flags if one.startswith("像是承诺,没有列入待办")]
    for number, flag in enumerate(page.locator(".flags a").all(), 1):
        press("n")
        until(lambda: clerk.text("#flag-count").startswith(f"已看 {number} /"), "counted")  # noqa: B023
        wanted = int(flag.get_attribute("data-seek") or 0)
        until(lambda: abs(position(clerk) - wanted) < 300, "at its instant")  # noqa: B023
    instants = [int(one.get_attribute("data-ms") or 0) for one in page.locator("#lines li[data-ms]").all()]
    for _ in instants:
        press("ArrowUp")
    until(lambda: abs(position(clerk) - instants[0]) < 300, "at the first line")
    press("ArrowDown")
    until(lambda: page.locator("#lines li[aria-current]").inner_text().find("物业说没有钱") > 0, "the second is lit")
    press("3")
    press("k")
    until(lambda: page.evaluate("document.querySelector('#seats video').playbackRate") > 1.8, "twice as fast")
    press("k")
    press("c")
    page.keyboard.type("这一句时录像暂停。")
    page.keyboard.press("Escape")
    page.locator("#lines li[aria-current] form button").click()
    until(lambda: page.locator(".addendum").count() == 1, "the correction")
    page.evaluate("document.activeElement.blur()")
    press("r")
    assert page.evaluate("document.activeElement.id") == "reason"
    press("Escape")
    press("a")
    press("Enter")
    page.wait_for_url("**/petitions/*")
    assert clerk.problems == []


def test_the_page_fits_a_phone_and_a_kiosk(browser: Browser, house: House, token: str) -> None:
    clerk = signed_in(browser, house, "clerk")
    for width, height in ((390, 844), (1280, 800)):
        clerk.page.set_viewport_size({"width": width, "height": height})
        clerk.go(f"/reviews/{token}")
        assert clerk.page.evaluate("document.documentElement.scrollWidth") <= width
