"""The way to the engine changes in the middle of a talk: the seat, the keys and the streams stay."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from server.media.recording_index import read_index
from tests.e2e.house import House
from tests.e2e.people import Person, Talk, arrived, begin, database, end, enrolled, signed_in, until
from tests.e2e.test_journey import token_of
from tests.e2e.test_recording import session_of
from tests.media.packets import decode
from tests.relay import Line, Relay, Way

pytestmark = pytest.mark.browser
CONNECTION = """(async () => {
  const reports = [...(await window.connections.at(-1).getStats()).values()];
  const of = (type) => reports.filter((one) => one.type === type);
  const transport = of("transport")[0];
  const used = reports.find((one) => one.id === transport.selectedCandidatePairId);
  const streams = (type) => of(type).map((one) => one.ssrc).sort();
  return {
    stays: [window.connections.length, transport.dtlsState, transport.localCertificateId],
    streams: [streams("outbound-rtp"), streams("inbound-rtp")],
    ufrag: transport.iceLocalUsernameFragment,
    port: reports.find((one) => one.id === used?.localCandidateId)?.port,
  };
})()"""


@pytest.fixture(scope="module")
def engine(relayed: tuple[House, Relay]) -> Iterator[Engine]:
    made = database(relayed[0])
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def talk(browser: Browser, relayed: tuple[House, Relay], engine: Engine) -> Talk:
    house = relayed[0]
    kiosk, desk = enrolled(browser, house, "LXAA3344"), signed_in(browser, house, "official")
    return begin(kiosk, desk, arrived(engine, official="official"))


def connection(one: Person) -> dict[str, Any]:
    found: dict[str, Any] = one.evaluate(CONNECTION)
    return found


def line_of(one: Person, relay: Relay) -> Line:
    """The line on which a browser's packets come now: it knows itself by the port that the engine sees."""
    port = connection(one)["port"]
    return next(line for line in relay.lines if line.back.getsockname()[1] == port)


def interrupt(line: Line, lost: float) -> None:
    line.up.way = line.down.way = Way(loss=lost)


class Unbroken:
    """That both keep connection, keys and streams, and that nobody shakes hands again."""

    def __init__(self, talk: Talk, relay: Relay) -> None:
        self.people, self.relay = (talk.kiosk, talk.desk), relay
        self.before = self.now()
        assert relay.handshakes

    def now(self) -> list[Any]:
        return [
            *((told["stays"], told["streams"]) for one in self.people if (told := connection(one))),
            self.relay.handshakes,
        ]

    def holds(self) -> None:
        assert self.now() == self.before


def test_an_ice_restart_goes_on_in_the_same_connection(talk: Talk, relayed: tuple[House, Relay]) -> None:
    unbroken, before = Unbroken(talk, relayed[1]), connection(talk.kiosk)["ufrag"]
    line = line_of(talk.kiosk, relayed[1])
    interrupt(line, 1.0)
    until(lambda: connection(talk.kiosk)["ufrag"] != before, "the page restarts ICE")
    interrupt(line, 0.0)
    talk.go_on()
    unbroken.holds()


def test_another_port_of_the_same_browser_is_taken(talk: Talk, relayed: tuple[House, Relay]) -> None:
    unbroken = Unbroken(talk, relayed[1])
    relayed[1].rebind(line=line_of(talk.kiosk, relayed[1]))
    talk.go_on()
    unbroken.holds()


def test_a_line_that_comes_back_from_another_address_leaves_a_gap_in_the_recording_and_nothing_else(
    talk: Talk, relayed: tuple[House, Relay], engine: Engine
) -> None:
    house, relay = relayed
    unbroken, line = Unbroken(talk, relay), line_of(talk.kiosk, relay)
    # A browser has a line for each of its own addresses, and goes on over another one.
    kept = line_of(talk.desk, relay)
    cut = [one for one in relay.lines if one is not kept]
    for one in cut:
        interrupt(one, 1.0)
    talk.desk.says("other_connecting")
    relay.rebind("127.0.0.7", line=line)
    for one in cut:
        interrupt(one, 0.0)
    talk.go_on()
    unbroken.holds()
    token = token_of(engine, talk.number)
    end(talk)
    talk.no_problems()
    folder = house.data_dir / "sessions" / token
    until(lambda: (folder / "manifest.json").exists(), "the files")
    files = {one["name"]: one["gaps"] for one in json.loads((folder / "manifest.json").read_text())["files"]}
    assert sorted(files) == ["official.webm", "petitioner.webm"]
    assert (len(files["petitioner.webm"]), files["official.webm"]) == (2, [])
    told = decode(folder / "petitioner.webm", house.recording_key(token))
    assert sum(at > files["petitioner.webm"][1][1] for at in told.pictures) > 10
    assert [one.detail.split()[0] for one in read_index(folder) if one.event == "gap"] == ["petitioner"] * 2
    assert Counter(session_of(engine, token)[1]) >= Counter(lost=2, back=2)
