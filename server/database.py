"""The database: engine, column types, transactions.

SQLite writes begin IMMEDIATE, so that a read inside a transaction never turns out stale at the write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Enum, LargeBinary, event
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, create_engine

from server.sealing import current_sealer


class UtcDateTime(TypeDecorator[datetime]):
    """Aware instants in, aware UTC instants out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite drops."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def word(kind: type[StrEnum]) -> Any:
    """A column type that stores a member by its value, so that the database and its constraints can be read."""
    return Enum(kind, values_callable=lambda members: [one.value for one in members], native_enum=False, length=20)


class SealedText(TypeDecorator[str]):
    """Text that is AES-GCM sealed in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Seal."""
        return None if value is None else current_sealer().seal(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Open."""
        return None if value is None else current_sealer().open(bytes(value))


def make_engine(address: str) -> Engine:
    """An engine for ``address`` with the pragmas and the pool the house relies on."""
    if not address.startswith("sqlite"):
        return create_engine(address, pool_size=40, max_overflow=10, hide_parameters=True)
    connecting = {"check_same_thread": False, "timeout": 10}
    engine = create_engine(address, connect_args=connecting, pool_size=40, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads; rolled back at the end."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on an exception."""
    bound = engine.execution_options(sqlite_begin="IMMEDIATE")
    with Session(bound, expire_on_commit=False) as session, session.begin():
        yield session


class ChangeSignal:
    """Whether anything was written since the last question, by any process. Cheap enough to ask often.

    SQLite counts commits of other connections (``PRAGMA data_version``); elsewhere the answer is always yes.
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect() if engine.dialect.name == "sqlite" else None
        self._seen = -1

    def changed(self) -> bool:
        """True at the first question."""
        if self._connection is None:
            return True
        version = int(self._connection.exec_driver_sql("PRAGMA data_version").scalar_one())
        self._connection.rollback()
        before, self._seen = self._seen, version
        return version != before

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
