"""The people of the end-to-end tests: each a real browser, used through what is visible on its pages."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import Engine
from sqlmodel import select

from server.accounts.models import User
from server.accounts.roles import Actor, Role
from server.clock import SystemClock, local_date
from server.database import make_engine, writing
from server.demonstration.seed import PASSWORD
from server.petitions.service_booking import Matter, Who, book_matter
from server.places.models import Kiosk
from server.scheduling.models import ReceptionDay
from server.scheduling.service_list import check_in, give_consent
from server.sealing import Sealer, use_sealer
from server.settings import DEMONSTRATION_SECRET
from tests.e2e.house import House

T = TypeVar("T")
PATIENCE = 30.0
KIOSK, DESK, PHONE = {"width": 1280, "height": 800}, {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WATCH = """
window.connections = [];
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...told) { super(...told); window.connections.push(this); }
};
"""
HEARD = """(async () => {
  const sum = { frames: 0, sound: 0, bytes: 0 };
  for (const one of window.connections.filter((each) => each.connectionState === "connected"))
    for (const report of (await one.getStats()).values()) if (report.type === "inbound-rtp") {
      sum.bytes += report.bytesReceived;
      if (report.kind === "video") sum.frames += report.framesDecoded ?? 0;
      else sum.sound += report.totalAudioEnergy ?? 0;
    }
  return sum;
})()"""


def until(true: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """Ask until it is so; what came of it."""
    end = time.monotonic() + patience
    while not (found := true()):
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.03)
    return found


class Seat:
    """A page with a seat in a talk, in whatever browser."""

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page, awaited."""
        raise NotImplementedError

    def state(self) -> str:
        """What the one place says of how things stand."""
        return str(self.evaluate("document.getElementById('state')?.dataset.state"))

    def says(self, state: str, patience: float = PATIENCE) -> None:
        """Wait for the one place that says how things stand."""
        until(lambda: self.state() == state, f"state {state}", patience)

    def is_connected(self, patience: float = PATIENCE) -> None:
        """Wait until the page says that the talk goes on; on a busy machine its line is weak, and rightly called so."""
        until(lambda: self.state() in {"fine", "weak"}, "connected", patience)

    def notices(self) -> None:
        """Wait until the page says that something is not as it should be."""
        until(lambda: self.state() not in {"fine", "weak"}, "noticed")

    def heard(self) -> dict[str, float]:
        """Decoded frames, sound energy and bytes that came in over the connections of this page."""
        found: dict[str, float] = self.evaluate(HEARD)
        return found

    def sees_and_hears(self, patience: float = PATIENCE, *, sound: bool = True) -> None:
        """Wait until more frames are decoded, and sound that is not silence."""
        before = self.heard()

        def more() -> bool:
            now = self.heard()
            anew = now["frames"] < before["frames"]  # a connection was replaced and counts from nothing
            heard = not sound or now["sound"] != before["sound"]
            return heard and now["frames"] >= (0 if anew else before["frames"]) + 10

        until(more, "frames and sound", patience)


@dataclass
class Person(Seat):
    """Somebody at a browser. ``problems`` are errors of the page itself."""

    page: Page
    house: House
    problems: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        """Open a page of the house."""
        self.page.goto(f"{self.house.address}{address}")

    def evaluate(self, expression: str) -> Any:
        """See Seat."""
        return self.page.evaluate(expression)

    def text(self, selector: str) -> str:
        """What stands somewhere."""
        return self.page.locator(selector).inner_text()


def person(browser: Browser, house: House, viewport: dict[str, int], *, camera: bool = True) -> Person:
    """A fresh browser in front of the house."""
    permissions = ["camera", "microphone"] if camera else []
    context: BrowserContext = browser.new_context(
        viewport={"width": viewport["width"], "height": viewport["height"]}, locale="zh-CN", permissions=permissions
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    made = Person(page, house)
    page.on("pageerror", lambda error: made.problems.append(str(error)))
    return made


def signed_in(browser: Browser, house: House, username: str, viewport: dict[str, int] = DESK) -> Person:
    """A member of staff who has signed in."""
    made = person(browser, house, viewport)
    made.go("/sign-in")
    made.page.fill("#username", username)
    made.page.fill("#password", PASSWORD)
    made.page.locator("main button.primary").click()
    made.page.wait_for_url(lambda address: "/sign-in" not in address)
    return made


def enrolled(browser: Browser, house: House, code: str, *, may_use_devices: bool = True) -> Person:
    """A kiosk that was set up with its one-time code."""
    made = person(browser, house, KIOSK, camera=may_use_devices)
    made.go("/kiosk/enrol")
    made.page.fill("#code", code)
    made.page.locator("form[action='/kiosk/enrol'] button").click()
    made.page.wait_for_url("**/kiosk")
    return made


def database(house: House) -> Engine:
    """The database of the running house."""
    use_sealer(Sealer.from_secret(DEMONSTRATION_SECRET))
    return make_engine(house.database_address)


def arrived(engine: Engine, *, official: str, kiosk: int = 1, consent: bool = True, name: str = "张秀英") -> str:
    """A visitor without a booking who has checked in at the n-th kiosk of the district; the number."""
    now = SystemClock().now()
    with writing(engine) as db:
        row = db.get_one(Kiosk, kiosk)
        actor = Actor(role=Role.KIOSK, id=row.id or 0, name=row.name, point_id=row.point_id)
        user = db.exec(select(User).where(User.username == official)).one()
        day = db.exec(
            select(ReceptionDay).where(ReceptionDay.official_id == user.id, ReceptionDay.day == local_date(now))
        ).one()
        booked = book_matter(
            db,
            actor=actor,
            now=now,
            who=Who(name=name, id_number="990101194803150010", phone="13800138000"),
            matter=Matter(purpose="request", content="housing", summary="房子漏水,找了物业三次没人管。"),
            reception_day_id=day.id or 0,
            slot=None,
            point_id=row.point_id,
            request_key=f"{name} {now.isoformat()}",
        )
        number = booked.booking.number
        check_in(db, actor=actor, now=now, number=number)
        give_consent(db, actor=actor, now=now, number=number, consent=consent)
    return number


@dataclass
class Talk:
    """A visitor and an official in a running talk."""

    kiosk: Person
    desk: Person
    number: str

    def go_on(self, patience: float = PATIENCE) -> None:
        """Both see and hear each other."""
        self.kiosk.is_connected(patience)
        self.desk.is_connected(patience)
        self.kiosk.sees_and_hears(patience)
        self.desk.sees_and_hears(patience)

    def no_problems(self) -> None:
        """Neither page broke."""
        assert self.kiosk.problems == []
        assert self.desk.problems == []


def begin(kiosk: Person, desk: Person, number: str) -> Talk:
    """Wait, be admitted, see and hear each other."""
    kiosk.go(f"/kiosk/reception/{number}/talk")
    desk.go("/desk")
    desk.page.locator(f"[data-number='{number}'] [data-action='admit']").click()
    kiosk.page.locator("#ready").click()
    talk = Talk(kiosk, desk, number)
    talk.go_on()
    return talk


def invited(browser: Browser, house: House, desk: Person, *, role: str = "interpreter", name: str = "王译员") -> Person:
    """Somebody who has opened an invitation into the talk."""
    invite(desk, role=role, name=name)
    address = desk.page.locator("#invited strong")
    address.wait_for()
    guest = person(browser, house, DESK)
    guest.page.goto(address.inner_text())
    return guest


def invite(desk: Person, *, role: str, name: str) -> None:
    """Ask for an address for somebody."""
    desk.page.locator("#invite").click()
    desk.page.select_option("#guest-role", role)
    desk.page.fill("#guest-name", name)
    desk.page.locator("#invitation button.primary").click()


def end(talk: Talk) -> None:
    """Decide, read back, sign."""
    answer(talk.desk)
    read_back(talk.kiosk)


def answer(desk: Person) -> None:
    """Decide: answered on the spot."""
    page = desk.page
    if page.locator("#ending").is_hidden():
        page.locator("#end").click()
    page.locator("input[value=answered]").check()
    page.fill("#opinion", "当场说明了政策")
    page.locator("#ending button.primary").click()


def read_back(kiosk: Person) -> None:
    """Say that every line is right, and sign with the mouse."""
    right, pad = kiosk.page.locator("#right"), kiosk.page.locator("#pad")
    until(lambda: right.is_visible() or pad.is_visible(), "read-back")
    while right.is_visible():
        before = kiosk.text("#read-place")
        right.click()
        until(lambda was=before: pad.is_visible() or kiosk.text("#read-place") != was, "next line")  # type: ignore[misc]
    sign(kiosk)


def sign(kiosk: Person) -> None:
    """Draw a signature and hand it in."""
    pad = kiosk.page.locator("#pad")
    pad.wait_for()
    box = pad.bounding_box()
    assert box is not None
    mouse = kiosk.page.mouse
    mouse.move(box["x"] + 80, box["y"] + 60)
    mouse.down()
    for step in range(30):
        mouse.move(box["x"] + 80 + step * 12, box["y"] + 60 + (step % 5) * 25)
    mouse.up()
    kiosk.page.locator("#signed").click()
    kiosk.page.wait_for_url("**/slip")
