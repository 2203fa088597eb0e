"""Brings the database up to date with Alembic. Run as `python -m data.store.migrate` before serving.

Two processes may start at once: one migrates, the other waits (advisory lock on PostgreSQL, write lock on SQLite).
"""

from __future__ import annotations

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from data.settings import StoreSettings
from data.store.engine import make_engine

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
ADVISORY_LOCK = 4_202_601


def configuration(connection: Connection) -> Config:
    """Alembic's configuration without a file of its own; `env.py` picks the connection up."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate_engine(engine: Engine, revision: str = "head") -> None:
    """Upgrade to a revision in one transaction."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        command.upgrade(configuration(connection), revision)


def downgrade_engine(engine: Engine, revision: str) -> None:
    """Go back to an earlier revision (`base` empties the database)."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(configuration(connection), revision)


def migrate(url: str) -> None:
    """Upgrade the database at `url` to the newest revision."""
    engine = make_engine(url)
    try:
        migrate_engine(engine)
    finally:
        engine.dispose()


if __name__ == "__main__":
    migrate(StoreSettings.from_environment().database_url)
    print("The database is up to date.", file=sys.stderr)
