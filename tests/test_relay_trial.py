"""The trial of TURN servers says what is wrong with a real coturn, so that an administrator can mend it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.certificates import certificates_in, make_certificate
from server.clock import SystemClock
from server.relay_trial import Trial, sentence, trials
from server.settings import Settings
from tests.conftest import SECRET as OWN
from tests.coturn import SECRET, Coturn, on_loopback, open_coturn
from tests.e2e.house import free_port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a certificate."""
    made = tmp_path_factory.mktemp("trial")
    make_certificate(certificates_in(made / "state"), names=["127.0.0.1"], now=SystemClock().now())
    return made


@pytest.fixture(scope="module")
def coturn(folder: Path) -> Iterator[Coturn]:
    """One whose media are at 127.0.0.1."""
    files = certificates_in(folder / "state")
    with open_coturn(folder / "running", on_loopback(), media="127.0.0.1", certificate=files.server) as running:
        yield running


def problems(folder: Path, urls: str, **changes: object) -> list[str]:
    told = {"secret": OWN, "data_dir": folder, "turn_secret": SECRET, "media_addresses": "127.0.0.1", "turn_urls": urls}
    return [one.problem for one in asyncio.run(trials(Settings.model_validate(told | changes)))]


def test_servers_that_let_through_pass(folder: Path, coturn: Coturn) -> None:
    assert problems(folder, coturn.urls("127.0.0.1")) == ["", ""]
    assert problems(folder, "") == []


def test_what_is_wrong_is_told(folder: Path, coturn: Coturn, tmp_path: Path) -> None:
    urls = coturn.urls("127.0.0.1")
    assert problems(folder, urls, turn_secret=SECRET[::-1]) == ["refused", "refused"]
    assert problems(folder, urls, media_addresses="127.0.0.9, 10.1.2.3") == ["closed", "closed"]
    assert problems(folder, urls, media_addresses="::1, 127.0.0.1") == ["", ""]
    assert problems(tmp_path, urls) == ["", "certificate"]
    assert problems(folder, f"turn:127.0.0.1:{free_port()}?transport=tcp") == ["silent"]


def test_a_sentence_for_each() -> None:
    told = [sentence(Trial("turn:x", one)) for one in ("", "silent", "certificate", "refused", "closed", "failed")]
    assert len(set(told)) == 6
    assert "allowed-peer-ip" in told[4]
