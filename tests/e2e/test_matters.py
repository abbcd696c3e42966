"""A matter is found among the others by words and by what it is; the choices stay in the address."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import House
from tests.e2e.people import signed_in
from tests.e2e.test_papers import fits

pytestmark = pytest.mark.browser


def test_a_matter_is_found_and_opened(browser: Browser, house: House) -> None:
    clerk = signed_in(browser, house, "clerk")
    page = clerk.page
    page.get_by_role("link", name="查找").click()
    first = page.locator("tbody tr").first
    words = first.locator("[data-label='反映事项']").inner_text()[:2]
    fits(clerk)
    page.get_by_label("编号、姓名或内容").fill(words)
    page.get_by_role("button", name="查找", exact=True).click()
    assert page.get_by_label("编号、姓名或内容").input_value() == words
    assert all(words in one for one in page.locator("[data-label='反映事项']").all_inner_texts())
    page.get_by_label("状态").select_option(label="办理中")
    page.get_by_role("button", name="查找", exact=True).click()
    page.reload()
    assert set(page.locator("[data-label='状态']").all_inner_texts()) <= {"办理中"}
    fits(clerk)
    page.get_by_role("link", name="查看全部").click()
    number = first.get_by_role("link").inner_text()
    first.get_by_role("link").click()
    page.wait_for_url("**/petitions/*")
    assert number in page.inner_text("main")
    assert clerk.problems == []
