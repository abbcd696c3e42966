"""A real PostgreSQL of the tests' own, in a folder and on a port of its own, and databases in it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from tests.e2e.house import free_port

QUICK = ("fsync=off", "full_page_writes=off")
"""For tests that pull no plug."""


@dataclass
class Cluster:
    """A server that runs; ``process`` is its first process."""

    port: int
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=count)

    def address(self, database: str) -> str:
        """The address of a database in it, as LIANXIN_DATABASE_URL has it."""
        return f"postgresql+psycopg://lianxin@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template0") -> str:
        """Make a database as ``template`` is; its name."""
        name = f"house{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Take a database away from everybody who uses it."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self._run("SELECT 1")
        except OperationalError:
            return False
        return True

    def _run(self, statement: str) -> None:
        engine = create_engine(self.address("postgres"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(statement)
        finally:
            engine.dispose()


def _as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {one.pw_name for one in pwd.getpwall()}
    found = pwd.getpwnam("postgres" if "postgres" in known else "nobody")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _programs() -> Path:
    """The newest version that is installed."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))


@contextmanager
def open_cluster(*settings: str) -> Iterator[Cluster]:
    """Start it, with further ``name=value`` settings; stop it at the end and leave nothing."""
    folder, whom, port = Path(tempfile.mkdtemp(prefix="lianxin-pg-")), _as_whom(), free_port()
    if whom:
        os.chown(folder, whom["user"], whom["group"])
    own: dict[str, Any] = {
        "cwd": folder,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
        "umask": 0o077,
        **whom,
    }
    data = folder / "data"
    making = ("--username=lianxin", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    subprocess.run([_programs() / "initdb", f"--pgdata={data}", *making], check=True, **own)
    told = (f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *settings)
    command: list[str | Path] = [_programs() / "postgres", "-D", data, *(word for one in told for word in ("-c", one))]
    cluster = Cluster(port, subprocess.Popen(command, **own))
    try:
        end = time.monotonic() + 30
        while not cluster.answers():
            if cluster.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("PostgreSQL does not start")
            time.sleep(0.05)
        yield cluster
    finally:
        cluster.process.send_signal(signal.SIGINT)
        try:
            cluster.process.wait(20)
        except subprocess.TimeoutExpired:
            cluster.process.kill()
            cluster.process.wait()
        shutil.rmtree(folder)
