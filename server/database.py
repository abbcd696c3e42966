"""The database: engine, column types, transactions.

Writers take turns, on SQLite and on PostgreSQL alike and over all processes: what a transaction has read is still true
when it writes, the audit log is one chain, and no transaction fails because of another and has to be tried again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Enum, LargeBinary, Table, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel, create_engine

from server.errors import Unavailable
from server.sealing import current_sealer
from server.turns import Turns

PATIENCE = 20
"""Seconds a writer waits for its turn."""
TURN = 4_207_100
"""The advisory lock (of PostgreSQL) that is a writer's turn."""
_turns = Turns()


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


def table_of(model: type[SQLModel]) -> Table:
    """The table itself, for a question that needs columns and no objects."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def make_engine(address: str) -> Engine:
    """An engine for ``address`` with the settings and the pool the house relies on."""
    return _sqlite(address) if address.startswith("sqlite") else _postgresql(address)


def _sqlite(address: str) -> Engine:
    connecting = {"check_same_thread": False, "timeout": PATIENCE}
    engine = create_engine(address, connect_args=connecting, pool_size=40, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={PATIENCE * 1000}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgresql(address: str) -> Engine:
    """Readers see one moment each; writers what is committed when their turn comes."""
    settings = {"timezone": "UTC", "lock_timeout": f"{PATIENCE}s", "idle_in_transaction_session_timeout": "60s"}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    engine = create_engine(
        address,
        connect_args={"connect_timeout": 5, "options": options},
        isolation_level="READ COMMITTED",
        pool_size=40,
        pool_pre_ping=True,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("writes"):
            take_turn(connection)

    return engine


def take_turn(connection: Any) -> None:
    """Wait until every other writer of this PostgreSQL database has ended; the turn ends with the transaction."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads; rolled back at the end."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with _answering(), Session(engine, expire_on_commit=False) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on an exception."""
    bound = engine.execution_options(writes=True)
    with _answering(), _queued(engine), Session(bound, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def _queued(engine: Engine) -> Iterator[None]:
    """SQLite lets its writers look again and again, and some come late: those of this process wait in a queue."""
    if engine.dialect.name != "sqlite":
        yield
    elif _turns.take(timeout=PATIENCE):
        try:
            yield
        finally:
            _turns.give_back()
    else:
        raise _away()


@contextmanager
def _answering() -> Iterator[None]:
    """A database that does not answer is told like any other part that does not."""
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise _away() from error


def _away() -> Unavailable:
    return Unavailable("database_away", "The database does not answer at the moment. Please try again in a minute.")


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
