"""The kiosk in front of somebody who is slow, goes away, or does not read."""

import re

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import House
from tests.e2e.people import Person, arrived, database, enrolled, until
from tests.e2e.test_journey import SUMMARY, answer_questions

pytestmark = pytest.mark.browser
LEAST_TARGET = """() => Math.min(...[...document.querySelectorAll("a, button")].filter((one) => one.offsetParent)
  .map((one) => one.getBoundingClientRect().height))"""
CHINESE_VOICE = """
window.heard = [];
const speak = (one) => window.heard.push(one.text);
const said = { getVoices: () => [{ lang: "zh-CN" }], speak, cancel() {}, addEventListener() {} };
Object.defineProperty(window, "speechSynthesis", { value: said });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


@pytest.fixture(scope="module")
def kiosk(browser: Browser, house: House) -> Person:
    return enrolled(browser, house, "LXAA3344")


def test_every_target_of_the_last_look_fits_a_finger_and_idle_time_asks_before_it_leaves(kiosk: Person) -> None:
    answer_questions(kiosk)
    assert kiosk.page.evaluate(LEAST_TARGET) >= 60
    kiosk.page.clock.install()
    kiosk.go("/kiosk/book/summary")
    kiosk.page.clock.fast_forward(121_000)
    asked = kiosk.page.locator(".still-there button")
    asked.click()
    assert kiosk.page.locator(".still-there").count() == 0
    kiosk.page.clock.fast_forward(121_000)
    asked.wait_for()
    kiosk.page.clock.fast_forward(61_000)
    kiosk.page.wait_for_url("**/kiosk")
    kiosk.go("/kiosk/book/summary")
    assert kiosk.page.input_value("#answer") == SUMMARY


def test_the_question_of_consent_is_read_aloud_by_itself(browser: Browser, house: House) -> None:
    one = enrolled(browser, house, "LXBB3344")
    one.page.add_init_script(CHINESE_VOICE)
    engine = database(house)
    one.go(f"/kiosk/reception/{arrived(engine, official='official', kiosk=2)}/consent")
    engine.dispose()
    until(lambda: "可以给谈话录像吗?" in "".join(one.page.evaluate("heard")), "it is read")
    yes, no = (one.page.locator(f"button[value={key}]").bounding_box() for key in ("yes", "no"))
    assert yes is not None
    assert no is not None
    assert (yes["width"], yes["height"], yes["y"]) == (no["width"], no["height"], no["y"])


def test_who_waits_reads_how_long_when_to_be_back_and_why(kiosk: Person, house: House) -> None:
    engine = database(house)
    numbers = [arrived(engine, official="official3", name=name) for name in ("王一", "王二", "王三")]
    engine.dispose()
    kiosk.go(f"/kiosk/reception/{numbers[-1]}/talk")
    until(lambda: "您前面还有" in kiosk.page.inner_text("#ahead"), "the place is told")
    assert re.search(r"大约再等 \d+ 到 \d+ 分钟", kiosk.page.inner_text("#wait"))
    assert re.search(r"请大约 \d+:\d\d 回来", kiosk.page.inner_text("#back"))
    assert re.fullmatch(r"没有约时间,\d+:\d\d 到的.+年老,提前 30 分钟", kiosk.page.inner_text("#why"))
