"""A clerk keeps an official away from a booked matter, by the visible controls."""

import pytest
from playwright.sync_api import Browser
from sqlmodel import col, select

from server.accounts.models import User
from server.clock import SystemClock, local_date
from server.database import reading
from server.scheduling.models import Booking, ReceptionDay
from server.scheduling.words import BookingState
from tests.e2e.fitting import fits
from tests.e2e.house import House
from tests.e2e.people import database, signed_in

pytestmark = pytest.mark.browser


def test_the_official_is_kept_away_and_the_person_is_offered_another_time(browser: Browser, house: House) -> None:
    with reading(database(house)) as db:
        booking, official = db.exec(
            select(Booking, User)
            .join(ReceptionDay, col(ReceptionDay.id) == Booking.reception_day_id)
            .join(User, col(User.id) == ReceptionDay.official_id)
            .where(Booking.state == BookingState.BOOKED, ReceptionDay.day > local_date(SystemClock().now()))
            .order_by(col(Booking.id).desc())
        ).first() or pytest.fail("nobody has booked")
    clerk = signed_in(browser, house, "clerk")
    page = clerk.page
    clerk.go("/aside")
    page.get_by_label("预约编号").fill("999999-999-9")
    page.get_by_role("button", name="查找").click()
    assert page.get_by_label("预约编号").input_value() == "999999-999-9"
    page.get_by_label("预约编号").fill(booking.number)
    fits(clerk)
    page.get_by_role("button", name="查找").click()
    assert official.display_name in clerk.text("dl")
    page.get_by_role("button", name="设为回避").click()
    assert "请选一位领导" in clerk.text("main")
    page.get_by_label("要回避的领导").select_option(str(official.id))
    page.get_by_role("button", name="设为回避").click()
    page.get_by_role("button", name="设错了").wait_for()
    assert "等新时间" in clerk.text("dl")
    fits(clerk)
    page.get_by_role("link", name="打开").click()
    assert booking.number in clerk.text("main")
    assert official.display_name not in clerk.text("main")
    page.go_back()
    page.get_by_role("button", name="设错了").click()
    page.get_by_text("还没有。").wait_for()
    assert clerk.problems == []
