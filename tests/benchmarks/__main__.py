"""``make bench``: measures the running product; one JSON object a line."""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from server.logs import configure
from tests.benchmarks.booking import booking_figures
from tests.benchmarks.find import find_figures
from tests.benchmarks.free_slots import free_slot_figures
from tests.benchmarks.pages import page_figures
from tests.benchmarks.papers import paper_figures
from tests.benchmarks.replan import replan_figures
from tests.benchmarks.starting import start_figures
from tests.benchmarks.waits import wait_figures
from tests.e2e.conftest import CHROMIUM, FLAGS, MAY_USE_DEVICES
from tests.e2e.house import House, open_house
from tests.e2e.people import Person, Talk, arrived, begin, database, end, enrolled, signed_in

TALKS = 10
RELOADS = 5
FIRST_PICTURE = """() => new Promise((resolve) => {
  const look = () => {
    const video = document.querySelector(".other video");
    const shown = video && video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 0;
    if (shown) resolve(performance.timeOrigin + performance.now());
    else requestAnimationFrame(look);
  };
  look();
})"""
CLICK = (
    """(selector) => { document.querySelector(selector).click(); return performance.timeOrigin + performance.now(); }"""
)
Figure = dict[str, object]


def figure(name: str, values: list[float], unit: str) -> Figure:
    """The median of what was measured."""
    return {"name": name, "value": round(statistics.median(values), 3), "unit": unit, "n": len(values)}


def admitted(kiosk: Person, desk: Person, number: str) -> float:
    """Seconds from the official's click on admit to the first decoded frame of the slower side."""
    kiosk.go(f"/kiosk/reception/{number}/talk")
    kiosk.page.locator("#waiting").wait_for()
    desk.go("/desk")
    selector = f"[data-number='{number}'] [data-action='admit']"
    desk.page.locator(selector).wait_for()
    time.sleep(0.5)
    clicked = float(desk.page.evaluate(CLICK, selector))
    seen = [float(one.page.evaluate(FIRST_PICTURE)) for one in (kiosk, desk)]
    kiosk.page.locator("#ready").click()
    return (max(seen) - clicked) / 1000


def talk_figures(browser: Browser, house: House) -> Iterator[Figure]:
    """Admission and coming back after a reload, in real browsers."""
    engine = database(house)
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    times = []
    for _ in range(TALKS):
        number = arrived(engine, official="official")
        times.append(admitted(kiosk, desk, number))
        end(Talk(kiosk, desk, number))
    yield figure("admit_to_first_frame", times, "s")
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    back = []
    for _ in range(RELOADS):
        began = time.monotonic()
        kiosk.page.reload(wait_until="commit")
        kiosk.page.evaluate(FIRST_PICTURE)
        back.append(time.monotonic() - began)
        talk.go_on()
    yield figure("rejoin_after_reload", back, "s")
    end(talk)
    engine.dispose()


def main() -> int:
    """Measure everything; only figures are printed."""
    configure("ERROR", process="bench")
    _tell(wait_figures())
    with tempfile.TemporaryDirectory() as folder:
        _tell(replan_figures(Path(folder) / "replan"))
        _tell(start_figures(Path(folder) / "start"))
        _tell(page_figures(Path(folder) / "pages"))
        _tell(paper_figures())
        _tell(find_figures(Path(folder) / "find"))
        _tell(free_slot_figures(Path(folder)))
        _tell(booking_figures(Path(folder)))
        with open_house(Path(folder) / "talks") as house, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, MAY_USE_DEVICES])
            _tell(talk_figures(browser, house))
            browser.close()
    return 0


def _tell(figures: Iterator[Figure]) -> None:
    for one in figures:
        sys.stdout.write(json.dumps(one) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
