"""Doors to the database: engines for SQLite and PostgreSQL, sessions, and the transaction around every change.

Knows nothing of what is stored.
"""

from __future__ import annotations

import contextlib
import json
import os
import weakref
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem

BUSY_SECONDS = 30  # how long a SQLite writer waits for the one before it
BEGIN_OPTION = "sqlite_begin"
WRITE = {BEGIN_OPTION: "IMMEDIATE"}

# NaN is no JSON: PostgreSQL would refuse it and SQLite would keep it in silence.
_write_json = partial(json.dumps, ensure_ascii=False, allow_nan=False)


def parse_url(text: str) -> URL:
    """The URL of a database with the driver that is installed here.

    `sqlite:///<path>`, or `postgresql://…` and `postgres://…` (psycopg 3). Anything else raises InputError.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise InputError(_url_problem("it cannot be read as a URL")) from error
    kind = url.drivername.split("+")[0]
    if kind in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite":
        return url.set(drivername="sqlite+pysqlite")
    raise InputError(_url_problem(f"it names the kind '{kind}'"))


def _url_problem(found: str) -> Problem:
    message = (
        f"The URL of the database cannot be used: {found}. Set DATABASE_URL to sqlite:///<path of a file> or "
        "postgresql://<user>:<password>@<host>/<database>."
    )
    return Problem("database_url", message)


def shown_url(url: str | URL) -> str:
    """The URL for people: without the password."""
    return (url if isinstance(url, URL) else parse_url(url)).render_as_string(hide_password=True)


def make_engine(url: str | URL, *, has_foreign_keys: bool = True) -> Engine:
    """An engine for `url` (see `parse_url`); nothing is connected yet.

    SQLite: the folder of the file is made, readers and one writer work side by side (WAL), foreign keys hold.
    has_foreign_keys : False lets SQLite rebuild tables in a migration, which checks the keys at its end.
    """
    url = parse_url(url) if isinstance(url, str) else url
    if url.get_backend_name() == "sqlite":
        engine = _sqlite_engine(url, has_foreign_keys)
    else:
        engine = create_engine(url, pool_pre_ping=True, json_serializer=_write_json)
    _forget_connections_after_fork(engine)
    return engine


def _sqlite_engine(url: URL, has_foreign_keys: bool) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, json_serializer=_write_json, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", partial(_set_up_sqlite, has_foreign_keys=has_foreign_keys))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, record: Any, *, has_foreign_keys: bool) -> None:
    # The driver would begin transactions late and never before DDL or a savepoint: `_begin_sqlite` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute(f"PRAGMA foreign_keys = {'ON' if has_foreign_keys else 'OFF'}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at once: one that reads first and writes later could not wait for it."""
    mode = connection.get_execution_options().get(BEGIN_OPTION, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def _forget_connections_after_fork(engine: Engine) -> None:
    """Two processes on one connection garble each other: a forked worker starts with an empty pool."""
    reference = weakref.ref(engine)

    def forget() -> None:
        inherited = reference()
        if inherited is not None:
            inherited.dispose(close=False)

    os.register_at_fork(after_in_child=forget)


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions; objects stay readable after a commit. For reading: `with factory() as session`."""
    return sessionmaker(engine, expire_on_commit=False)


@contextlib.contextmanager
def transaction(factory: sessionmaker[Session]) -> Iterator[Session]:
    """A session whose changes are all stored at the end, or none of them if anything raises. For writing."""
    with factory.begin() as session:
        session.connection(execution_options=WRITE)
        yield session


def one_at_a_time(session: Session, key: int) -> None:
    """Wait until no other transaction holds this key; it is given back at the end of the transaction.

    On SQLite a writing transaction is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(key)))
