"""An official is absent: seen, done and undone by the visible buttons. A day that is too short: one tap at the desk."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from sqlmodel import Session, col, select

from server.accounts.models import User
from server.clock import SystemClock, local_date
from server.database import reading, writing
from server.scheduling.models import ReceptionDay
from server.scheduling.service_free import instant_of
from tests.e2e.fitting import fits
from tests.e2e.house import House
from tests.e2e.people import Person, arrived, database, enrolled, signed_in
from tests.e2e.test_accessibility import no_violations

pytestmark = pytest.mark.browser
MANY, SHORT_TALK = 20, timedelta(minutes=8)
"""More visitors than the rest of the demonstration's day has room for, whatever the hour."""


@pytest.fixture(scope="module")
def clerk(browser: Browser, house: House) -> Iterator[Person]:
    made = signed_in(browser, house, "clerk")
    yield made
    assert made.problems == []


def receptions(db: Session, official: str) -> list[ReceptionDay]:
    """An official's receptions from today on, in order."""
    user = db.exec(select(User).where(User.username == official)).one()
    query = select(ReceptionDay).where(
        ReceptionDay.official_id == user.id,
        ReceptionDay.day >= local_date(SystemClock().now()),
        col(ReceptionDay.cancelled).is_(False),
    )
    return list(db.exec(query.order_by(col(ReceptionDay.day))))


def test_an_absence_is_seen_done_and_undone(house: House, clerk: Person) -> None:
    engine, page = database(house), clerk.page
    with writing(engine) as db:
        day = next(one for one in receptions(db, "official2") if one.day > local_date(SystemClock().now()))
    clerk.go("/absences")
    fits(clerk)
    page.get_by_role("link", name="有领导不能接访").click()
    page.get_by_label("谁不能来").select_option(str(day.official_id))
    page.get_by_label("哪一天", exact=True).fill(day.day.isoformat())
    page.get_by_role("button", name="查看").press("Enter")
    page.locator("#way-move").wait_for()
    fits(clerk)
    page.locator("#way-deputy button").press("Enter")
    page.locator("#preview").wait_for()
    fits(clerk)
    page.get_by_label("原因").fill("生病住院")
    page.get_by_role("button", name="就这样办").press("Enter")
    page.get_by_text("办好了,正在通知每个人。").wait_for()
    fits(clerk)
    with writing(engine) as db:
        assert db.get_one(ReceptionDay, day.id).official_id != day.official_id
    page.get_by_role("button", name="全部撤销").press("Enter")
    page.get_by_text("已经撤销").wait_for()
    with writing(engine) as db:
        assert db.get_one(ReceptionDay, day.id).official_id == day.official_id
    engine.dispose()


def test_who_will_have_no_turn_is_told_in_one_tap(browser: Browser, house: House) -> None:
    engine = database(house)
    desk = signed_in(browser, house, "official")
    with reading(engine) as db:
        ends_at = instant_of(local_date(SystemClock().now()), receptions(db, "official")[0].closes_minute)
    left = ends_at - SystemClock().now()
    for _ in range(MANY + left // SHORT_TALK):
        arrived(engine, official="official")
    desk.go("/desk")
    desk.page.locator("#misses").wait_for()
    assert desk.page.locator(".entry", has_text="今天轮不到").count() >= 1
    no_violations(desk)
    desk.page.get_by_role("button", name="通知他们,另给时间").click()
    desk.page.get_by_text("已经通知,也给了别的时间").wait_for()
    assert desk.page.get_by_role("button", name="通知他们,另给时间").is_hidden()
    assert desk.problems == []
    engine.dispose()


def test_who_sits_at_the_kiosk_when_the_official_goes_is_told_at_once(
    browser: Browser, house: House, clerk: Person
) -> None:
    engine = database(house)
    kiosk = enrolled(browser, house, "LXBB3344")
    number = arrived(engine, official="official3", kiosk=2)
    kiosk.go(f"/kiosk/reception/{number}/talk")
    kiosk.page.locator("#waiting").wait_for()
    with writing(engine) as db:
        day = receptions(db, "official3")[0]
    clerk.go(f"/absences/new?official={day.official_id}&first={day.day}&way=move")
    clerk.page.get_by_role("button", name="就这样办").click()
    clerk.page.get_by_text("办好了,正在通知每个人。").wait_for()
    kiosk.page.locator("#ahead", has_text="领导今天不能接着接访了").wait_for()
    no_violations(kiosk)
    kiosk.page.locator("#changed a").click()
    # What became of the booking: another time, or a place in the line.
    kiosk.page.wait_for_url(re.compile(f"/kiosk/(reception|waitlist)/{number}$"))
    assert kiosk.problems == []
    engine.dispose()
