"""Brings a database to the present version of the tables: `migrate(url)`, or `python -m data.store.migrate`."""

from __future__ import annotations

import contextlib
import fcntl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, func, select
from sqlalchemy.exc import DBAPIError

from budget_model.errors import BudgetModelError, InputError, Problem
from data.settings import StoreSettings
from data.store.engine import WRITE, make_engine, parse_url, shown_url

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 7_216_340_951  # any number that no other program on the server takes for its lock
Step = Callable[[Config], None]


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest; safe when several processes start at once.

    All steps happen in one transaction. Raises InputError where the database cannot be opened, or comes from a newer
    version of this program.
    """
    _run(parse_url(url), lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to a revision. What the later tables and columns hold is lost."""
    _run(parse_url(url), lambda config: command.downgrade(config, revision))


def is_current(connection: Connection) -> bool:
    """Whether the database is at the newest revision."""
    heads = ScriptDirectory(str(FOLDER)).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def _run(url: URL, step: Step) -> None:
    try:
        with _file_lock(url):
            _run_locked(url, step)
    except DBAPIError as error:
        message = f"The database {shown_url(url)} cannot be used: {str(error.orig).strip()}. Check DATABASE_URL."
        raise InputError(Problem("database", message)) from error
    except CommandError as error:
        message = (
            f"The database {shown_url(url)} cannot be brought up to date: {error}. It may come from a newer version "
            "of this program: update the program."
        )
        raise InputError(Problem("database_version", message)) from error


def _run_locked(url: URL, step: Step) -> None:
    engine = make_engine(url, has_foreign_keys=False)
    try:
        with engine.connect().execution_options(**WRITE) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            config = Config()
            config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
            config.attributes["connection"] = connection
            step(config)
            _check_foreign_keys(connection)
    finally:
        engine.dispose()


def _check_foreign_keys(connection: Connection) -> None:
    """SQLite does not watch the keys while tables are rebuilt, so they are checked before the commit."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            message = f"The migration would leave {len(broken)} rows without what they refer to; nothing was changed."
            raise InputError(Problem("database_keys", message))


@contextlib.contextmanager
def _file_lock(url: URL) -> Iterator[None]:
    """One process at a time on a SQLite file, from the first connection on (which sets its journal mode)."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        yield
        return
    path = Path(url.database).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # given back when the file is closed, also by the end of the process
        yield


def main() -> None:
    """Migrate the database of the environment."""
    url = StoreSettings.from_environment().database_url
    try:
        migrate(url)
    except BudgetModelError as error:
        sys.exit(f"Refused: {error}")


if __name__ == "__main__":
    main()
