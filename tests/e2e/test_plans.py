"""The administrator makes a plan, sees what it means, publishes it, and the list says so: through what is visible."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.fitting import fits
from tests.e2e.house import House
from tests.e2e.people import PHONE, Person, person
from tests.e2e.test_accessibility import SIDEWAYS, no_violations

pytestmark = pytest.mark.browser
PAGES = ("/admin/plans", "/admin/plans/new", "/admin/calendar", "/admin/calendar/2026", "/admin/calendar/2027/edit")


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_accessible_at_the_desk_and_fit_a_phone(administrator: Person, address: str) -> None:
    administrator.go(address)
    fits(administrator)


def test_a_plan_is_made_with_the_keyboard_seen_published_and_stands_in_the_list(
    browser: Browser, house: House, administrator: Person
) -> None:
    page = administrator.page
    administrator.go("/admin/plans")
    page.get_by_role("link", name="新做计划").click()
    page.get_by_label("接访领导", exact=True).select_option(index=2)
    official = page.locator("#official_id option:checked").inner_text().split()[0]
    page.get_by_label("怎样重复").select_option("month_day")
    page.get_by_label("每月哪几日").focus()
    page.keyboard.type("13、27")
    page.get_by_label("从", exact=True).fill("8:05")
    page.keyboard.press("Enter")
    page.locator("#effects").wait_for()
    assert "半年内有" in administrator.text("#counted")
    no_violations(administrator)
    page.get_by_role("button", name="存为草稿").press("Enter")
    page.get_by_role("link", name="公布", exact=True).click()
    assert "新增" in administrator.text("#counted")
    no_violations(administrator)
    page.get_by_role("button", name="公布").press("Enter")
    page.get_by_text("计划已公布,可以预约了。").wait_for()
    no_violations(administrator)
    anybody = person(browser, house, PHONE)
    anybody.go("/receptions")
    row = anybody.page.locator("tr", has_text="8:05").first
    assert official in row.inner_text()
    no_violations(anybody)
    assert anybody.page.evaluate(SIDEWAYS) is False
