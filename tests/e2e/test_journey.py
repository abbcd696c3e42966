"""The whole journey, three people at once in real browsers, through what is visible on the pages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlmodel import select

from server.clock import SystemClock, local_date
from server.database import reading
from server.petitions.models import ReceptionSession
from server.scheduling.models import Booking
from tests.e2e.house import House
from tests.e2e.people import PHONE, Person, Talk, database, enrolled, person, read_back, signed_in, until
from tests.media.packets import decode

pytestmark = pytest.mark.browser
SUMMARY = "家里的房子漏水两年了,找了物业三次没有人管。"
PROMISE = "派人上门查看漏水"
ID_NUMBER = "990101194803150010"


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


def answer_questions(kiosk: Person) -> None:
    """Everything that a booking asks: today without a time, with a photographed paper."""
    page = kiosk.page
    page.locator("a[href='/kiosk/book']").click()
    page.locator("button[value=named]").click()
    page.fill("#answer", "张秀英")
    page.locator("main form button.primary").click()
    for digit in ID_NUMBER:
        page.locator(f"[data-key='{digit}']").click()
    page.locator("main form button.primary").click()
    page.fill("#answer", "13800138000")
    page.locator("main form button.primary").click()
    page.locator("button[value=no]").click()
    page.locator("button[value=request]").click()
    page.locator("button[value=housing]").click()
    page.fill("#answer", SUMMARY)
    page.locator("main form button.primary").click()
    until(lambda: page.locator("video").evaluate("one => one.videoWidth") > 0, "the camera of the papers page")
    page.locator(".photograph button").click()
    until(lambda: page.locator(".papers li").count() == 1, "the paper is kept")
    page.locator("button[value=done]").click()
    page.locator("main form button", has_text="沈永福").click()
    page.locator("button[value$='-walk']").click()


def confirm(kiosk: Person) -> str:
    """See everything once more, and book; the number."""
    assert SUMMARY in kiosk.text("main")
    assert ID_NUMBER not in kiosk.text("main")
    kiosk.page.locator("main form button.primary").click()
    return kiosk.text("#number")


def arrive(kiosk: Person) -> None:
    """Check in, see that the devices work, agree to be recorded."""
    page = kiosk.page
    page.locator(".row .button.primary").click()
    page.locator("form[action$='/check-in'] button").click()
    until(lambda: "good" in (page.locator("#camera-check").get_attribute("class") or ""), "the camera is seen")
    until(lambda: "good" in (page.locator("#microphone-check").get_attribute("class") or ""), "the voice is heard")
    page.locator(".row .button.primary").click()
    page.locator("button[value=yes]").click()
    page.wait_for_url("**/talk")


def write(desk: Person) -> None:
    """Two lines and a promise, by keyboard."""
    page = desk.page
    page.fill("#text", "房子漏水两年了。")
    page.press("#text", "Enter")
    page.press("#text", "F2")
    page.fill("#text", "本周内派人上门查看。")
    page.press("#text", "Enter")
    until(lambda: page.locator("#lines li .text").count() == 2, "both lines")
    page.press("#text", "F4")
    page.fill("#what", PROMISE)
    page.select_option("#promise-unit", label="区住房和城乡建设局")
    page.fill("#person", "李工")
    page.locator("#promise-form button.primary").click()
    until(lambda: PROMISE in desk.text("#promises"), "the promise")


def decide(desk: Person) -> None:
    """No end without an outcome; accepted demands a unit and a day."""
    page = desk.page
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.locator("#ending button.primary").click()
    until(lambda: "请选择" in desk.text("#ending [role=alert]"), "an outcome is demanded")
    page.locator("input[value=accepted]").check()
    page.locator("#ending button.primary").click()
    until(lambda: "单位" in desk.text("#ending [role=alert]"), "a unit is demanded")
    page.fill("#opinion", "由住建局查看并维修。")
    page.select_option("#end-unit", label="区住房和城乡建设局")
    page.fill("#end-due", local_date(SystemClock().now()).replace(month=12, day=31).isoformat())
    page.locator("#ending button.primary").click()


def object_first(kiosk: Person) -> None:
    """Object to the first line, confirm the rest, sign."""
    page = kiosk.page
    page.locator("#wrong").click()
    page.fill("#objection-text", "是三年,不是两年")
    page.locator("#objection button.primary").click()
    read_back(kiosk)


def use_controls(talk: Talk) -> None:
    """A paper, the microphone, the camera; the desk is told."""
    kiosk, desk = talk.kiosk, talk.desk
    kiosk.page.locator("#paper").click()
    until(lambda: desk.page.locator("#papers img").count() == 2, "the paper at the desk")
    for button in ("#microphone", "#camera"):
        kiosk.page.locator(button).click()
        until(lambda: "关了" in desk.text(".other figcaption"), "the desk is told")
        kiosk.page.locator(button).click()
    talk.go_on()


def token_of(engine: Engine, number: str) -> str:
    with reading(engine) as db:
        booking = db.exec(select(Booking).where(Booking.number == number)).one()
        return db.exec(select(ReceptionSession).where(ReceptionSession.booking_id == booking.id)).one().token


def recorded_seconds(engine: Engine, token: str) -> float:
    """How long the recording ran by the server's clock."""
    with reading(engine) as db:
        session = db.exec(select(ReceptionSession).where(ReceptionSession.token == token)).one()
    assert session.recording_started_at is not None
    assert session.signed_at is not None
    return (session.signed_at - session.recording_started_at).total_seconds()


def check_files(house: House, token: str, clock: float) -> None:
    """Both were recorded whole, as long as the clock says."""
    folder = house.data_dir / "sessions" / token
    until(lambda: (folder / "manifest.json").exists(), "the files")
    for seat in ("petitioner", "official"):
        told = decode(folder / f"{seat}.webm", house.recording_key(token))
        assert abs(told.duration - clock) <= max(0.01 * clock, 0.3)
        assert len(told.pictures) > 10 * (clock - 2)
        assert set(told.sizes) <= {(640, 480), (480, 360), (320, 240)}
        assert len(told.loud) > clock / 2
        assert told.sound[-1] > clock - 1


def review(clerk: Person, token: str) -> str:
    """Seek by a click on a line, see both play, approve; the petition's number."""
    page = clerk.page
    clerk.go("/reviews")
    page.locator(f"a[href='/reviews/{token}']").click()
    until(lambda: page.locator("#seats video").count() == 2 or (page.reload() is not None and False), "the player")
    until(lambda: page.evaluate("[...document.querySelectorAll('video')].every(v => v.readyState > 0)"), "loaded")
    line = page.locator("#lines [data-seek]").nth(1)
    wanted = int(line.get_attribute("data-seek") or 0) / 1000
    line.click()
    positions = "[...document.querySelectorAll('#seats video')].map(v => v.currentTime)"
    until(lambda: all(abs(at - wanted) < 0.3 for at in page.evaluate(positions)), "both at the line's instant")
    page.locator("#play").click()
    until(lambda: min(page.evaluate(positions)) > wanted + 1.5, "both play on")
    ours, theirs = page.evaluate(positions)
    assert abs(ours - theirs) < 0.12
    page.locator("#lines summary").first.click()
    page.locator("#lines textarea[name=text]").first.fill("已听录音,是三年。")
    page.locator("#lines form button").first.click()
    until(lambda: "已听录音" in clerk.text("#lines"), "the answer to the objection")
    page.locator("form[action$='/approve'] button").click()
    page.wait_for_url("**/petitions/*")
    found = re.search(r"XF\d{4}-\d{6}", clerk.text("main"))
    assert found is not None
    return found.group()


def test_from_booking_to_the_kept_promise(browser: Browser, house: House, engine: Engine) -> None:
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    clerk = signed_in(browser, house, "clerk")
    answer_questions(kiosk)
    number = confirm(kiosk)
    arrive(kiosk)
    desk.page.locator(f"[data-number='{number}'].waiting").wait_for()
    until(lambda: "人在等" in desk.page.title(), "the tab tells that somebody waits")
    desk.page.locator("#next").click()
    kiosk.page.locator("#ready").click()
    talk = Talk(kiosk, desk, number)
    talk.go_on()
    write(desk)
    until(lambda: kiosk.page.locator("#lines li .text").count() == 2, "the minutes at the kiosk")
    use_controls(talk)
    decide(desk)
    object_first(kiosk)
    code = kiosk.text("#code").replace(" ", "")
    assert kiosk.text("#number") == number
    token = token_of(engine, number)
    check_files(house, token, recorded_seconds(engine, token))
    petition = review(clerk, token)
    handler = signed_in(browser, house, "handler")
    handler.page.get_by_role("link", name=PROMISE).first.click()
    handler.page.fill("#text", "已上门查看,下周施工。")
    handler.page.locator("button[value=yes]").click()
    villager = person(browser, house, PHONE)
    villager.go("/ask")
    villager.page.fill("#number", petition)
    villager.page.fill("#code", code)
    villager.page.locator("main form button.primary").click()
    until(lambda: "区住房和城乡建设局" in villager.text("main"), "the follow-up for the villager")
    for secret in ("张秀英", ID_NUMBER, PROMISE, "已上门查看"):
        assert secret not in villager.text("main")
    talk.no_problems()
    assert [clerk.problems, handler.problems, villager.problems] == [[], [], []]
