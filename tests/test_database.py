"""Column types and transactions on a real SQLite file and on a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event
from sqlalchemy.exc import StatementError
from sqlmodel import Session, select

from server.accounts.roles import Actor, Role
from server.audit.models import AuditEntry
from server.audit.service import record
from server.audit.service_reading import check_chain
from server.database import make_engine, reading, writing
from server.errors import Unavailable
from server.migrations.run import migrate
from server.scheduling.models import Petitioner
from server.sealing import Sealer, use_sealer
from server.tables import METADATA

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def file_engine(tmp_path: Path) -> Engine:
    use_sealer(Sealer.from_secret("a secret of at least thirty-two characters"))
    engine = make_engine(f"sqlite:///{tmp_path / 'house.sqlite3'}")
    METADATA.create_all(engine)
    return engine


def test_instants_come_back_aware_in_utc(file_engine: Engine) -> None:
    with writing(file_engine) as db:
        db.add(Petitioner(name="王五", created_at=NOON))
    with reading(file_engine) as db:
        found = db.exec(select(Petitioner)).one()
    assert found.created_at == NOON
    assert found.created_at.tzinfo is UTC


def test_a_naive_instant_is_refused(file_engine: Engine) -> None:
    with pytest.raises(StatementError, match="naive"), writing(file_engine) as db:
        db.add(Petitioner(name="王五", created_at=NOON.replace(tzinfo=None)))


def test_a_name_is_not_in_the_file(file_engine: Engine, tmp_path: Path) -> None:
    with writing(file_engine) as db:
        db.add(Petitioner(name="欧阳明月", created_at=NOON))
    with reading(file_engine) as db:
        assert db.exec(select(Petitioner)).one().name == "欧阳明月"
    content = b"".join(path.read_bytes() for path in tmp_path.glob("house.sqlite3*"))
    assert b"petitioners" in content
    assert "欧阳明月".encode() not in content


def test_an_exception_leaves_nothing_behind(file_engine: Engine) -> None:
    def half_way(db: Session) -> None:
        db.add(Petitioner(name="王五", created_at=NOON))
        db.flush()
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"), writing(file_engine) as db:
        half_way(db)
    with reading(file_engine) as db:
        assert db.exec(select(Petitioner)).all() == []


def test_a_writer_holds_the_write_lock_from_the_start(file_engine: Engine) -> None:
    impatient = make_engine(str(file_engine.url))
    with writing(file_engine) as db:
        db.exec(select(AuditEntry)).all()
        with impatient.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=1")
            other.rollback()
            with pytest.raises(Exception, match="locked"):
                other.execution_options(writes=True).exec_driver_sql("SELECT 1")
    impatient.dispose()
    file_engine.dispose()


@pytest.fixture
def server_engine(postgresql: str) -> Iterator[Engine]:
    use_sealer(Sealer.from_secret("a secret of at least thirty-two characters"))
    engine = make_engine(postgresql)
    yield engine
    engine.dispose()


def test_one_set_of_migrations_makes_the_same_tables_on_postgresql(server_engine: Engine) -> None:
    with server_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        wanted = {
            one.name for table in METADATA.tables.values() for one in table.constraints | table.indexes if one.name
        }
        rows = connection.exec_driver_sql("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")
        assert wanted - set(rows.scalars()) == set()


def test_migrating_again_changes_nothing_and_keeps_the_data(server_engine: Engine) -> None:
    with writing(server_engine) as db:
        db.add(Petitioner(name="王五", created_at=NOON))
    migrate(server_engine)
    with reading(server_engine) as db:
        found = db.exec(select(Petitioner)).one()
    assert (found.name, found.created_at, found.created_at.tzinfo) == ("王五", NOON, UTC)


def test_a_reader_sees_one_moment_and_cannot_write(server_engine: Engine) -> None:
    with reading(server_engine) as db:
        assert db.exec(select(Petitioner)).all() == []
        with writing(server_engine) as other:
            other.add(Petitioner(name="王五", created_at=NOON))
        assert db.exec(select(Petitioner)).all() == []
        db.add(Petitioner(name="赵六", created_at=NOON))
        with pytest.raises(Exception, match="read-only"):
            db.flush()


@pytest.mark.parametrize("which", ["file_engine", "server_engine"])
def test_writers_take_turns(request: pytest.FixtureRequest, which: str) -> None:
    engine: Engine = request.getfixturevalue(which)
    actor, auditor = (Actor(role=role, name="somebody") for role in (Role.ADMINISTRATOR, Role.AUDITOR))

    def write(_number: int) -> None:
        with writing(engine) as db:
            record(db, actor=actor, now=NOON, action="house.tried", subject="house", subject_id=1)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(100)))
    with reading(engine) as db:
        assert len(db.exec(select(AuditEntry)).all()) == 100
        assert check_chain(db, actor=auditor).broken_at is None
    engine.dispose()


def test_connections_that_a_restart_has_cut_are_made_anew(server_engine: Engine) -> None:
    with reading(server_engine) as db:
        db.exec(select(Petitioner)).all()
    other = make_engine(str(server_engine.url))
    with other.connect() as connection:
        cut = connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cut.scalars().all() == [True]
    other.dispose()
    with reading(server_engine) as db:
        assert db.exec(select(Petitioner)).all() == []


def test_a_writer_whose_turn_does_not_come_is_told(server_engine: Engine) -> None:
    impatient = make_engine(str(server_engine.url))

    @event.listens_for(impatient, "connect")
    def _wait_less(connection: Any, _record: object) -> None:
        connection.execute("SET lock_timeout = '1ms'").connection.commit()

    with writing(server_engine) as db:
        db.connection()
        with pytest.raises(Unavailable) as caught, writing(impatient) as other:
            other.connection()
    assert caught.value.code == "database_away"
    impatient.dispose()
