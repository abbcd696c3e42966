"""Bringing a database to the newest version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from server.database import take_turn


def _configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """Upgrade to the newest version. Foreign keys rest meanwhile (SQLite rebuilds tables) and are checked after.

    Raises ``SQLAlchemyError`` for a database that cannot be written, also when there is nothing to upgrade.
    """
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        elif connection.dialect.name == "postgresql":
            take_turn(connection)
        command.upgrade(_configuration(connection), "head")
        connection.commit()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
        connection.rollback()
        if sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"{len(broken)} rows refer to nothing after the migration")


def write_revision(engine: Engine, message: str, revision: str) -> None:
    """Write a new version from the difference between the tables and a migrated database."""
    with engine.connect() as connection:
        command.revision(_configuration(connection), message, autogenerate=True, rev_id=revision)
