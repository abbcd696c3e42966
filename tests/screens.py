"""``make screens``: pictures of every page in docs/screens/, taken from the real product."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import CHROMIUM, FLAGS, MAY_USE_DEVICES
from tests.e2e.house import ROOT, House, open_house
from tests.e2e.people import (
    DESK,
    KIOSK,
    PHONE,
    Person,
    arrived,
    begin,
    database,
    enrolled,
    invited,
    person,
    sign,
    signed_in,
    until,
)
from tests.e2e.test_journey import answer_questions, confirm, decide, token_of, write

FOLDER = ROOT / "docs" / "screens"
SIZES = {"kiosk": KIOSK, "desk": DESK, "phone": PHONE}


ADMINISTRATION = (
    "",
    *("/points", "/points/new", "/points/1", "/points/1/close"),
    *("/units", "/units/new", "/units/1"),
    *("/people", "/people/new", "/people/1"),
    *("/days", "/days?view=month", "/days?view=day", "/days?view=list", "/days/new", "/days/1", "/waits", "/planning"),
    *("/plans", "/plans/new", "/plans/1", "/plans/3/state/publish", "/feeds"),
    *("/calendar", "/calendar/2026", "/calendar/2027/edit"),
    "/recordings",
)


class Camera:
    """Takes pictures of a page in the sizes in which it is used."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)

    def take(self, one: Person, name: str, *sizes: str) -> None:
        """Photograph what the page shows now."""
        before = one.page.viewport_size
        for size in sizes:
            view = SIZES[size]
            one.page.set_viewport_size({"width": view["width"], "height": view["height"]})
            one.page.wait_for_timeout(150)
            one.page.screenshot(path=FOLDER / f"{name}-{size}.jpg", type="jpeg", quality=72)
        if before is not None:
            one.page.set_viewport_size(before)


def public_pages(camera: Camera, browser: Browser, house: House) -> None:
    """What anybody sees."""
    anybody = person(browser, house, DESK)
    for name, address in (
        ("start", "/"),
        ("sign-in", "/sign-in"),
        ("ask", "/ask"),
        ("receptions", "/receptions"),
        ("enrol", "/kiosk/enrol"),
    ):
        anybody.go(address)
        camera.take(anybody, name, "desk", "phone")


QUESTIONS = (
    "who",
    "name",
    "id_number",
    "phone",
    "private",
    "purpose",
    "content",
    "summary",
    "papers",
    "wanted",
    "slot",
)


def kiosk_pages(camera: Camera, kiosk: Person) -> str:
    """Home, every question of a booking, arriving; the number booked."""
    camera.take(kiosk, "kiosk-home", "kiosk", "phone")
    answer_questions(kiosk)
    for word in (*QUESTIONS, "check"):
        kiosk.go(f"/kiosk/book/{word}")
        kiosk.page.wait_for_timeout(600 if word == "papers" else 0)
        camera.take(kiosk, f"book-{word.replace('_', '-')}", "kiosk")
    number = confirm(kiosk)
    camera.take(kiosk, "booked", "kiosk", "phone")
    for name, address in (
        ("receptions", "/kiosk/reception"),
        ("notices-here", "/kiosk/notices"),
        ("reception", f"/kiosk/reception/{number}"),
        ("another-time", f"/kiosk/reception/{number}/times"),
        ("cancel", f"/kiosk/reception/{number}/cancel"),
        ("find-time", "/kiosk/free"),
        ("devices", f"/kiosk/reception/{number}/check"),
        ("consent", f"/kiosk/reception/{number}/consent"),
    ):
        kiosk.go(address)
        if name == "devices":
            until(lambda: "good" in (kiosk.page.locator("#microphone-check").get_attribute("class") or ""), "heard")
        camera.take(kiosk, name, "kiosk")
    return number


def talk_pages(camera: Camera, browser: Browser, house: House, kiosk: Person, number: str) -> str:
    """Waiting, both sides of the talk, ending, read-back, signature, slip; the session's token."""
    desk, engine = signed_in(browser, house, "official"), database(house)
    kiosk.go(f"/kiosk/reception/{number}")
    kiosk.page.locator("form[action$='/check-in'] button").click()
    kiosk.go(f"/kiosk/reception/{number}/consent")
    kiosk.page.locator("button[value=yes]").click()
    arrived(engine, official="official", kiosk=2)
    kiosk.page.wait_for_timeout(800)
    camera.take(kiosk, "waiting", "kiosk")
    camera.take(desk, "desk-list", "desk", "phone")
    begin(kiosk, desk, number)
    write(desk)
    kiosk.page.locator("#paper").click()
    until(lambda: desk.page.locator("#papers img").count() == 2, "papers")
    camera.take(kiosk, "talk", "kiosk")
    camera.take(desk, "session", "desk")
    guest = invited(browser, house, desk)
    desk.page.keyboard.press("Escape")
    camera.take(guest, "join", "desk", "phone")
    decide(desk)
    until(lambda: kiosk.page.locator("#right").is_visible(), "read-back")
    camera.take(kiosk, "read-back", "kiosk")
    camera.take(desk, "desk-read-back", "desk")
    while kiosk.page.locator("#right").is_visible():
        kiosk.page.locator("#right").click()
        kiosk.page.wait_for_timeout(300)
    camera.take(kiosk, "signature", "kiosk")
    sign(kiosk)
    camera.take(kiosk, "slip", "kiosk", "phone")
    code = kiosk.text("#code")
    kiosk.go("/ask")
    kiosk.page.fill("[name=number]", number)
    kiosk.page.fill("[name=code]", code)
    kiosk.page.locator("form[action='/ask'] button").click()
    camera.take(kiosk, "answer", "kiosk", "phone")
    token = token_of(engine, number)
    until(lambda: (house.data_dir / "sessions" / token / "manifest.json").exists(), "files")
    engine.dispose()
    return token


def staff_pages(camera: Camera, browser: Browser, house: House, token: str) -> None:
    """Reviews, follow-ups, the petition, the own account, returned minutes."""
    clerk = signed_in(browser, house, "clerk")
    for name, address in (
        ("reviews", "/reviews"),
        ("choose-list", "/desk"),
        ("notices", "/notices"),
        ("review", f"/reviews/{token}"),
    ):
        clerk.go(address)
        clerk.page.wait_for_timeout(800 if name == "review" else 0)
        camera.take(clerk, name, "desk", "phone")
    clerk.page.locator("form[action$='/approve'] button").click()
    clerk.page.wait_for_url("**/petitions/*")
    camera.take(clerk, "petition", "desk", "phone")
    handler = signed_in(browser, house, "handler")
    camera.take(handler, "follow-ups", "desk", "phone")
    handler.page.locator("tbody a").first.click()
    camera.take(handler, "follow-up", "desk", "phone")
    handler.go("/account")
    camera.take(handler, "account", "desk", "phone")
    official = signed_in(browser, house, "official")
    official.go("/returned")
    camera.take(official, "returned", "desk", "phone")
    official.page.locator("main a[href^='/returned/']").first.click()
    camera.take(official, "returned-one", "desk", "phone")


def setting_up_pages(camera: Camera, browser: Browser, house: House) -> None:
    """Administration and audit."""
    administrator = signed_in(browser, house, "administrator")
    for name in ADMINISTRATION:
        administrator.go(f"/admin{name}")
        camera.take(administrator, f"admin{name.replace('/', '-').replace('?view=', '-')}", "desk", "phone")
    administrator.go("/api/docs")
    administrator.page.locator(".opblock").first.wait_for()
    camera.take(administrator, "api-docs", "desk")
    auditor = signed_in(browser, house, "auditor")
    auditor.go("/audit")
    camera.take(auditor, "audit", "desk", "phone")
    auditor.page.locator("form[action='/audit/check'] button").click()
    camera.take(auditor, "audit-checked", "desk", "phone")


def main() -> int:
    """Take all pictures anew."""
    camera = Camera()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_house(Path(folder) / "data") as house,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, MAY_USE_DEVICES])
        public_pages(camera, browser, house)
        kiosk = enrolled(browser, house, "LXAA3344")
        token = talk_pages(camera, browser, house, kiosk, kiosk_pages(camera, kiosk))
        staff_pages(camera, browser, house, token)
        setting_up_pages(camera, browser, house)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
