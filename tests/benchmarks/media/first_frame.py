"""How long people do not see each other: after admission, a reload, an outage, and the end of the media process.

Real browsers on the real pages; a run counts until the slower of both sides has its next picture decoded.
"""

import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.media.figures import Figure, Group
from tests.e2e.conftest import CHROMIUM, FLAGS, MAY_USE_DEVICES
from tests.e2e.house import House, free_port, open_house
from tests.e2e.people import Person, Talk, arrived, begin, database, end, enrolled, signed_in, until
from tests.relay import Relay

RUNS, TROUBLES = 8, 5
ADMIT, RELOAD, OUTAGE, KILL = NAMES = tuple(f"first_frame_{one}" for one in ("admit", "reload", "outage", "kill"))
OUTAGE_SECONDS = 5.0
CALM = 0.6
WATCH_PICTURES = """
window.pictures = [];
const look = (video) => {
  const seen = () => {
    window.pictures.push(performance.timeOrigin + performance.now());
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
};
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes)
    if (node instanceof Element && node.matches(".other")) look(node.querySelector("video"));
}).observe(document, { childList: true, subtree: true });
"""
CLICK = (
    """(selector) => { document.querySelector(selector).click(); return performance.timeOrigin + performance.now(); }"""
)


def first_frame_figures(wanted: frozenset[str]) -> Iterator[Figure]:
    """The medians, in seconds."""
    media_port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as folder, Relay(("127.0.0.1", media_port)) as relay, ExitStack() as stack:
        ports = {"LIANXIN_MEDIA_PORT": str(media_port), "LIANXIN_MEDIA_PUBLIC_PORT": str(relay.port)}
        house = stack.enter_context(open_house(Path(folder) / "data", **ports))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, MAY_USE_DEVICES])
        stack.callback(browser.close)
        yield from _of_people(browser, house, relay, wanted)


def _of_people(browser: Browser, house: House, relay: Relay, wanted: frozenset[str]) -> Iterator[Figure]:
    engine = database(house)
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    for one in (kiosk, desk):
        one.page.context.add_init_script(WATCH_PICTURES)
    if ADMIT in wanted:
        yield _median(ADMIT, [_admitted(kiosk, desk, arrived(engine, official="official")) for _ in range(RUNS)])
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    if RELOAD in wanted:
        yield _median(RELOAD, [_reloaded(talk, (kiosk, desk)[run % 2]) for run in range(RUNS)])
    cuts, kills = [], []
    for _ in range(TROUBLES if wanted & {OUTAGE, KILL} else 0):
        # In turn, for a media process that dies five times soon after its start is not started again.
        cuts.append(_cut(talk, relay))
        kills.append(_killed(talk))
    if cuts:
        yield _median(OUTAGE, cuts)
        yield _median(KILL, kills)
    end(talk)
    engine.dispose()


def _median(name: str, values: list[float]) -> Figure:
    told = {"value": round(statistics.median(values), 3), "unit": "s", "n": len(values)}
    return {"name": name, **told, "slowest": round(max(values), 3)}


def _admitted(kiosk: Person, desk: Person, number: str) -> float:
    kiosk.go(f"/kiosk/reception/{number}/talk")
    kiosk.page.locator("#waiting").wait_for()
    desk.go("/desk")
    selector = f"[data-number='{number}'] [data-action='admit']"
    desk.page.locator(selector).wait_for()
    time.sleep(CALM)
    clicked = float(desk.page.evaluate(CLICK, selector))
    seen = max(_next_picture(one, clicked) for one in (kiosk, desk))
    kiosk.page.locator("#ready").click()
    end(Talk(kiosk, desk, number))
    return (seen - clicked) / 1000


def _reloaded(talk: Talk, who: Person) -> float:
    def reload() -> None:
        who.page.reload(wait_until="commit")

    return _interrupted(talk, reload)


def _killed(talk: Talk) -> float:
    return _interrupted(talk, lambda: talk.desk.house.kill("server.media"))


def _cut(talk: Talk, relay: Relay) -> float:
    """The line of the visitor is dead for a while; what counts is how long after its return both see again."""
    _calm(talk)
    relay.cut = True
    talk.kiosk.page.context.set_offline(True)
    time.sleep(OUTAGE_SECONDS)
    back = time.time() * 1000
    relay.cut = False
    talk.kiosk.page.context.set_offline(False)
    return (max(_next_picture(one, back) for one in (talk.kiosk, talk.desk)) - back) / 1000


def _interrupted(talk: Talk, event: Callable[[], None]) -> float:
    """From the event to the end of the longest standstill that follows, on the slower side."""
    _calm(talk)
    at = time.time() * 1000
    event()
    talk.go_on()
    _calm(talk)
    return (max(_end_of_standstill(one, at) for one in (talk.kiosk, talk.desk)) - at) / 1000


def _calm(talk: Talk) -> None:
    talk.go_on()
    time.sleep(CALM)


def _pictures(one: Person) -> list[float]:
    return [float(at) for at in one.page.evaluate("window.pictures")]


def _next_picture(one: Person, after: float) -> float:
    return until(lambda: next((at for at in _pictures(one) if at > after), 0.0), "a picture")


def _end_of_standstill(one: Person, after: float) -> float:
    seen = [at for at in _pictures(one) if at > after]
    waits = zip([after, *seen], seen, strict=False)
    return max(waits, key=lambda pair: pair[1] - pair[0])[1]


FIRST_FRAME = Group(NAMES, first_frame_figures)
