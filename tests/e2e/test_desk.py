"""The official's desk: what the list says by itself, and nothing that was entered is lost."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlmodel import select

from server.clock import SystemClock, local_date
from server.database import reading
from server.responses import clock_time
from server.scheduling.models import Booking
from server.scheduling.service_offers import booked_view
from tests.e2e.house import House
from tests.e2e.people import Person, arrived, begin, database, end, enrolled, sign, signed_in, until

pytestmark = pytest.mark.browser
IN_SIGHT = """(name) => {
  const box = document.querySelector(name).getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
}"""


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def kiosk(browser: Browser, house: House) -> Person:
    return enrolled(browser, house, "LXAA3344")


@pytest.fixture(scope="module")
def desk(browser: Browser, house: House) -> Person:
    return signed_in(browser, house, "official")


def test_times_are_those_of_the_district_wherever_the_browser_is(desk: Person, engine: Engine) -> None:
    assert desk.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") != "Asia/Shanghai"
    entry = desk.page.locator(".entry.booked").first
    entry.wait_for()
    with reading(engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == entry.get_attribute("data-number"))).one()
        at = booked_view(db, booking=booking).slot_at
    assert at is not None
    assert local_date(at) == local_date(SystemClock().now())
    assert re.search(r"\d+:\d\d", entry.locator(".since").inner_text()).group() == clock_time(at)  # type: ignore[union-attr]


def test_who_waits_longest_is_said_and_the_visitor_knows_how_long(kiosk: Person, desk: Person, engine: Engine) -> None:
    first, second = arrived(engine, official="official"), arrived(engine, official="official", name="李二妹")
    desk.page.reload()
    desk.page.locator(f"[data-number='{second}']").wait_for()
    assert desk.text(f"[data-number='{first}'] .mark") == "等得最久"
    assert desk.page.locator(f"[data-number='{second}'] .mark").is_hidden()
    kiosk.go(f"/kiosk/reception/{second}/talk")
    until(
        lambda: re.match(r"大约再等 \d+ 到 \d+ 分钟。|可能要等一个小时以上。", kiosk.text("#wait")), "a range in words"
    )
    for number in (first, second):
        end(begin(kiosk, desk, number))


def test_a_reload_loses_no_form_at_either_side(kiosk: Person, desk: Person, engine: Engine) -> None:
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    desk.page.fill("#text", "房子漏水两年了。")
    desk.page.press("#text", "Enter")
    until(lambda: desk.page.locator("#lines .text").count() == 1, "the line")
    desk.page.fill("#text", "物业说")
    desk.page.evaluate("sessionStorage.clear()")  # all that a power cut takes
    desk.page.reload()
    until(lambda: desk.page.input_value("#text") == "物业说", "the line is still being written")
    desk.page.fill("#text", "")
    desk.page.press("#text", "F4")
    desk.page.fill("#person", "李工")
    desk.page.reload()
    until(lambda: desk.page.locator("#person").is_visible(), "the promise is still being written")
    assert (desk.page.input_value("#what"), desk.page.input_value("#person")) == ("房子漏水两年了。", "李工")
    desk.page.locator("#promise-form [data-close]").click()
    desk.page.locator("#end").click()
    desk.page.locator("input[value=answered]").check()
    desk.page.fill("#opinion", "当场说明了政策")
    desk.page.reload()
    until(lambda: desk.page.locator("#opinion").is_visible(), "the end is still being written")
    assert desk.page.input_value("#opinion") == "当场说明了政策"
    assert desk.page.locator("input[value=answered]").is_checked()
    desk.page.locator("#ending button.primary").click()
    kiosk.page.locator("#wrong").click()
    kiosk.page.fill("#objection-text", "是三年")
    kiosk.page.reload()
    until(lambda: kiosk.page.locator("#objection-text").is_visible(), "the objection is still being written")
    assert kiosk.page.input_value("#objection-text") == "是三年"
    kiosk.page.locator("#objection button.primary").click()
    sign(kiosk)
    talk.no_problems()


def test_the_picture_and_its_state_stay_in_sight_while_somebody_is_called_in(
    kiosk: Person, desk: Person, engine: Engine
) -> None:
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    desk.page.keyboard.press("i")
    desk.page.fill("#guest-name", "王译员")
    desk.page.locator("#invitation button.primary").click()
    desk.page.locator("#invited strong").wait_for()
    for name in ("#state", ".stage", "#microphone", "#end", "#invited strong", "#copy"):
        assert desk.page.evaluate(IN_SIGHT, name), name
    assert desk.page.locator(".other").count() == 1, "nobody is shown before coming in"
    end(talk)
