"""Joint reception: six in one talk, each in a browser of its own, all seen and heard by all and all recorded."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright

from tests.e2e.conftest import CHROMIUM, FLAGS, MAY_USE_DEVICES
from tests.e2e.house import House
from tests.e2e.people import Person, arrived, begin, database, end, enrolled, invite, invited, signed_in, until
from tests.e2e.test_journey import token_of
from tests.media.packets import decode

pytestmark = pytest.mark.browser
LONG = 60.0
GUESTS = {
    "guest-1": ("unit", "陈科长"),
    "guest-2": ("interpreter", "王译员"),
    "guest-3": ("agent", "赵代理"),
    "guest-4": ("witness", "孙见证"),
}
LITTLE_WORK = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wanted) =>
  real({ ...wanted, video: { width: 320, height: 240, frameRate: 10 } });
"""
COUNTS = """(async () => {
  const counts = {};
  for (const one of window.connections.filter((each) => each.connectionState === "connected"))
    for (const report of (await one.getStats()).values()) if (report.type === "inbound-rtp")
      counts[report.ssrc] = report.kind === "video" ? report.framesDecoded ?? 0 : report.totalAudioEnergy ?? 0;
  return counts;
})()"""
SPEAKING = "[...document.querySelectorAll('.other.speaking')].map((one) => one.dataset.seat)"
SHOWN = """[...document.querySelectorAll(".other")].filter((one) => one.querySelector("video").videoWidth > 0)
  .map((one) => one.dataset.seat).sort()"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One process for all six."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, MAY_USE_DEVICES])
    yield chromium
    chromium.close()


def counts(one: Person) -> dict[str, float]:
    """Decoded frames or energy of each stream that comes in."""
    found: dict[str, float] = one.evaluate(COUNTS)
    return found


def receives_all(one: Person, others: int) -> None:
    """Every picture goes on, and every voice."""
    before = counts(one)

    def more() -> bool:
        now = counts(one)
        return sum(now[source] > before.get(source, 0) for source in now) == 2 * others

    until(more, f"{others} pictures and {others} voices", LONG)


def test_six_see_and_hear_each_other(browser: Browser, house: House) -> None:
    engine = database(house)
    table = {"petitioner": enrolled(browser, house, "LXAA3344"), "official": signed_in(browser, house, "official")}
    desk = table["official"]
    for one in table.values():
        one.page.context.add_init_script(LITTLE_WORK)
    talk = begin(table["petitioner"], desk, arrived(engine, official="official"))
    for seat, (role, name) in GUESTS.items():
        table[seat] = invited(browser, house, desk, role=role, name=name)
        table[seat].page.context.add_init_script(LITTLE_WORK)
        table[seat].page.reload()
        table[seat].page.locator("#join").click()
    all_see_and_hear_all(table)
    invite(desk, role="witness", name="第七位")
    until(lambda: "最多再请四个人" in desk.text("#problem"), "there is no seventh seat")
    desk.page.locator("#inviting [data-close]").click()
    only_one_speaks(table, "guest-2")
    comes_back(table, "guest-3")
    token = token_of(engine, talk.number)
    end(talk)
    assert [one.problems for one in table.values()] == [[]] * 6
    folder = house.data_dir / "sessions" / token
    until(lambda: (folder / "manifest.json").exists(), "the files")
    for seat in table:
        told = decode(folder / f"{seat}.webm", house.recording_key(token))
        assert len(told.pictures) > 20
        assert told.sound
    engine.dispose()


def all_see_and_hear_all(table: dict[str, Person]) -> None:
    for seat, one in table.items():
        others = sorted(set(table) - {seat})
        until(lambda one=one, others=others: one.evaluate(SHOWN) == others, f"all pictures for {seat}")  # type: ignore[misc]
    for one in table.values():
        receives_all(one, len(table) - 1)


def only_one_speaks(table: dict[str, Person], speaker: str) -> None:
    """Five are silent; the others are shown who speaks."""
    for seat in set(table) - {speaker}:
        table[seat].page.locator("#microphone").click()
    for seat in set(table) - {speaker}:
        until(lambda seat=seat: table[seat].evaluate(SPEAKING) == [speaker], f"who speaks, for {seat}")  # type: ignore[misc]
    for seat in set(table) - {speaker}:
        table[seat].page.locator("#microphone").click()


def comes_back(table: dict[str, Person], seat: str) -> None:
    """Somebody leaves, and comes back by the same address into the same seat."""
    guest, desk = table[seat], table["official"]
    address = guest.page.url
    guest.page.locator("#leave").click()
    until(lambda: seat not in desk.evaluate(SHOWN), "the chair is empty")
    guest.page.goto(address)
    guest.page.locator("#join").click()
    until(lambda: seat in desk.evaluate(SHOWN), "somebody sits there again")
    for one in (guest, desk):
        receives_all(one, len(table) - 1)
