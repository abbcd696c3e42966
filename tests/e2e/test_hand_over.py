"""A visitor is handed over at the desk: the other official sees who, why and what was said; the slip leads on."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import House
from tests.e2e.people import arrived, begin, database, enrolled, read_back, signed_in, until
from tests.e2e.test_accessibility import no_violations

pytestmark = pytest.mark.browser
REASON = "工资的事请接着谈。"


def test_from_one_official_to_another(browser: Browser, house: House) -> None:
    engine = database(house)
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    page = desk.page
    page.fill("#text", "包工头欠我三个月工资。")
    page.press("#text", "Enter")
    until(lambda: page.locator("#lines li .text").count() == 1, "the line")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.get_by_label("转由其他领导接访").check()
    page.fill("#opinion", REASON)
    page.locator("#ending button.primary").click()
    until(lambda: "请选择" in desk.text("#ending [role=alert]"), "an official is demanded")
    page.locator("#end-official").select_option(index=1)
    receiver = page.locator("#end-official").input_value()
    no_violations(desk)
    page.locator("#ending button.primary").click()
    kiosk.page.locator("#read-back").wait_for()
    clerk = signed_in(browser, house, "clerk")
    clerk.go(f"/desk?official={receiver}")
    entry = clerk.page.locator(".entry", has_text=REASON)
    entry.wait_for()
    assert "包工头欠我三个月工资。" in entry.inner_text()
    no_violations(clerk)
    read_back(kiosk)
    kiosk.page.locator("#onward a").wait_for()
    no_violations(kiosk)
    kiosk.page.locator("#onward a").click()
    kiosk.page.locator("#waiting").wait_for()
    clerk.page.locator(".entry.waiting", has_text=REASON).wait_for()
    talk.no_problems()
    assert clerk.problems == []
    engine.dispose()
