"""Firefox ESR as a second kind of browser, driven over WebDriver BiDi (w3c.github.io/webdriver-bidi)."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.house import House
from tests.e2e.people import KIOSK, PATIENCE, WATCH, Seat, until

FIREFOX = "firefox-esr"
LONGEST = 16 * 1024 * 1024
NOWHERE = "http://127.0.0.1:9"
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    "media.peerconnection.ice.loopback": True,
    "media.autoplay.default": 0,
    "intl.accept_languages": "zh-CN",
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": NOWHERE,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.update.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
}


@dataclass
class FirefoxPage(Seat):
    """One page of a running Firefox. ``problems`` are errors of the page itself."""

    socket: ClientConnection
    house: House
    context: str = ""
    problems: list[str] = field(default_factory=list)
    _asked: int = 0

    def command(self, method: str, **told: Any) -> dict[str, Any]:
        """Ask the browser and wait for its answer; errors of the page that come meanwhile are kept."""
        self._asked += 1
        self.socket.send(json.dumps({"id": self._asked, "method": method, "params": told}))
        while (came := json.loads(self.socket.recv(PATIENCE))).get("id") != self._asked:
            if came.get("method") == "log.entryAdded" and came["params"]["type"] == "javascript":
                self.problems.append(came["params"]["text"])
        assert came["type"] == "success", came
        answer: dict[str, Any] = came["result"]
        return answer

    def open(self) -> None:
        """Take the one tab there is."""
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=["log.entryAdded"])
        self.context = self.command("browsingContext.getTree")["contexts"][0]["context"]
        self.command("browsingContext.setViewport", context=self.context, viewport=KIOSK)
        self.command("script.addPreloadScript", functionDeclaration=f"() => {{ {WATCH} }}")

    def go(self, address: str) -> None:
        """Open a page of the house."""
        url = f"{self.house.address}{address}"
        self.command("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """See Seat."""
        asked = {"expression": f"(async () => JSON.stringify((await ({expression})) ?? null))()", "awaitPromise": True}
        answer = self.command("script.evaluate", target={"context": self.context}, userActivation=True, **asked)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def is_visible(self, selector: str) -> bool:
        """Whether something is there and seen."""
        return bool(self.evaluate(f"document.querySelector({selector!r})?.checkVisibility()"))

    def click(self, selector: str) -> None:
        """Click in the middle of something once it is seen."""
        until(lambda: self.is_visible(selector), f"{selector} is visible")
        self._point(selector, [(0, 0)])

    def draw(self, selector: str, path: list[tuple[int, int]]) -> None:
        """Draw on something, by places relative to its middle."""
        self._point(selector, path)

    def _point(self, selector: str, path: list[tuple[int, int]]) -> None:
        found = self.command(
            "browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": selector}
        )
        origin = {"type": "element", "element": {"sharedId": found["nodes"][0]["sharedId"]}}
        moves = [{"type": "pointerMove", "x": x, "y": y, "origin": origin} for x, y in path]
        steps = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}
        self.command("input.performActions", context=self.context, actions=[mouse])

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.click(selector)
        keys = [{"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")]
        self.command(
            "input.performActions", context=self.context, actions=[{"type": "key", "id": "keys", "actions": keys}]
        )


@contextlib.contextmanager
def firefox(folder: Path, house: House) -> Iterator[FirefoxPage]:
    """A Firefox of its own with a fake camera and microphone; it ends with the test."""
    profile = folder / "profile"
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    command = [FIREFOX, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)]
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: (profile / "WebDriverBiDiServer.json").exists(), "Firefox listens")
        told = json.loads((profile / "WebDriverBiDiServer.json").read_text())
        address = f"ws://{told['ws_host']}:{told['ws_port']}/session"
        with connect(address, max_size=LONGEST, proxy=None, compression=None) as socket:
            page = FirefoxPage(socket, house)
            page.open()
            yield page
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
