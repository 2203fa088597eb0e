"""Databases for the tests: a migrated SQLite file to copy, and a private PostgreSQL server with a template database."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from data.store.engine import parse_url
from data.store.migrate import is_current, migrate
from data.store.tables import Base

FILLED_BY_MIGRATIONS = {"role"}
MISSING = "The PostgreSQL server is not here: install it (apt-get install postgresql); ./script/test does so by itself."


def find_binary(name: str) -> str | None:
    """A PostgreSQL server program, on the path or where Debian puts it; newest version first."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]), reverse=True)
    return str(debian[0]) if debian else shutil.which(name)


class PostgresServer:
    """A server of its own, reached through a socket in its own folder, thrown away at the end.

    is_durable : whether it waits for the disk, as a real one does; tests need not
    """

    def __init__(self, is_durable: bool = False) -> None:
        if find_binary("initdb") is None or find_binary("pg_ctl") is None:
            raise RuntimeError(MISSING)
        self.folder = Path(tempfile.mkdtemp(prefix="cbms-postgres-"))
        self.databases = 0
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=60"
        options += "" if is_durable else " -c fsync=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-w", "-o", options, "start")
        migrate(self.create("template_migrated"))

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(find_binary(name)), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        done = subprocess.run(
            command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stdout[-800:]}")

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """A new database, copied from a template; its URL."""
        engine = create_engine(parse_url(self.url("postgres")), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        engine.dispose()
        return self.url(name)

    def fresh(self) -> str:
        """A migrated, empty database for one test: that of the test before, emptied, or a new one if it was changed."""
        name = f"test_{self.databases}"
        if self.databases and self._emptied(name):
            return self.url(name)
        self.databases += 1
        return self.create(f"test_{self.databases}", "template_migrated")

    def _emptied(self, name: str) -> bool:
        """Empty a database if its tables are still those of the migrations; a copy of the template takes longer."""
        engine = create_engine(parse_url(self.url(name)), poolclass=NullPool)
        with engine.begin() as connection:
            if not is_current(connection):
                return False
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> :own"
            own = connection.scalar(text("SELECT pg_backend_pid()"))
            connection.execute(text(others), {"name": name, "own": own})
            names = ", ".join(table for table in Base.metadata.tables if table not in FILLED_BY_MIGRATIONS)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        return True

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
