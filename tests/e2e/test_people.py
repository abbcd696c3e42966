"""Other people and other machines: a third participant, a recorder, a kiosk that may not or cannot use its camera."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from tests.e2e.house import House
from tests.e2e.people import Person, Talk, arrived, begin, database, end, enrolled, invited, signed_in, until

pytestmark = pytest.mark.browser
WITHOUT_CAMERA = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) =>
  wanted.video ? Promise.reject(new DOMException("no camera", "NotFoundError")) : real(wanted);
"""


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def kiosk(browser: Browser, house: House) -> Person:
    return enrolled(browser, house, "LXAA3344")


@pytest.fixture(scope="module")
def desk(browser: Browser, house: House) -> Person:
    return signed_in(browser, house, "official")


def sees_two(one: Person) -> None:
    """Two others, both with a picture."""
    videos = "[...document.querySelectorAll('.other video')].filter((one) => one.videoWidth > 0).length"
    until(lambda: one.page.evaluate(videos) == 2, "two pictures")


def test_a_third_participant_is_called_in(
    browser: Browser, house: House, kiosk: Person, desk: Person, engine: Engine
) -> None:
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    guest = invited(browser, house, desk)
    guest.page.locator("#join").click()
    guest.is_connected()
    until(lambda: guest.page.locator(".other").count() == 2, "two others for the guest")
    for one in (kiosk, desk):
        sees_two(one)
    talk.go_on()
    guest.sees_and_hears()
    guest.page.locator("#leave").click()
    end(talk)
    assert guest.problems == []
    talk.no_problems()


def test_a_clerk_writes_the_minutes_for_the_official(
    browser: Browser, house: House, kiosk: Person, desk: Person, engine: Engine
) -> None:
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    clerk = signed_in(browser, house, "clerk")
    clerk.go("/desk")
    clerk.page.locator("a.card", has_text="沈永福").click()
    clerk.sees_and_hears()
    clerk.page.fill("#text", "记录员写下的一条")
    clerk.page.press("#text", "Enter")
    until(lambda: "记录员写下的一条" in kiosk.text("#lines"), "the line for the visitor")
    until(lambda: "记录员写下的一条" in desk.text("#lines"), "the line for the official")
    talk.go_on()
    end(talk)
    assert clerk.problems == []


def test_a_refused_camera_is_explained_and_the_talk_goes_on(
    strict_browser: Browser, house: House, desk: Person, engine: Engine
) -> None:
    refused = enrolled(strict_browser, house, "LXBB3344", may_use_devices=False)
    number = arrived(engine, official="official", kiosk=2)
    refused.go(f"/kiosk/reception/{number}/check")
    until(lambda: "不让用摄像头" in refused.text("#camera-check"), "the camera check says so")
    refused.go(f"/kiosk/reception/{number}/talk")
    until(lambda: "不让用摄像头和话筒" in refused.text("#problem"), "what to do is said")
    assert refused.page.locator("#again").is_visible()
    desk.go("/desk")
    desk.page.locator(f"[data-number='{number}'] [data-action='admit']").click()
    refused.page.locator("#ready").click()
    refused.sees_and_hears()
    until(lambda: "摄像头关了" in desk.text(".other figcaption"), "the desk is told")
    end(Talk(refused, desk, number))
    assert refused.problems == []


def test_a_kiosk_without_a_camera_is_heard(browser: Browser, house: House, desk: Person, engine: Engine) -> None:
    deaf = enrolled(browser, house, "LXCC3344")
    deaf.page.context.add_init_script(WITHOUT_CAMERA)
    number = arrived(engine, official="official", kiosk=3)
    deaf.go(f"/kiosk/reception/{number}/talk")
    until(lambda: "没有摄像头" in deaf.text("#problem"), "it is said")
    desk.go("/desk")
    desk.page.locator(f"[data-number='{number}'] [data-action='admit']").click()
    deaf.page.locator("#ready").click()
    deaf.sees_and_hears()
    before = desk.heard()["sound"]
    until(lambda: desk.heard()["sound"] > before, "sound at the desk")
    talk = Talk(deaf, desk, number)
    end(talk)
    talk.no_problems()


def test_two_kiosks_want_the_same_time(browser: Browser, house: House) -> None:
    first, second = enrolled(browser, house, "LXDD3344"), signed_in(browser, house, "agent")
    for one in (first, second):
        one.go("/kiosk/book")
        page = one.page
        page.locator("button[value=anonymous]").click()
        if page.locator("button[value=no]").count():
            page.locator("button[value=no]").click()
        page.locator("button[value=request]").click()
        page.locator("button[value=housing]").click()
        page.fill("#answer", "想问房子的事。")
        page.locator("main form button.primary").click()
        page.locator("button[value=done]").click()
        page.locator("main form button", has_text="沈永福").click()
        page.locator(".days a").nth(1).click()
        page.locator(".times button").first.wait_for()
    for one in (first, second):
        one.page.locator(".times button").first.click()
    until(lambda: "刚被别人约了" in second.text("main"), "told what happened")
    second.page.locator("#answer .choices button").first.click()
    assert "想问房子的事。" in second.text("main")
    second.page.locator("main form button.primary").click()
    second.page.locator("#number").wait_for()
    first.page.locator("main form button.primary").click()
    first.page.locator("#number").wait_for()
    assert first.text("#number") != second.text("#number")
    assert [first.problems, second.problems] == [[], []]
