"""Chromium plays and seeks every kind of file we make, encrypted and in ranges, as a clerk has it on the page."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser
from sqlmodel import col, select

from server.database import writing
from server.media.ports import SIDE_BY_SIDE
from server.petitions.models import ReceptionSession
from server.sealed_file import is_sealed
from tests.e2e.house import House
from tests.e2e.people import Person, database, signed_in, until
from tests.media.kinds import FILES, INSTANTS, SECONDS, File, write_kinds

pytestmark = pytest.mark.browser

LOAD = """(address) => new Promise((resolve, reject) => {
  const video = document.createElement("video");
  video.id = "tried";
  video.muted = true;
  video.preload = "auto";
  video.onloadeddata = () => resolve([video.duration, video.videoWidth]);
  video.onerror = () => reject(new Error(video.error.message));
  video.src = address;
  document.getElementById("tried")?.remove();
  document.body.append(video);
})"""
SEEK = """(instant) => new Promise((resolve, reject) => {
  const video = document.getElementById("tried");
  video.onerror = () => reject(new Error(video.error.message));
  video.onseeked = () => resolve(video.currentTime);
  video.currentTime = instant;
})"""
LIGHT = """([x, y]) => {
  const video = document.getElementById("tried"), canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const size = [video.videoWidth, video.videoHeight];
  const brush = canvas.getContext("2d");
  brush.drawImage(video, x * size[0] - 4, y * size[1] - 4, 8, 8, 0, 0, 1, 1);
  return brush.getImageData(0, 0, 1, 1).data[1];
}"""
HEARD = """() => new Promise((resolve, reject) => {
  const video = document.getElementById("tried"), before = video.webkitAudioDecodedByteCount;
  video.ontimeupdate = () => video.webkitAudioDecodedByteCount > before && (video.pause(), resolve(true));
  video.play().catch(reject);
})"""


@pytest.fixture(scope="module")
def token(house: House) -> Iterator[str]:
    """A talk of the past whose recording has every kind of file."""
    engine = database(house)
    with writing(engine) as db:
        query = select(ReceptionSession).where(col(ReceptionSession.signed_at).is_not(None))
        session = db.exec(query.order_by(col(ReceptionSession.id).desc())).first()
        assert session is not None
        session.recording_started_at = datetime.now(UTC)
        db.add(session)
    write_kinds(house.data_dir / "sessions", session.token, house.recording_key(session.token))
    yield session.token
    engine.dispose()


@pytest.fixture(scope="module")
def clerk(browser: Browser, house: House, token: str) -> Person:
    """Somebody who may see the recording, on the page of its minutes."""
    made = signed_in(browser, house, "clerk")
    made.go(f"/reviews/{token}")
    return made


def shows(clerk: Person, place: tuple[float, float], luma: int, what: str) -> None:
    """A grey of the video is on the screen, the moment after it was sought at the latest."""
    wanted = round((luma - 16) * 255 / 219)
    until(lambda: abs(clerk.page.evaluate(LIGHT, place) - wanted) < 10, what)


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.seat)
def test_a_seat_s_file(clerk: Person, token: str, house: House, file: File) -> None:
    assert is_sealed(house.data_dir / "sessions" / token / f"{file.seat}.webm")
    length, width = clerk.page.evaluate(LOAD, f"/recordings/{token}/{file.seat}.webm")
    assert (abs(length - SECONDS) < 0.1, width > 0) == (True, file.has_picture)
    for instant in INSTANTS:
        assert abs(clerk.page.evaluate(SEEK, instant) - instant) < 0.05
        if file.has_picture:
            shows(clerk, (0.5, 0.5), file.seen(instant), f"{file.seat} at {instant}")
        assert clerk.page.evaluate(HEARD)


def test_the_side_by_side_is_made_on_a_click_and_is_played_too(clerk: Person, token: str, house: House) -> None:
    place = clerk.page.locator("#hand-out")
    place.locator("button").click()
    until(lambda: place.locator("progress").count() == 1, "under way")
    until(lambda: place.locator("a[href$=file]").count() == 1, "the file", patience=240)
    assert is_sealed(house.data_dir / "sessions" / token / SIDE_BY_SIDE)
    length, width = clerk.page.evaluate(LOAD, place.locator("a[href$=file]").get_attribute("href"))
    assert (abs(length - SECONDS) < 0.1, width) == (True, 3 * 480)
    for instant in INSTANTS:
        assert abs(clerk.page.evaluate(SEEK, instant) - instant) < 0.05
        for number, file in enumerate(FILES):
            row, column = divmod(number, 3)
            dark = not file.has_picture or (file.seat == "official" and 3 <= instant < 4)
            middle = ((column + 0.5) / 3, (row + 0.5) / 2)
            shows(clerk, middle, 24 if dark else file.seen(instant), f"{file.seat} at {instant}")
        assert clerk.page.evaluate(HEARD)
    with clerk.page.expect_download() as download:
        place.locator("a[href$=file]").click()
    assert download.value.suggested_filename.endswith(".mp4")
    assert clerk.problems == []
