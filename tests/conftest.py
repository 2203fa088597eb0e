"""Fixtures that several rooms share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from data.store.engine import make_engine, session_factory
from data.store.migrate import migrate
from tests.databases import PostgresServer

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# A busy machine is no failure (no deadline); the same tree gives the same answer twice (no chance). Chance looks for
# what nobody thought of: `pytest --hypothesis-profile=search --hypothesis-seed=1 tests`.
settings.register_profile("search", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


# Files that take a minute or more by themselves begin first: one that began last would keep one process waiting for it.
LONG = {
    "test_public_surfaces.py",
    "test_engines.py",
    "test_optimise_properties.py",
    "test_demo_build.py",
    "test_pages.py",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that nobody here wrote; tests that need it say so when it is absent."""
    folder = Path(os.environ.get("SHARED_DATA", SHARED))
    if not folder.is_dir():
        pytest.skip(f"the real files are not here ({folder}); set SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that tests copy."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One private PostgreSQL server a session; without its binaries the test fails and says what to install."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database of the test's own."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'store.sqlite')}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of the test's own: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
        return url
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.fresh()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """On SQLite and on PostgreSQL."""
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions, on SQLite and on PostgreSQL."""
    return session_factory(engine)
