"""The queue: ids in order, as plain JSON, on a file here; Redis only with its client, and that in words."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import huey.storage
import pytest

from budget_model.errors import InputError
from data.jobs.queue import make_queue
from data.settings import StoreSettings
from tests.jobs.builders import queue_in


def test_ids_come_out_in_the_order_they_went_in(tmp_path):
    queue = queue_in(tmp_path)
    assert queue.is_empty()
    for job_id in ("a", "b", "c"):
        queue.put(job_id)
    assert not queue.is_empty()
    assert [queue.take() for _ in range(4)] == ["a", "b", "c", None]


def test_another_process_sees_what_was_put(tmp_path):
    queue_in(tmp_path).put("a")
    assert queue_in(tmp_path).take() == "a"


def test_a_message_is_json_and_nothing_that_could_be_run(tmp_path):
    queue_in(tmp_path).put("a")
    (data,) = sqlite3.connect(tmp_path / "queue.sqlite").execute("select data from task").fetchone()
    assert ["a"] in json.loads(bytes(data))


@pytest.mark.parametrize(
    ("environment", "file"),
    [
        ({"VAR_FOLDER": "/var/cbms"}, "/var/cbms/queue.sqlite"),
        ({"VAR_FOLDER": "/var/cbms", "DATABASE_URL": "sqlite:////srv/data/site.sqlite"}, "/srv/data/queue.sqlite"),
        ({"VAR_FOLDER": "/var/cbms", "DATABASE_URL": "postgresql://h/d"}, "/var/cbms/queue.sqlite"),
    ],
)
def test_the_queue_lies_beside_a_sqlite_database_else_in_the_folder_of_variables(environment, file):
    settings = StoreSettings.from_environment(environment)
    assert (settings.queue_file, settings.broker_url) == (Path(file), None)


@pytest.mark.parametrize("name", ["BROKER_URL", "REDIS_URL"])
def test_a_broker_is_a_setting(name):
    assert StoreSettings.from_environment({name: "redis://host:6379/1"}).broker_url == "redis://host:6379/1"


def test_redis_without_its_client_is_refused_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(huey.storage, "ConnectionPool", None)
    with pytest.raises(InputError, match="pip install redis"):
        make_queue(StoreSettings("sqlite://", tmp_path, "redis://localhost:6379/0"))


def test_an_address_of_another_kind_of_broker_is_refused(tmp_path):
    with pytest.raises(InputError, match="redis://<host>"):
        make_queue(StoreSettings("sqlite://", tmp_path, "amqp://localhost"))
