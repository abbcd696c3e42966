"""A reception day is cancelled: the kiosk's screen, the phone, the sheet of paper, and the page of what was sent."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlmodel import select

from server.accounts.models import User
from server.clock import SystemClock, local_date
from server.database import reading
from server.scheduling.models import ReceptionDay
from tests.e2e.house import House, open_house
from tests.e2e.people import Person, arrived, database, enrolled, signed_in, until
from tests.notices.post_office import Gateway, open_gateway

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with open_gateway() as made:
        yield made


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, gateway: Gateway) -> Iterator[House]:
    """A house that sends texts, at night too."""
    own = {"LIANXIN_SMS_URL": gateway.url, "LIANXIN_SMS_SECRET": "known", "LIANXIN_QUIET_HOURS": "0:00-0:00"}
    with open_house(tmp_path_factory.mktemp("notices") / "data", **own) as running:
        yield running


def day_of(house: House, official: str) -> int:
    """Today's reception day of an official."""
    engine = database(house)
    with reading(engine) as db:
        query = select(ReceptionDay.id).join(User).where(User.username == official)
        found = db.exec(query.where(ReceptionDay.day == local_date(SystemClock().now()))).one()
    engine.dispose()
    return found or 0


def waits(house: House, official: str, name: str) -> str:
    engine = database(house)
    number = arrived(engine, official=official, name=name)
    engine.dispose()
    return number


def cancel_day(administrator: Person, official: str) -> None:
    administrator.go(f"/admin/days/{day_of(administrator.house, official)}")
    administrator.page.locator("form[action$='/cancel'] button").click()
    administrator.page.wait_for_url("**/admin/days?done=cancelled")


def test_a_cancelled_day_is_told_on_the_screen_by_phone_and_on_paper(
    browser: Browser, house: House, gateway: Gateway
) -> None:
    number = waits(house, "official", "张秀英")
    kiosk = enrolled(browser, house, "LXAA3344")
    kiosk.page.clock.install()
    kiosk.go("/kiosk")
    kiosk.page.wait_for_load_state("networkidle")
    cancel_day(signed_in(browser, house, "administrator"), "official")
    kiosk.page.clock.fast_forward(21_000)
    kiosk.page.locator("#posted-count a").click()
    board = kiosk.page.locator("article", has_text=number)
    board.wait_for()
    assert "张**" in board.inner_text()
    [told] = until(lambda: gateway.about(number), "a text goes out")
    assert told["phone"] == "+8613800138000"
    board.locator("button").click()
    kiosk.page.wait_for_url("**/sheet")
    assert number in kiosk.text(".sheet")
    kiosk.page.locator("main a.button").click()
    kiosk.page.wait_for_url("**/kiosk")
    assert kiosk.problems == []


def test_a_clerk_sees_what_came_of_each_and_sends_again(browser: Browser, house: House, gateway: Gateway) -> None:
    gateway.cut = number = waits(house, "official3", "王一")
    cancel_day(signed_in(browser, house, "administrator"), "official3")
    until(lambda: gateway.about(number), "a text goes out")
    gateway.cut = ""
    clerk = signed_in(browser, house, "clerk")
    until(lambda: _finds(clerk, "state=unsure", number), "it is said that nobody knows")
    clerk.page.select_option("#state", "unsure")
    clerk.page.locator("form.sieve button").click()
    assert "state=unsure" in clerk.page.url
    clerk.page.locator("tbody form button").click()
    clerk.page.wait_for_url("**done=again")
    until(lambda: len(gateway.about(number)) == 2, "it goes out again")
    until(lambda: _finds(clerk, f"q={number}&channel=sms&state=sent", "138****8000"), "it was sent")
    assert clerk.problems == []


def _finds(clerk: Person, query: str, words: str) -> bool:
    clerk.go(f"/notices?{query}")
    return words in clerk.text("main")
