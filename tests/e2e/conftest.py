"""Real people in front of real browsers: fixtures of the end-to-end tests."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e.house import House, free_port, open_house
from tests.e2e.people import Person, signed_in
from tests.relay import Relay

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
]
MAY_USE_DEVICES = "--use-fake-ui-for-media-stream"


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with a fake camera and microphone, which pages may use."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, MAY_USE_DEVICES])
    yield chromium
    chromium.close()


@pytest.fixture(scope="module", autouse=True)
def _pages_end_with_their_file(browser: Browser) -> Iterator[None]:
    """Pages that nobody looks at any more would go on with their cameras, and look for a house that is gone."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture
def strict_browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium whose user never allows the camera."""
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--deny-permission-prompts"])
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The product with a fresh demonstration district; recordings are encrypted."""
    folder: Path = tmp_path_factory.mktemp("house") / "data"
    with open_house(folder, LIANXIN_RECORDING_KEY="a recording key of at least thirty-two characters") as running:
        yield running


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Relay]]:
    """A house whose media go through a relay."""
    media_port = free_port(socket.SOCK_DGRAM)
    ports = {"LIANXIN_MEDIA_PORT": str(media_port)}
    with Relay(("127.0.0.1", media_port)) as relay:
        ports["LIANXIN_MEDIA_PUBLIC_PORT"] = str(relay.port)
        with open_house(tmp_path_factory.mktemp("relayed") / "data", **ports) as house:
            yield house, relay


@pytest.fixture(scope="module")
def administrator(browser: Browser, house: House) -> Iterator[Person]:
    """An administrator at the desk."""
    made = signed_in(browser, house, "administrator")
    yield made
    assert made.problems == []
