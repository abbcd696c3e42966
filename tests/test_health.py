"""What machines and their keepers may ask, and what others may not."""

from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine

from server.accounts.roles import Actor, Role
from server.accounts.service import actor_of_user
from server.app import create_app
from server.certificates import certificates_in, make_certificate
from server.database import writing
from server.dependencies import COOKIE
from server.health import FORWARDED
from server.security import POLICY
from server.settings import Settings
from server.signaling.placement import placement_of
from server.storage import make_folders
from tests.district import District, user
from tests.e2e.house import free_port
from tests.fakes import FakeClock, FakeMedia
from tests.signaling.talkers import cookie_of

READY = {"database": True, "media": True, "disk": True, "said": "", "engines": {}}
NO_DATABASE = "数据库没有响应,请检查数据库文件和权限,或检查设置 LIANXIN_DATABASE_URL。"
NO_MEDIA = "没有媒体进程回应,请查看服务器的日志。"
NO_DISK = "磁盘写不进数据,请检查权限和剩余空间。"
Usage = namedtuple("Usage", "total used free")
TOKEN = "a token of the one who watches"  # noqa: S105 - opens nothing but test data


@pytest.fixture(autouse=True)
def _folders(settings: Settings, engine: Engine) -> None:
    make_folders(settings)


@contextmanager
def calling_from(app: FastAPI, address: str, **headers: str) -> Iterator[TestClient]:
    with TestClient(app, client=(address, 40000), headers=headers, follow_redirects=False) as client:
        yield client


def someone(district: District, role: Role) -> Actor:
    """A new account of this role."""
    with writing(district.engine) as db:
        made = user(f"new {role}", role)
        db.add(made)
        db.flush()
        return actor_of_user(made)


def test_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"alive": True}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, READY)


def test_not_ready_names_the_part_that_does_not_answer(settings: Settings, clock: FakeClock, engine: Engine) -> None:
    media = placement_of({one.name: one.control_path for one in settings.media_engines})
    app = create_app(settings, media=media, clock=clock, engine=engine)
    with calling_from(app, "127.0.0.1") as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {**READY, "media": False, "said": NO_MEDIA, "engines": {"1": None}},
    )


def test_a_media_process_that_hangs_is_not_ready(client: TestClient, media: FakeMedia) -> None:
    media.down = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**READY, "media": False, "said": NO_MEDIA})


def test_a_full_disk_is_not_ready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(2**40, 2**40 - 2**20, 2**20))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**READY, "disk": False, "said": NO_DISK})


def test_folders_that_are_gone_are_not_ready(client: TestClient, settings: Settings) -> None:
    settings.sessions_dir.rmdir()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**READY, "disk": False, "said": NO_DISK})


def test_a_database_file_that_was_taken_away_is_not_ready(client: TestClient, engine: Engine) -> None:
    Path(str(engine.url.database)).unlink()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**READY, "database": False, "said": NO_DATABASE})


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.1.2.3", 404)])
def test_numbers_are_for_this_machine_only(app: FastAPI, address: str, status: int) -> None:
    with calling_from(app, address) as client:
        assert client.get("/metrics").status_code == status


@pytest.mark.parametrize("header", FORWARDED)
def test_a_proxy_on_this_machine_does_not_open_the_numbers(app: FastAPI, header: str) -> None:
    with calling_from(app, "127.0.0.1") as client:
        assert client.get("/metrics", headers={header: "10.1.2.3"}).status_code == 404


@pytest.mark.parametrize(("given", "status"), [(f"Bearer {TOKEN}", 200), ("Bearer ", 404), ("", 404), (TOKEN, 404)])
def test_a_token_opens_the_numbers_from_anywhere_and_only_it(
    settings: Settings, media: FakeMedia, clock: FakeClock, engine: Engine, given: str, status: int
) -> None:
    guarded = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    app = create_app(guarded, media=media, clock=clock, engine=engine)
    for address in ("127.0.0.1", "10.1.2.3"):
        with calling_from(app, address) as client:
            assert client.get("/metrics", headers={"authorization": given}).status_code == status


def test_anybody_may_have_the_certificate_to_trust_and_nothing_else(client: TestClient, settings: Settings) -> None:
    missing = client.get("/trust/lianxin-ca.crt")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "no_certificate")
    files = certificates_in(settings.state_dir)
    make_certificate(files, names=["a.example"], now=datetime.now(UTC))
    given = client.get("/trust/lianxin-ca.crt")
    assert given.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_pem_x509_certificate(given.content).issuer == x509.load_pem_x509_certificate(given.content).subject
    assert b"PRIVATE" not in given.content
    for name in ("ca.key", "server.pem", "../state/tls/ca.key", "%2e%2e/ca.key"):
        assert client.get(f"/trust/{name}").status_code == 404


def test_the_enrolment_page_leads_to_the_certificate(client: TestClient) -> None:
    assert 'href="/trust/lianxin-ca.crt"' in client.get("/kiosk/enrol").text


@pytest.mark.parametrize("page", ["/api/docs", "/api/openapi.json"])
@pytest.mark.parametrize("role", [one for one in Role if one not in {Role.KIOSK, Role.GUEST}])
def test_the_description_is_for_administrators(client: TestClient, district: District, page: str, role: Role) -> None:
    if role is not Role.PUBLIC:
        client.cookies.set(COOKIE, cookie_of(district.engine, district.clock, someone(district, role)))
    answer = client.get(page)
    assert answer.status_code == {Role.ADMINISTRATOR: 200, Role.PUBLIC: 401}.get(role, 403)
    assert answer.headers["content-security-policy"] == POLICY


def test_the_viewer_comes_from_this_server(client: TestClient) -> None:
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert client.get(f"/api/static/{name}").status_code == 200
    assert client.get("/api/static/../core.py").status_code == 404


def test_a_broken_database_is_not_ready(settings: Settings, media: FakeMedia, tmp_path: Path) -> None:
    broken = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite3'}"})
    app = create_app(broken, media=media)
    client = TestClient(app)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


def test_a_postgresql_that_is_not_there_is_not_ready_and_a_page_says_so(settings: Settings, media: FakeMedia) -> None:
    away = settings.model_copy(update={"database_url": f"postgresql://lianxin@127.0.0.1:{free_port()}/lianxin"})
    client = TestClient(create_app(away, media=media))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**READY, "database": False, "said": NO_DATABASE})
    client.cookies.set(COOKIE, "of a kiosk")
    shown = client.get("/kiosk", headers={"accept": "text/html"})
    assert (shown.status_code, "数据库暂时没有回应" in shown.text) == (503, True)
