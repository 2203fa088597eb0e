"""The doors to the database: what SQLite and PostgreSQL promise, and that a transaction is all or nothing."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from budget_model.errors import InputError
from data.store.engine import make_engine, parse_url, session_factory, shown_url, transaction
from data.store.sites import list_sites
from data.store.tables import Area, Site
from tests.store_builders import make_site
from tests.support import store_fingerprint


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://ana:secret@db/cbms", "postgresql+psycopg"),
        ("postgresql://ana:secret@db/cbms", "postgresql+psycopg"),
        ("postgresql+psycopg2://ana:secret@db/cbms", "postgresql+psycopg"),
        ("sqlite:////tmp/store.sqlite", "sqlite+pysqlite"),
    ],
)
def test_urls_get_the_driver_that_is_installed(given, driver):
    assert parse_url(given).drivername == driver


@pytest.mark.parametrize("given", ["", "store.sqlite", "mysql://db/cbms"])
def test_a_url_of_another_kind_is_refused_with_a_way_out(given):
    with pytest.raises(InputError, match="Set DATABASE_URL to sqlite:///"):
        make_engine(given)


def test_a_shown_url_hides_the_password():
    assert "secret" not in shown_url("postgres://ana:secret@db/cbms")


def test_sqlite_is_opened_with_wal_keys_and_patience_in_a_folder_made_for_it(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/new/folder/store.sqlite")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 30_000}


def test_a_transaction_that_raises_leaves_nothing(engine, factory):
    before = store_fingerprint(engine)
    with pytest.raises(ZeroDivisionError), transaction(factory) as session:
        print(make_site(session).id / 0)
    assert store_fingerprint(engine) == before


def test_a_row_that_points_nowhere_is_refused(engine, factory):
    before = store_fingerprint(engine)
    with pytest.raises(IntegrityError), transaction(factory) as session:
        session.add(Area(site_id=404, level=0, code="x", name="X"))
    assert store_fingerprint(engine) == before


def test_a_reader_and_a_writer_do_not_wait_for_each_other(factory):
    with factory() as reader:
        assert list_sites(reader) == []
        with transaction(factory) as writer:
            make_site(writer)
            assert list_sites(reader) == []  # what is not committed is nobody else's
    with factory() as later:
        assert [site.slug for site in list_sites(later)] == ["lomas"]


def test_numbers_that_json_does_not_know_are_refused(engine, factory):
    before = store_fingerprint(engine)
    with pytest.raises((StatementError, ValueError), match="JSON compliant"), transaction(factory) as session:
        session.add(Area(site_id=1, level=1, code="x", name="X", geometry={"x": float("nan")}))
    assert store_fingerprint(engine) == before


def test_a_forked_worker_does_not_use_its_parents_connections(engine):
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert engine.pool.checkedin() == 1
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # the forked worker: no pytest from here on
        os.write(writing, bytes([engine.pool.checkedin()]))
        os._exit(0)
    os.close(writing)
    assert os.read(reading, 1) == b"\x00"
    os.close(reading)
    os.waitpid(child, 0)


def test_the_fingerprint_sees_every_change(engine, factory):
    seen = {store_fingerprint(engine)}
    with transaction(factory) as session:
        make_site(session)
    seen.add(store_fingerprint(engine))
    with transaction(factory) as session:
        session.query(Site).one().name = "Other"
    seen.add(store_fingerprint(engine))
    assert len(seen) == 3
    assert store_fingerprint(engine) in seen


def test_sessions_of_a_factory_keep_objects_readable_after_the_commit(engine):
    with transaction(session_factory(engine)) as session:
        site = make_site(session)
    assert site.slug == "lomas"
