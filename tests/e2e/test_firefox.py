"""Two kinds of browser in one talk: the villager's is Firefox ESR, the official's Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.firefox import FirefoxPage, firefox
from tests.e2e.house import House
from tests.e2e.people import Person, answer, arrived, database, signed_in, until
from tests.e2e.test_journey import recorded_seconds, token_of
from tests.media.packets import decode

pytestmark = pytest.mark.browser
SIGNATURE = [(-200 + step * 12, -40 + (step % 5) * 20) for step in range(30)]


@pytest.fixture
def villager(tmp_path_factory: pytest.TempPathFactory, house: House) -> Iterator[FirefoxPage]:
    with firefox(tmp_path_factory.mktemp("firefox"), house) as running:
        running.go("/kiosk/enrol")
        running.fill("#code", "LXAA3344")
        running.click("form[action='/kiosk/enrol'] button")
        until(lambda: running.evaluate("location.pathname") == "/kiosk", "the kiosk is set up")
        yield running


def see_and_hear_each_other(villager: FirefoxPage, desk: Person) -> None:
    for one in (villager, desk):
        one.is_connected()
        one.sees_and_hears()


def read_back(villager: FirefoxPage) -> None:
    """Say that the one line is right, and sign."""
    villager.click("#right")
    until(lambda: villager.is_visible("#pad"), "the pad")
    villager.draw("#pad", SIGNATURE)
    villager.click("#signed")
    until(lambda: str(villager.evaluate("location.pathname")).endswith("/slip"), "the slip")


def test_a_villager_in_firefox_talks_with_an_official_in_chromium(
    browser: Browser, house: House, villager: FirefoxPage
) -> None:
    engine, desk = database(house), signed_in(browser, house, "official")
    number = arrived(engine, official="official")
    villager.go(f"/kiosk/reception/{number}/talk")
    desk.go("/desk")
    desk.page.locator(f"[data-number='{number}'] [data-action='admit']").click()
    villager.click("#ready")
    see_and_hear_each_other(villager, desk)
    villager.command("browsingContext.reload", context=villager.context, wait="complete")
    see_and_hear_each_other(villager, desk)
    desk.page.fill("#text", "房子漏水两年了。")
    desk.page.press("#text", "Enter")
    until(
        lambda: "漏水" in villager.evaluate("document.getElementById('lines').innerText"), "the line for the villager"
    )
    answer(desk)
    read_back(villager)
    token = token_of(engine, number)
    clock = recorded_seconds(engine, token)
    folder = house.data_dir / "sessions" / token
    until(lambda: (folder / "manifest.json").exists(), "the files")
    for seat in ("petitioner", "official"):
        told = decode(folder / f"{seat}.webm", house.recording_key(token))
        assert abs(told.duration - clock) <= max(0.01 * clock, 0.3)
        assert len(told.pictures) > 20
        assert told.loud
    assert [villager.problems, desk.problems] == [[], []]
    engine.dispose()
