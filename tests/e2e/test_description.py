"""The description of the routes in a real browser: complete, and within the strict policy for scripts and styles."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import House
from tests.e2e.people import signed_in

pytestmark = pytest.mark.browser


def test_an_administrator_reads_every_route(browser: Browser, house: House) -> None:
    page = signed_in(browser, house, "administrator").page
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{house.address}/api/docs")
    page.locator(".opblock-summary-path", has_text="/sign-in").first.wait_for()
    described = page.evaluate("fetch('/api/openapi.json').then((answer) => answer.json())")
    assert page.locator(".opblock").count() == sum(len(verbs) for verbs in described["paths"].values())
    assert complaints == []
    assert [address for address in requests if not address.startswith((house.address, "data:", "blob:"))] == []
