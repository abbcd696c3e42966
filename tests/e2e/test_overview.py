"""The administrator walks through weeks and months by mouse and keyboard, and tries a change, as people do."""

import pytest

from tests.e2e.fitting import fits
from tests.e2e.people import PHONE, Person
from tests.e2e.test_accessibility import SIDEWAYS, no_violations

pytestmark = pytest.mark.browser
PAGES = (*(f"/admin/days?view={view}" for view in ("day", "week", "month", "list")), "/admin/planning")
FOCUSED = "document.activeElement.id"


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_accessible_at_the_desk_and_fit_a_phone(administrator: Person, address: str) -> None:
    administrator.go(address)
    fits(administrator)


def test_weeks_and_months_are_walked_by_keys(administrator: Person) -> None:
    page, keys = administrator.page, administrator.page.keyboard
    administrator.go("/admin/days?day=2027-03-03")
    shown = administrator.text("#shown")
    keys.press("PageDown")
    page.wait_for_url("**day=2027-03-08*")
    keys.press("PageUp")
    page.wait_for_url("**day=2027-03-01*")
    assert administrator.text("#shown") == shown
    keys.press("t")
    page.wait_for_url(lambda url: "2027-03" not in url)
    keys.press("ArrowDown")
    first = page.evaluate(FOCUSED)
    keys.press("ArrowDown")
    second = page.evaluate(FOCUSED)
    assert (first[-10:], first != second) == (second[-10:], True)
    for _ in range(7):
        keys.press("ArrowRight")
        page.wait_for_load_state()
    page.wait_for_function("location.hash !== '' && document.activeElement.id.startsWith('c-')")
    assert page.evaluate(FOCUSED)[-10:] > first[-10:]
    keys.press("m")
    page.wait_for_url("**view=month*")
    keys.press("ArrowRight")
    day = page.evaluate(FOCUSED)[-10:]
    no_violations(administrator)
    keys.press("Enter")
    page.wait_for_url(f"**view=day&day={day}*")


def test_a_reception_is_opened_and_added_from_the_week_with_the_filter_kept(administrator: Person) -> None:
    page, keys = administrator.page, administrator.page.keyboard
    administrator.go("/admin/days")
    page.get_by_label("接访领导", exact=True).select_option(index=1)
    page.get_by_role("button", name="查看").click()
    page.wait_for_url("**official=*")
    assert page.locator("table.days tbody tr").count() == 1
    page.get_by_role("link", name="下一周").click()
    page.wait_for_url("**official=*")
    page.locator("table.days td a[href^='/admin/days/']:not(.add)").first.press("Enter")
    page.get_by_role("heading", level=1).get_by_text("·").wait_for()
    page.get_by_role("link", name="全部接访日").click()
    page.locator("td:has(a.add)").first.focus()
    keys.press("Enter")
    page.wait_for_url("**/admin/days/new?*")
    assert page.locator("#day").input_value() != ""


def test_a_change_is_tried_watched_and_read(administrator: Person) -> None:
    page = administrator.page
    administrator.go("/admin/planning")
    page.get_by_label("每周多一天接访的领导").select_option(index=1)
    page.get_by_label("推演多少场").select_option("200")
    page.get_by_label("起始号").fill("7")
    page.get_by_label("起始号").press("Enter")
    page.locator("#trial").wait_for()
    page.get_by_text("当天等候").first.wait_for()
    no_violations(administrator)
    assert page.locator("svg[role=img]").count() == 2
    assert "起始号 7" in administrator.text("#trial")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert page.evaluate(SIDEWAYS) is False
    page.get_by_role("link", name="排班试算").first.click()
    page.get_by_text("完成").first.wait_for()
