"""Connections: how SQLite and PostgreSQL are opened so that both behave alike, and what a transaction is."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_MS = 15_000


def store_url(url: str) -> URL:
    """The URL with the driver we install: `postgres://` and `postgresql://` both mean psycopg 3."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def make_engine(url: str) -> Engine:
    """An engine for `url`; the folder of an SQLite file is made when it is not there."""
    parsed = store_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed)
    else:
        engine = create_engine(parsed, pool_pre_ping=True)
    _forget_connections_after_fork(engine)
    return engine


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _forget_connections_after_fork(engine: Engine) -> None:
    """A worker must not use the connections that its parent opened while it warmed the application up."""
    reference = weakref.ref(engine)

    def forget() -> None:
        inherited = reference()
        if inherited is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Foreign keys are checked, readers do not wait for a writer, and we say ourselves when a transaction begins."""
    connection.isolation_level = None  # the driver would otherwise begin late and let a read be overtaken
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    """A writing transaction takes the write lock at once: upgrading a read later would fail instead of waiting."""
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions for reading; see `transaction` for writing."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(factory: sessionmaker[Session]) -> Iterator[Session]:
    """A writing session that is committed at the end, or rolled back whole when anything is raised."""
    with factory() as session:
        session.connection(execution_options={"writes": True})
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
