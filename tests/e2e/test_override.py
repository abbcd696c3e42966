"""A clerk gives a place beyond the rules, by the visible controls."""

import pytest
from playwright.sync_api import Browser
from sqlmodel import col, select

from server.clock import SystemClock, local_date
from server.database import reading
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.words import BookingState
from tests.e2e.fitting import fits
from tests.e2e.house import House
from tests.e2e.people import database, signed_in

pytestmark = pytest.mark.browser


def test_a_place_at_the_end_of_another_list_with_a_reason(browser: Browser, house: House) -> None:
    with reading(database(house)) as db:
        number = db.exec(
            select(Booking.number)
            .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
            .where(Booking.state == BookingState.BOOKED, ReceptionDay.day > local_date(SystemClock().now()))
            .order_by(col(Booking.id).desc())
        ).first()
    clerk = signed_in(browser, house, "clerk")
    page = clerk.page
    clerk.go(f"/kiosk/reception/{number}/times")
    page.get_by_role("link", name="特殊安排").click()
    page.get_by_label("由谁接访").select_option(index=1)
    page.get_by_role("button", name="看接访日").click()
    page.get_by_label("为什么").fill("  ")
    page.get_by_role("button", name="接在当天名单最后").click()
    assert "请写明" in clerk.text("main")
    page.get_by_label("为什么").fill("老人明天要住院")
    fits(clerk)
    page.get_by_role("button", name="接在当天名单最后").click()
    page.locator("#number").wait_for()
    clerk.go(f"/override/{number}")
    assert "老人明天要住院" in clerk.text("dl")
    assert clerk.problems == []
