"""Where UDP is closed: a whole talk through a real coturn over TCP and TLS, and a point that finds it by itself."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.coturn import SECRET, Coturn, on_loopback, open_coturn
from tests.e2e.conftest import CHROMIUM, FLAGS, MAY_USE_DEVICES
from tests.e2e.house import House, free_port
from tests.e2e.people import DESK, Person, arrived, begin, database, end, enrolled, person, signed_in, until
from tests.e2e.test_journey import token_of
from tests.e2e.test_trust import NAME, kiosk, open_secure_house, set_up_with_camera, trust
from tests.e2e.village import village_network
from tests.media.packets import decode

pytestmark = pytest.mark.browser
ONLY = """{
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(told) {
    const only = (one) => ({ ...one, urls: one.urls.filter((url) => url.startsWith("SCHEME:")) });
    const iceServers = told.iceServers.map(only);
    super({ ...told, iceServers });
  }
};
}"""
WAY = """async () => {
  const one = window.connections.findLast((each) => each.connectionState === "connected");
  const stats = [...(await one.getStats()).values()];
  const transport = stats.find((each) => each.type === "transport");
  const pair = stats.find((each) => each.id === transport.selectedCandidatePairId);
  const local = stats.find((each) => each.id === pair.localCandidateId);
  return [local.candidateType, local.relayProtocol];
}"""
NEVER_REACHED = """async () => {
  const { Peer } = await import("/static/js/session/peer.js");
  const Engine = Object.getPrototypeOf(window.RTCPeerConnection);
  const send = async (type, { sdp }) => {
    const engine = new Engine();
    await engine.setRemoteDescription({ type: "offer", sdp });
    await engine.setLocalDescription(await engine.createAnswer());
    return { sdp: engine.localDescription.sdp };
  };
  const peer = new Peer({ open: true, send }, () => {});
  peer.relays = { servers: [], policy: "relay" };
  peer.want(1);
}"""
ANSWERED = "window.connections.at(-1).remoteDescription !== null"


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Coturn]]:
    """A house whose media go by coturn alone, which has the house's own certificate."""
    folder, coturn = tmp_path_factory.mktemp("turned"), on_loopback()
    asked = {"LIANXIN_TURN_URLS": coturn.urls(NAME), "LIANXIN_TURN_SECRET": SECRET, "LIANXIN_TURN_ONLY": "true"}
    with open_secure_house(folder / "data", NAME, LIANXIN_TLS_HOST="127.0.0.1", **asked) as house:
        certificate = house.data_dir / "state/tls/server.pem"
        with open_coturn(folder / "coturn", coturn, media="127.0.0.1", certificate=certificate):
            yield house, coturn


@pytest.fixture
def trusting(playwright: Playwright, turned: tuple[House, Coturn], tmp_path: Path) -> Iterator[Browser]:
    """Chromium on a machine that trusts the house's certificate."""
    trust(tmp_path, turned[0].data_dir / "state/tls/ca.crt")
    chromium = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[*FLAGS, MAY_USE_DEVICES, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
        env={**os.environ, "HOME": str(tmp_path)},
    )
    yield chromium
    chromium.close()


def way(one: Person) -> Any:
    """By what this person's packets go to the engine."""
    return one.page.evaluate(WAY)


def test_a_recorded_talk_of_one_who_has_only_tcp_with_one_who_has_only_tls(
    trusting: Browser, turned: tuple[House, Coturn]
) -> None:
    house = turned[0]
    engine = database(house)
    visitor, desk = enrolled(trusting, house, "LXAA3344"), signed_in(trusting, house, "official")
    for one, scheme in ((visitor, "turn"), (desk, "turns")):
        one.page.context.add_init_script(ONLY.replace("SCHEME", scheme))
    talk = begin(visitor, desk, arrived(engine, official="official"))
    assert [way(visitor), way(desk)] == [["relay", "tcp"], ["relay", "tls"]]
    visitor.page.reload()
    talk.go_on()
    assert way(visitor) == ["relay", "tcp"]
    end(talk)
    talk.no_problems()
    folder = house.data_dir / "sessions" / token_of(engine, talk.number)
    until(lambda: (folder / "manifest.json").exists(), "the files")
    for seat in ("petitioner", "official"):
        recorded = decode(folder / f"{seat}.webm")
        assert len(recorded.pictures) > 20
        assert len(recorded.loud) > 5
    log = house.data_dir.with_name(f"{house.data_dir.name}.log").read_text()
    assert "/kiosk/reception/{number}/talk" in log
    assert SECRET not in log
    engine.dispose()


def test_every_try_that_was_answered_is_given_more_time(browser: Browser, turned: tuple[House, Coturn]) -> None:
    one = person(browser, turned[0], DESK)
    one.page.clock.install(time=0)
    one.go("/sign-in")
    one.page.clock.pause_at(60_000)
    one.page.evaluate(NEVER_REACHED)
    for _ in range(91):
        until(lambda: one.page.evaluate(ANSWERED), "an answer")
        one.page.clock.run_for(100)
    assert one.page.evaluate("window.connections.length") == 3  # after 2 to 3, 4 to 6 and then 8 to 12 seconds
    assert one.problems == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a network namespace")
def test_a_point_to_which_udp_is_closed_finds_the_relay_by_itself(playwright: Playwright, tmp_path: Path) -> None:
    with village_network() as network:
        coturn = Coturn(network.server, free_port(), free_port())
        media = dict.fromkeys(("LIANXIN_MEDIA_HOST", "LIANXIN_MEDIA_ADDRESSES"), network.beyond)
        asked = {"LIANXIN_TURN_URLS": coturn.urls(network.server), "LIANXIN_TURN_SECRET": SECRET}
        with open_secure_house(tmp_path / "data", network.server, **media, **asked) as house:
            files = house.data_dir / "state/tls"
            trust(tmp_path / "kiosk", files / "ca.crt")
            engine = database(house)
            number = arrived(engine, official="official")
            engine.dispose()
            with kiosk(playwright, tmp_path / "kiosk", network.chromium_inside(tmp_path)) as page:
                page.goto(f"https://{network.server}:{house.environment['LIANXIN_TLS_PORT']}/kiosk/enrol")
                set_up_with_camera(page)
                page.goto(page.url.replace("/kiosk", f"/kiosk/reception/{number}/check"))
                line, again = page.locator("#connection-check"), page.locator("#again")
                until(lambda: line.get_attribute("data-state") == "missing" and again.is_enabled(), "no way")
                with open_coturn(tmp_path / "coturn", coturn, media=network.beyond, certificate=files / "server.pem"):
                    again.click()
                    until(lambda: line.get_attribute("data-state") in {"good", "slow"}, "a way")
