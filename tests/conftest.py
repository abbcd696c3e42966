"""What every test may ask for: a migrated database in a folder of its own, a clock, a browserless client."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from server.app import create_app
from server.database import make_engine
from server.migrations.run import migrate
from server.sealing import Sealer, use_sealer
from server.settings import Settings
from server.storage import make_folders
from tests.district import District, make_district
from tests.fakes import FakeClock, FakeMedia
from tests.postgresql import QUICK, Cluster, open_cluster

SECRET = "a secret for the tests of thirty-two characters"  # noqa: S105 - opens nothing but test data

# A busy machine is slow; no test asserts a time.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's, and so are all that drive browsers: two live talks at once are too much for two cores."""

    def _split_scope(self, nodeid: str) -> str:
        return "browsers" if nodeid.startswith("tests/e2e/") else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """What shares the tests out."""
    return ByFile(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --postgresql``: whatever asks for ``engine`` gets a database of a real PostgreSQL."""
    parser.addoption("--postgresql", action="store_true", help="run over PostgreSQL instead of SQLite")


def pytest_configure(config: pytest.Config) -> None:
    """A thread that outlives its test holds a connection to a database that is gone."""
    if config.getoption("--postgresql"):
        config.addinivalue_line("filterwarnings", "ignore:.*was deleted while still open:ResourceWarning")


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in this process sends the logs elsewhere; the next test finds them as before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


@pytest.fixture
def clock() -> FakeClock:
    """Tuesday 24 November 2026, nine o'clock in the district."""
    return FakeClock()


@pytest.fixture
def media(clock: FakeClock) -> FakeMedia:
    """A media engine in memory."""
    return FakeMedia(clock)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that point into the test's own folder."""
    return Settings(secret=SecretStr(SECRET), data_dir=tmp_path / "data", _env_file=None)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file, copied for each test."""
    path = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL for all tests of this process that need one."""
    with open_cluster(*QUICK) as made:
        yield made


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """A migrated, empty database of it, copied for each test."""
    name = cluster.new_database()
    engine = make_engine(cluster.address(name))
    migrate(engine)
    engine.dispose()
    return name


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database of the test's own."""
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.new_database(request.getfixturevalue("template"))
    yield cluster.address(name)
    cluster.drop(name)


@pytest.fixture
def engine(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Engine]:
    """A database of the test's own."""
    use_sealer(Sealer.from_secret(SECRET))
    make_folders(settings)
    if request.config.getoption("--postgresql"):
        address = request.getfixturevalue("postgresql")
    else:
        shutil.copy(request.getfixturevalue("migrated"), settings.state_dir / "lianxin.sqlite3")
        address = settings.database_address
    made = make_engine(address)
    yield made
    made.dispose()


@pytest.fixture
def app(settings: Settings, engine: Engine, clock: FakeClock, media: FakeMedia) -> FastAPI:
    """The application over the test's database."""
    return create_app(settings, media=media, clock=clock, engine=engine)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client without a browser; redirects are not followed."""
    with TestClient(app, follow_redirects=False) as made:
        yield made


@pytest.fixture
def district(engine: Engine, clock: FakeClock) -> District:
    """A small district with an official who receives today."""
    return make_district(engine, clock)
