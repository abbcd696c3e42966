"""Column types and transactions on a real SQLite file."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import StatementError
from sqlmodel import Session, select

from server.audit.models import AuditEntry
from server.database import make_engine, reading, writing
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
                other.execution_options(sqlite_begin="IMMEDIATE").exec_driver_sql("SELECT 1")
    impatient.dispose()
    file_engine.dispose()
