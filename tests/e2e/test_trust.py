"""A kiosk in the network: what it sees before and after it trusts the district's certificate.

One kiosk calls the server by a name that is not this machine's loopback, another stands in a network of its own and
calls by address: only a trusted certificate makes their pages secure.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from tests.e2e.conftest import CHROMIUM, FLAGS, MAY_USE_DEVICES
from tests.e2e.house import ROOT, House, free_port, open_house
from tests.e2e.village import village_network

pytestmark = pytest.mark.browser
NAME = "server.kiosks.example"
CAMERA = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  return stream.getTracks().map((track) => `${track.kind} ${track.readyState}`).sort();
}"""


@pytest.fixture(scope="module")
def secure_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The product with a certificate made before its start."""
    folder = tmp_path_factory.mktemp("secure") / "data"
    with open_secure_house(folder, NAME, LIANXIN_TLS_HOST="127.0.0.1") as running:
        yield running


@contextmanager
def open_secure_house(folder: Path, name: str, **extra: str) -> Iterator[House]:
    """The product with a certificate for ``name``."""
    settings = {"LIANXIN_TLS_PORT": str(free_port()), **extra}
    environment = {**os.environ, **settings, "LIANXIN_DEMONSTRATION": "1", "LIANXIN_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "server.cli", "tls", "--name", name]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    with open_house(folder, **settings) as running:
        yield running


@contextmanager
def kiosk(playwright: Playwright, home: Path, chromium: str = CHROMIUM) -> Iterator[Page]:
    """A kiosk's browser with a profile and a certificate store of its own."""
    home.mkdir(exist_ok=True)
    context: BrowserContext = playwright.chromium.launch_persistent_context(
        home / "profile",
        executable_path=chromium,
        args=[*FLAGS, MAY_USE_DEVICES, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
        env={**os.environ, "HOME": str(home)},
        accept_downloads=True,
    )
    yield context.pages[0]
    context.close()


def trust(home: Path, certificate: Path) -> None:
    """What the kiosk's certificate settings do: trust it to identify web sites."""
    for folder in (home / ".pki/nssdb", home / ".local/share/pki/nssdb"):
        folder.mkdir(parents=True)
        store = ["certutil", "-d", f"sql:{folder}"]
        subprocess.run([*store, "-N", "--empty-password"], check=True, capture_output=True)
        subprocess.run([*store, "-A", "-n", "lianxin", "-t", "C,,", "-i", str(certificate)], check=True)


def test_the_camera_works_once_the_certificate_is_trusted(
    playwright: Playwright, secure_house: House, tmp_path: Path
) -> None:
    plain = f"http://{NAME}:{secure_house.port}/kiosk/enrol"
    secure = f"https://{NAME}:{secure_house.environment['LIANXIN_TLS_PORT']}/kiosk/enrol"
    certificate = tmp_path / "downloaded.crt"
    with kiosk(playwright, tmp_path / "stranger") as first:
        with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
            first.goto(secure)
        page = first.context.new_page()
        page.goto(plain)
        assert page.evaluate("[isSecureContext, navigator.mediaDevices === undefined]") == [False, True]
        with page.expect_download() as download:
            page.get_by_role("link", name="下载证书").click()
        download.value.save_as(certificate)
    trust(tmp_path / "kiosk", certificate)
    with kiosk(playwright, tmp_path / "kiosk") as page:
        page.goto(secure)
        set_up_with_camera(page)


def set_up_with_camera(page: Page) -> None:
    """On the enrolment page: the camera is there, the code makes this browser a kiosk, its cookie travels sealed."""
    assert page.evaluate("isSecureContext") is True
    assert page.evaluate(CAMERA) == ["audio live", "video live"]
    page.get_by_role("textbox").first.fill("LXAA3344")
    page.get_by_role("button", name="开始使用").click()
    page.wait_for_url("**/kiosk")
    (cookie,) = [one for one in page.context.cookies() if one["name"] == "lianxin"]
    assert (cookie["secure"], cookie["httpOnly"]) == (True, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a network namespace")
def test_a_kiosk_in_the_network_calls_this_machine_by_its_address(playwright: Playwright, tmp_path: Path) -> None:
    with (
        village_network() as network,
        open_secure_house(tmp_path / "data", network.server, LIANXIN_MEDIA_ADDRESSES=network.server) as house,
    ):
        chromium = network.chromium_inside(tmp_path)
        address = f"https://{network.server}:{house.environment['LIANXIN_TLS_PORT']}/kiosk/enrol"
        with (
            kiosk(playwright, tmp_path / "stranger", chromium) as page,
            pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"),
        ):
            page.goto(address)
        trust(tmp_path / "kiosk", house.data_dir / "state/tls/ca.crt")
        with kiosk(playwright, tmp_path / "kiosk", chromium) as page:
            with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
                page.goto(f"{house.address}/kiosk/enrol")  # the kiosk's loopback is not the server's
            page = page.context.new_page()
            page.goto(address)
            set_up_with_camera(page)
