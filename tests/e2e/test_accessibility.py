"""Pages for people who are old, see badly, or use the keyboard only."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from sqlalchemy import Engine

from tests.e2e.house import House
from tests.e2e.people import (
    DESK,
    KIOSK,
    PHONE,
    Person,
    Talk,
    arrived,
    begin,
    database,
    end,
    enrolled,
    person,
    signed_in,
)

pytestmark = pytest.mark.browser
PUBLIC = ("/", "/sign-in", "/ask", "/kiosk/enrol")
KIOSK_PAGES = ("/kiosk", "/kiosk/book/who", "/kiosk/reception", "/kiosk/notices", "/ask")
STAFF = {
    "official": ("/desk",),
    "clerk": ("/desk", "/reviews", "/reviews?state=approved", "/petitions/30"),
    "handler": ("/follow-ups",),
    "administrator": (
        "/admin/points",
        "/admin/points/1",
        "/admin/units",
        "/admin/people",
        "/admin/days",
        "/admin/waits",
        "/notices",
    ),
    "auditor": ("/audit",),
}
LEAST_TARGET = 60
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), textarea")]
  .filter((one) => one.offsetParent && !one.closest("p, dd, li"))
  .map((one) => [one.textContent.trim() || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 60 || box.width < 60).map(([name]) => name)"""
LOW_LINKS = """() => [...document.querySelectorAll("a, button, select, summary")].filter((one) => one.offsetParent)
  .filter((one) => one.getBoundingClientRect().height < 31.5).map((one) => one.outerHTML.slice(0, 90)).slice(0, 5)"""
CUT_TABLES = """() => [...document.querySelectorAll(".scrolls, .scrolls *")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().right > innerWidth).length"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def kiosk(browser: Browser, house: House) -> Person:
    return enrolled(browser, house, "LXAA3344")


def no_violations(one: Person) -> None:
    """What axe finds on the page as it is."""
    found = Axe().run(one.page).response["violations"]
    assert [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found] == []


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_public_pages(browser: Browser, house: House, address: str, size: dict[str, int]) -> None:
    anybody = person(browser, house, size)
    anybody.go(address)
    no_violations(anybody)
    assert anybody.page.evaluate(SIDEWAYS) is False


@pytest.mark.parametrize("address", KIOSK_PAGES)
def test_kiosk_pages_have_targets_for_every_finger(kiosk: Person, address: str) -> None:
    kiosk.go(address)
    no_violations(kiosk)
    assert kiosk.page.evaluate(SMALL_TARGETS) == []


def test_the_kiosk_at_twice_the_size_loses_nothing(kiosk: Person) -> None:
    kiosk.go("/kiosk/book/who")
    kiosk.page.locator("[data-larger]").click()
    kiosk.page.locator("[data-larger]").click()
    assert kiosk.page.evaluate("getComputedStyle(document.body).fontSize") == "40px"
    assert kiosk.page.evaluate(SIDEWAYS) is False
    kiosk.page.locator("[data-larger]").click()


@pytest.mark.parametrize("role", list(STAFF))
def test_pages_of_staff(browser: Browser, house: House, role: str) -> None:
    one = signed_in(browser, house, role)
    for address in STAFF[role]:
        one.go(address)
        no_violations(one)
        assert one.page.evaluate(LOW_LINKS) == [], address
    one.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    for address in STAFF[role]:
        one.go(address)
        assert one.page.evaluate(SIDEWAYS) is False, address
        assert one.page.evaluate(CUT_TABLES) == 0, address


UPRIGHT, ZOOMED = {"width": 800, "height": 1280}, {"width": 640, "height": 400}
SEEN = """(name) => {
  const shown = document.querySelector(name), box = shown.getBoundingClientRect();
  const around = document.querySelector(".side").getBoundingClientRect();
  return Math.min(box.bottom, around.bottom) - Math.max(box.top, around.top);
}"""


def test_the_minutes_are_seen_on_an_upright_and_on_a_zoomed_kiosk(
    browser: Browser, house: House, kiosk: Person, engine: Engine
) -> None:
    talk = begin(kiosk, signed_in(browser, house, "official"), arrived(engine, official="official"))
    talk.desk.page.fill("#text", "房子漏水两年了。")
    talk.desk.page.press("#text", "Enter")
    kiosk.page.locator("#lines .text").wait_for()
    for size in (UPRIGHT, ZOOMED):
        kiosk.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert kiosk.page.evaluate(SEEN, "#lines .text") > 24, size
        assert kiosk.page.evaluate(SIDEWAYS) is False
    kiosk.page.set_viewport_size({"width": KIOSK["width"], "height": KIOSK["height"]})
    end(talk)


def test_the_live_pages(browser: Browser, house: House, kiosk: Person, engine: Engine) -> None:
    desk = signed_in(browser, house, "official")
    talk: Talk = begin(kiosk, desk, arrived(engine, official="official"))
    desk.page.fill("#text", "一条")
    desk.page.press("#text", "Enter")
    desk.page.locator("#end").click()
    for one in (kiosk, desk):
        no_violations(one)
    assert kiosk.page.evaluate(SMALL_TARGETS) == []
    end(talk)
    no_violations(kiosk)


def test_an_official_works_with_the_keyboard_only(
    browser: Browser, house: House, kiosk: Person, engine: Engine
) -> None:
    desk = signed_in(browser, house, "official")
    number = arrived(engine, official="official")
    kiosk.go(f"/kiosk/reception/{number}/talk")
    desk.page.locator(f"[data-number='{number}']").wait_for()
    keyboard = desk.page.keyboard
    keyboard.press("n")
    kiosk.page.locator("#ready").click()
    desk.is_connected()
    keyboard.press("m")
    assert "关了" in desk.text("#microphone")
    keyboard.press("m")
    desk.page.locator("#text").focus()
    keyboard.type("信访人说的话")
    keyboard.press("Enter")
    keyboard.press("F2")
    keyboard.type("领导说的话")
    keyboard.press("Enter")
    keyboard.press("Escape")
    keyboard.press("e")
    keyboard.press("Space")
    keyboard.press("Tab")
    keyboard.type("当场答复了")
    keyboard.press("Tab")
    keyboard.press("Enter")
    end_read_back(kiosk)


def end_read_back(kiosk: Person) -> None:
    """The visitor confirms both lines by keyboard."""
    for _ in range(2):
        kiosk.page.locator("#right").wait_for()
        before = kiosk.text("#read-line")
        kiosk.page.locator("#right").focus()
        kiosk.page.keyboard.press("Enter")
        kiosk.page.wait_for_timeout(300)
        assert kiosk.page.locator("#pad").is_visible() or kiosk.text("#read-line") != before
