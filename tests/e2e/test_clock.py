"""Times on live pages are the district's, whatever zone a machine was set to."""

import pytest
from playwright.sync_api import Browser

from server.clock import DISTRICT_ZONE
from tests.e2e.house import House

pytestmark = pytest.mark.browser


def test_a_machine_set_to_another_zone_shows_the_hour_of_the_district(browser: Browser, house: House) -> None:
    context = browser.new_context(timezone_id="America/New_York", locale="en-US")
    page = context.new_page()
    page.goto(f"{house.address}/sign-in")
    shown = page.evaluate(
        """async (instants) => {
          const { clock } = await import("/static/js/session/words.js");
          return [document.documentElement.dataset.zone, ...instants.map((one) => clock(one))];
        }""",
        ["2026-11-25T00:00:00+00:00", "2026-11-25T16:05:00+00:00", "2026-11-25T05:40:00+00:00"],
    )
    context.close()
    assert shown == [DISTRICT_ZONE.key, "8:00", "0:05", "13:40"]
