"""The check of a kiosk in a real browser: through the engine and back, without a camera, and where UDP is blocked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlmodel import col, select

from server.database import reading
from server.places.models import ReadinessCheck
from tests.e2e.house import House
from tests.e2e.people import Person, arrived, database, enrolled, signed_in, until
from tests.e2e.test_people import WITHOUT_CAMERA
from tests.relay import Relay

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def engine(relayed: tuple[House, Relay]) -> Iterator[Engine]:
    made = database(relayed[0])
    yield made
    made.dispose()


def state(kiosk: Person, part: str) -> str:
    return kiosk.page.locator(f"#{part}-check").get_attribute("data-state") or ""


def done(kiosk: Person, line: set[str]) -> None:
    """Wait until the line was judged, and the next check may begin."""
    until(lambda: state(kiosk, "connection") in line, f"the line is {line}", 30)
    until(lambda: kiosk.page.locator("#again").is_enabled(), "again")


def kept(engine: Engine) -> list[str]:
    """The kinds of all checks, oldest first."""
    with reading(engine) as db:
        return [one.kind.value for one in db.exec(select(ReadinessCheck).order_by(col(ReadinessCheck.id)))]


def test_a_good_point_then_one_whose_packets_are_blocked(
    browser: Browser, relayed: tuple[House, Relay], engine: Engine
) -> None:
    house, relay = relayed
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    number = arrived(engine, official="official")
    kiosk.go(f"/kiosk/reception/{number}/check")
    done(kiosk, {"good", "slow"})
    assert state(kiosk, "camera") == "good"
    until(lambda: state(kiosk, "microphone") == "good", "the beep is heard")
    assert "画面正常" in kiosk.text("#camera-check")
    desk.go("/desk")
    until(lambda: desk.page.locator("#entries .entry").count() > 0, "the list")
    assert desk.page.locator("#checks li").count() == 0
    relay.cut = True
    kiosk.page.locator("#again").click()
    done(kiosk, {"missing"})
    relay.cut = False
    assert "传不到接访中心" in kiosk.text("#connection-check")
    until(lambda: "线路不通" in desk.text("#checks"), "the desk sees it")
    kiosk.page.locator("#again").click()
    done(kiosk, {"good", "slow"})
    until(lambda: desk.page.locator("#checks li").count() == 0, "the desk sees that it is mended")
    kinds = kept(engine)
    assert kinds[1] == "no_line"
    assert {kinds[0], kinds[2]} <= {"good", "slow"}
    assert kiosk.problems == desk.problems == []
    assert [one.name for one in (house.data_dir / "sessions").iterdir() if one.name.startswith("check-")] == []


def test_a_point_without_a_camera(browser: Browser, relayed: tuple[House, Relay], engine: Engine) -> None:
    house = relayed[0]
    kiosk, admin = enrolled(browser, house, "LXCC3344"), signed_in(browser, house, "administrator")
    kiosk.page.context.add_init_script(WITHOUT_CAMERA)
    number = arrived(engine, official="official", kiosk=3)
    kiosk.go(f"/kiosk/reception/{number}/check")
    done(kiosk, {"good", "slow"})
    assert state(kiosk, "camera") == "missing"
    until(lambda: state(kiosk, "microphone") == "good", "the beep is heard")
    assert kept(engine)[-1] == "no_picture"
    admin.go("/admin/points?kind=video")
    assert "没有画面" in admin.text("main table")
    assert kiosk.problems == []


def test_a_kiosk_that_nobody_touches_tries_itself(
    browser: Browser, relayed: tuple[House, Relay], engine: Engine
) -> None:
    kiosk = enrolled(browser, relayed[0], "LXDD3344")
    arrived(engine, official="official", kiosk=4)
    before = len(kept(engine))
    kiosk.page.clock.install()
    kiosk.go("/kiosk")
    kiosk.page.clock.fast_forward(61_000)
    kiosk.page.locator("#morning").wait_for()
    kiosk.page.clock.resume()
    until(lambda: len(kept(engine)) == before + 1, "the check is kept", 30)
    assert kept(engine)[-1] in {"good", "slow"}
    until(lambda: kiosk.page.locator("#morning").is_hidden(), "it is over")
    assert kiosk.problems == []
