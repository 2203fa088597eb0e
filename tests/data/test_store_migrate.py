"""Migrations: up, no drift from the tables, down, up again; and two processes at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from budget_model.errors import InputError
from data.store.engine import make_engine, transaction
from data.store.migrate import downgrade, is_current, migrate
from data.store.tables import Base
from tests.store_builders import make_place

TABLES = {table.name for table in Base.metadata.sorted_tables}


def differences(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, Base.metadata)


def table_names(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_exactly_the_tables_of_the_code(engine):
    assert table_names(engine) == TABLES
    assert differences(engine) == []


def test_the_database_can_go_down_and_up_again(engine, factory, database_url):
    with transaction(factory) as session:
        make_place(session)
    downgrade(database_url)
    assert table_names(engine) == set()
    with engine.connect() as connection:
        assert not is_current(connection)
    migrate(database_url)
    assert differences(engine) == []
    with engine.connect() as connection:
        assert is_current(connection)


def test_the_roles_are_there_from_the_start(engine):
    with engine.connect() as connection:
        roles = set(connection.scalars(text("SELECT code FROM role")))
    assert roles == {"public", "official", "monitor", "surveyor", "admin"}


def test_migrating_twice_changes_nothing(engine, factory, database_url):
    with transaction(factory) as session:
        place = make_place(session)
    migrate(database_url)
    with factory() as session:
        assert session.get(type(place.site), place.site.id) is not None


def test_processes_that_start_at_once_migrate_once(engine, database_url):
    downgrade(database_url)
    command = [sys.executable, "-c", f"from data.store.migrate import migrate; migrate({database_url!r})"]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    endings = [(process.communicate()[1], process.returncode) for process in started]
    assert endings == [("", 0)] * 3
    assert differences(engine) == []


def test_a_database_of_a_newer_program_is_refused_unchanged(engine, database_url):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="newer version"):
        migrate(database_url)
    assert table_names(engine) == TABLES


def test_a_server_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(InputError, match="cannot be used") as refusal:
        migrate("postgresql://ana:secret@127.0.0.1:9/cbms")
    assert "secret" not in str(refusal.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "notes.sqlite"
    file.write_text("these are notes, not a database" * 100)
    with pytest.raises(InputError, match="cannot be used"):
        migrate(f"sqlite:///{file}")
    assert file.read_text() == "these are notes, not a database" * 100


def test_a_new_sqlite_file_is_made_by_migrating(tmp_path):
    url = f"sqlite:///{tmp_path}/var/store.sqlite"
    migrate(url)
    engine = make_engine(url)
    assert table_names(engine) == TABLES
    engine.dispose()
