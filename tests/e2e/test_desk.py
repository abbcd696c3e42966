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
from tests.e2e.people import Person, arrived, begin, database, end, enrolled, signed_in, until

pytestmark = pytest.mark.browser


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
    in_words = r"大约再等 \d+ 到 \d+ 分钟。|可能要等一个小时以上。"
    until(lambda: re.match(in_words, kiosk.text("#wait")), "a range in words")
    for number in (first, second):
        end(begin(kiosk, desk, number))
