"""A camera is pulled out in the middle of a talk and another one, with a wider picture, is there."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from tests.e2e.house import House
from tests.e2e.people import Person, arrived, begin, database, end, enrolled, signed_in, until
from tests.e2e.test_journey import recorded_seconds, token_of
from tests.media.packets import decode

pytestmark = pytest.mark.browser
TWO_CAMERAS = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const wide = { width: { exact: 640 }, height: { exact: 360 } };
navigator.mediaDevices.getUserMedia = (wanted) =>
  real(window.pulled && wanted.video ? { ...wanted, video: wide } : wanted);
window.pull = () => {
  window.pulled = true;
  for (const track of document.getElementById("self").srcObject.getVideoTracks()) track.stop();
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
};
"""
PICTURES = """(async () => {
  const reports = [...(await window.connections.at(-1).getStats()).values()];
  const told = (kind) => reports.find((one) => one.type === kind && one.kind === "video");
  const { ssrc, packetsLost } = told("inbound-rtp");
  return { connections: window.connections.length, sent: told("outbound-rtp").ssrc, received: ssrc, packetsLost };
})()"""
WIDE, USUAL = 16 / 9, 4 / 3


@pytest.fixture(scope="module")
def engine(house: House) -> Iterator[Engine]:
    made = database(house)
    yield made
    made.dispose()


def shows(one: Person, selector: str, shape: float) -> None:
    """Wait until a picture has that shape; how large it is depends on the line."""
    wanted = f"(({{ videoWidth, videoHeight }}) => videoWidth / videoHeight)(document.querySelector({selector!r}))"
    until(lambda: abs((one.evaluate(wanted) or 0) - shape) < 0.01, f"{selector} of shape {shape}")


def pictures(one: Person) -> dict[str, Any]:
    found: dict[str, Any] = one.evaluate(PICTURES)
    return found


def test_another_camera_takes_over_in_the_same_stream(browser: Browser, house: House, engine: Engine) -> None:
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    kiosk.page.context.add_init_script(TWO_CAMERAS)
    talk = begin(kiosk, desk, arrived(engine, official="official"))
    token = token_of(engine, talk.number)
    shows(desk, ".other video", USUAL)
    before = pictures(kiosk), pictures(desk)
    kiosk.evaluate("window.pull()")
    for one, video in ((kiosk, "#self"), (desk, ".other video")):
        shows(one, video, WIDE)
    talk.go_on()
    assert (pictures(kiosk), pictures(desk)) == before
    end(talk)
    talk.no_problems()
    recorded_whole(house, token, recorded_seconds(engine, token))
    clerk = signed_in(browser, house, "clerk")
    clerk.go(f"/reviews/{token}")
    video = "[data-seat=petitioner] video"
    until(lambda: clerk.page.evaluate(f"document.querySelector('{video}').readyState") > 0, "loaded")
    shows(clerk, video, USUAL)
    clerk.page.locator(video).evaluate("one => { one.currentTime = one.duration - 0.5; }")
    shows(clerk, video, WIDE)
    assert clerk.problems == []


def recorded_whole(house: House, token: str, clock: float) -> None:
    """One file, as long as the clock says, its pictures in order and of both shapes."""
    folder = house.data_dir / "sessions" / token
    until(lambda: (folder / "manifest.json").exists(), "the files")
    told = decode(folder / "petitioner.webm", house.recording_key(token))
    assert abs(told.duration - clock) <= max(0.01 * clock, 0.3)
    assert {round(width / height, 2) for width, height in told.sizes} == {round(USUAL, 2), round(WIDE, 2)}
    assert told.pictures == sorted(set(told.pictures))
