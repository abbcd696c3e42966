"""How much of the voice is made up over a bad line: a talk through the engine beside a direct call over such a line.

Both talks go on at the same time between Chromium with what it does by itself. One side of each has a bad line, both
ways, of the same seed. Of the pictures it is told how long they stood still.
"""

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.benchmarks.media.figures import Figure, Group
from tests.benchmarks.media.lianxin import Lianxin
from tests.e2e.conftest import CHROMIUM, FLAGS, MAY_USE_DEVICES
from tests.e2e.people import until
from tests.relay import Relay, Way

LINES = {
    "concealed_5": Way(loss=0.05, delay=0.03),
    "concealed_10": Way(loss=0.10, delay=0.03),
    "concealed_20": Way(loss=0.20, delay=0.03),
    "concealed_150kbit": Way(rate=150_000, delay=0.03),
}
SETTLING, SECONDS = 5.0, 15.0
ADDRESS = "http://localhost:9/"
PAGE = Path(__file__).parent / "call.html"
CANDIDATE = re.compile(r"a=candidate:.*\r\n")
HOST = re.compile(r"a=candidate:\S+ 1 udp \d+ ([0-9.]+) (\d+) typ host")
Numbers = dict[str, float]


@dataclass
class Call:
    """Two pages that talk, the first over the relay's line."""

    pages: tuple[Page, Page]
    relay: Relay

    def heard(self) -> Numbers:
        """What both have heard and seen so far, together."""
        told = [one.evaluate("heard()") for one in self.pages]
        return {name: told[0][name] + told[1][name] for name in told[0]}

    def connected(self) -> None:
        """Wait until both see and hear."""
        for one in self.pages:
            until(lambda page=one: page.evaluate("heard()")["frames"] > 20, "a call")  # type: ignore[misc]


def concealed_figures(wanted: frozenset[str]) -> Iterator[Figure]:
    """Shares of the sound in per cent; each with that of the direct call."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, MAY_USE_DEVICES])
        for name in [one for one in LINES if one in wanted]:
            with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
                calls = _direct(browser, stack), _through_the_engine(browser, Path(folder), stack)
                yield _measured(name, *calls)
        browser.close()


def _measured(name: str, direct: Call, ours: Call) -> Figure:
    for call in (direct, ours):
        call.connected()
        call.relay.up, call.relay.down = LINES[name], LINES[name]
        for line in call.relay.lines:
            line.up.way, line.down.way = LINES[name], LINES[name]
    time.sleep(SETTLING)
    before = direct.heard(), ours.heard()
    time.sleep(SECONDS)
    theirs, own = (
        {key: now[key] - was[key] for key in now}
        for was, now in zip(before, (direct.heard(), ours.heard()), strict=True)
    )
    share, peer_share = _share(own), _share(theirs)
    told = {"name": name, "value": share, "unit": "% of the sound", "n": int(own["samples"])}
    told |= {"peer": "direct call", "peer_value": peer_share}
    told |= {"pictures": own["frames"], "peer_pictures": theirs["frames"]}
    return told | {"frozen_s": round(own["frozen"], 1), "peer_frozen_s": round(theirs["frozen"], 1)}


def _share(heard: Numbers) -> float:
    return round(100 * heard["concealed"] / heard["samples"], 2)


def _page(browser: Browser, stack: ExitStack) -> Page:
    context = browser.new_context(permissions=["camera", "microphone"])
    stack.callback(context.close)
    page = context.new_page()
    page.route(ADDRESS, _serve)
    page.goto(ADDRESS)
    return page


def _serve(route: Route) -> None:
    route.fulfill(content_type="text/html", body=PAGE.read_text())


def _direct(browser: Browser, stack: ExitStack) -> Call:
    first, second = _page(browser, stack), _page(browser, stack)
    offer = CANDIDATE.sub("", first.evaluate("offered()"))
    answer = second.evaluate("answered", offer)
    found = HOST.search(answer)
    assert found is not None, answer
    relay = stack.enter_context(Relay((found[1], int(found[2]))))
    first.evaluate("taken", _by_way_of(relay, answer))
    return Call((first, second), relay)


def _through_the_engine(browser: Browser, folder: Path, stack: ExitStack) -> Call:
    target = Lianxin(folder, {"LIANXIN_MEDIA_HOST": "127.0.0.1"})
    stack.callback(target.stop)
    target.ask("open_session", session="s")
    pages = _page(browser, stack), _page(browser, stack)
    answers = [
        target.ask("join", session="s", seat=seat, offer=page.evaluate("offered()"))["sdp"]
        for seat, page in zip(("petitioner", "official"), pages, strict=True)
    ]
    target.ask("start_recording", session="s")
    found = HOST.search(answers[0])
    assert found is not None, answers
    relay = stack.enter_context(Relay((found[1], int(found[2]))))
    pages[0].evaluate("taken", _by_way_of(relay, answers[0]))
    pages[1].evaluate("taken", answers[1])
    return Call(pages, relay)


def _by_way_of(relay: Relay, sdp: str) -> str:
    """The description with the relay as its only address."""
    return CANDIDATE.sub(f"a=candidate:1 1 udp 2130706431 127.0.0.1 {relay.port} typ host\r\n", sdp)


CONCEALED = Group(tuple(LINES), concealed_figures)
