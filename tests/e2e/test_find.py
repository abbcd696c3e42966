"""A free time is found, held, changed and given back: through what is visible, at the kiosk, the desk and a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.house import House
from tests.e2e.people import PHONE, Person, enrolled, person, signed_in
from tests.e2e.test_accessibility import SIDEWAYS, no_violations
from tests.e2e.test_kiosk import LEAST_TARGET

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kiosk(browser: Browser, house: House) -> Iterator[Person]:
    made = enrolled(browser, house, "LXAA3344")
    yield made
    assert made.problems == []


def looks_right(one: Person, *, finger: bool = True) -> None:
    no_violations(one)
    if finger:
        assert one.page.evaluate(LEAST_TARGET) >= 60


def fits_a_phone(one: Person) -> None:
    before = one.page.viewport_size
    one.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert one.page.evaluate(SIDEWAYS) is False
    if before is not None:
        one.page.set_viewport_size(before)


def press(page: Page, value: str) -> None:
    page.locator(f"#answer button[value='{value}']").click()


def report(page: Page) -> None:
    """Everything that is asked of somebody who reports an official and stays anonymous."""
    page.get_by_role("link", name="预约谈话").click()
    press(page, "anonymous")
    press(page, "yes")
    press(page, "accusation")


def test_who_reports_an_official_never_meets_them_and_changes_and_cancels_at_home(
    browser: Browser, house: House, kiosk: Person
) -> None:
    page = kiosk.page
    kiosk.go("/kiosk")
    report(page)
    looks_right(kiosk)
    fits_a_phone(kiosk)
    accused = page.locator("label.choice").first
    name = accused.locator("strong").inner_text()
    accused.click()
    page.get_by_role("button", name="继续").click()
    press(page, "housing")
    page.fill("#answer", "有人收了钱不办事")
    page.get_by_role("button", name="下一步").click()
    press(page, "done")
    page.get_by_text("您想和谁谈").wait_for()
    assert name not in kiosk.text("main")
    press(page, "any")
    page.locator(".days .button").nth(3).click()
    chosen = page.locator(".times button").first
    when = chosen.inner_text()
    looks_right(kiosk)
    chosen.click()
    assert "一直为您留着" in kiosk.text("#held")
    looks_right(kiosk)
    page.get_by_role("button", name="对,就这样预约").click()
    number, code = kiosk.text("#number"), kiosk.text("#code")
    assert when in kiosk.text("main")
    looks_right(kiosk)
    at_home(browser, house, number, code)


def at_home(browser: Browser, house: House, number: str, code: str) -> None:
    """With the photograph of the last page, on a phone."""
    one = person(browser, house, PHONE)
    page = one.page
    one.go("/ask")
    page.get_by_label("编号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查进展").click()
    no_violations(one)
    page.get_by_role("button", name="换个时间").click()
    no_violations(one)
    assert page.evaluate(SIDEWAYS) is False
    page.get_by_role("button", name="也看看其他领导的时间").click()
    chosen = page.locator("#times button").last
    when = chosen.inner_text().split()[0]
    chosen.click()
    page.locator("#changed").wait_for()
    assert when in one.text("main")
    page.get_by_role("button", name="取消预约").click()
    no_violations(one)
    assert page.evaluate(SIDEWAYS) is False
    page.get_by_role("button", name="取消:事情已经解决了").click()
    assert "撤回" in one.text("#state")
    assert one.problems == []


def test_a_clerk_searches_by_keyboard_and_begins_with_what_was_found(browser: Browser, house: House) -> None:
    clerk = signed_in(browser, house, "clerk")
    page = clerk.page
    clerk.go("/kiosk/free")
    looks_right(clerk)
    fits_a_phone(clerk)
    soonest = page.locator("#found button").first.inner_text()
    page.get_by_label("单位").select_option(index=1)
    page.get_by_label("不早于").press("Enter")
    page.wait_for_url("**unit=*")
    page.get_by_role("button", name="查询").press("Enter")
    assert page.locator("#found").inner_text() != ""
    clerk.go("/kiosk/free")
    assert page.locator("#found button").first.inner_text() == soonest
    page.locator("#found button").first.press("Enter")
    page.wait_for_url("**/kiosk/book/point_id")
    page.goto(f"{house.address}/kiosk/book")
    page.get_by_role("button", name="不是,重新开始").click()
    assert clerk.problems == []
