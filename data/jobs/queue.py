"""The way of job ids from pages to workers: Huey on a SQLite file here, on Redis where several machines share the work.

A message is only an id, written as JSON: whoever can write into the queue can make a worker look at a row, no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from huey import Huey, RedisHuey, SqliteHuey
from huey.exceptions import ConfigurationError
from huey.registry import Message
from huey.serializer import Serializer

from budget_model.errors import InputError, Problem
from data.settings import StoreSettings

NAME = "cbms-grb"
BUSY_SECONDS = 30


class JobBoard(Protocol):
    """Where ids of jobs wait for a worker."""

    def put(self, job_id: str) -> None: ...

    def take(self) -> str | None: ...

    def is_empty(self) -> bool: ...


class PlainMessages(Serializer):
    """Messages as JSON. Huey's own way would run whatever somebody put into the queue."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(list(data)).encode()

    def _deserialize(self, data: bytes) -> Message:
        message = Message(*json.loads(data))
        return message._replace(args=tuple(message.args))


class JobQueue:
    """The queue. Pages put, a worker takes; `bind` says what a worker process does with an id."""

    def __init__(self, huey: Huey):
        self.huey = huey
        self._run: Callable[[str], None] | None = None
        self._message = huey.task(name="run_job")(self._run_job)

    def bind(self, run: Callable[[str], None]) -> None:
        self._run = run

    def put(self, job_id: str) -> None:
        self._message(job_id)

    def take(self) -> str | None:
        """The next id, or None where nothing waits."""
        task = self.huey.dequeue()
        return task.args[0] if task is not None else None

    def is_empty(self) -> bool:
        return self.huey.pending_count() == 0

    def _run_job(self, job_id: str) -> None:
        assert self._run is not None, "a worker binds what it does before it takes anything"
        self._run(job_id)


def make_queue(settings: StoreSettings) -> JobQueue:
    """The queue of the settings; nothing is connected yet.

    Raises InputError where the broker's address cannot be used or Redis' client is not installed.
    """
    return JobQueue(_redis(settings.broker_url) if settings.broker_url else _sqlite(settings.queue_file))


def _sqlite(file: Path) -> SqliteHuey:
    file.parent.mkdir(parents=True, exist_ok=True)
    huey = SqliteHuey(
        NAME, filename=str(file), timeout=BUSY_SECONDS, results=False, serializer=PlainMessages(), strict_fifo=True
    )
    huey.storage.close()  # a forked process must not inherit the connection
    return huey


def _redis(url: str) -> RedisHuey:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        message = (
            "The address of the queue cannot be used. Set BROKER_URL (or REDIS_URL) to redis://<host>:<port>/<number>, "
            "or leave it out: the queue is then a file on this machine."
        )
        raise InputError(Problem("broker-url", message))
    try:
        return RedisHuey(NAME, url=url, results=False, serializer=PlainMessages(), read_timeout=1)
    except ConfigurationError:
        message = (
            "BROKER_URL (or REDIS_URL) names a Redis server, but Redis' client is not installed. Install it with "
            "'pip install redis', or leave the setting out: the queue is then a file on this machine."
        )
        raise InputError(Problem("broker-client", message)) from None
