"""One job, done: taken, kept alive, and its end written down, whatever that end is."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from data.accounts import load_account
from data.jobs.failures import failure_of, forbidden, out_of_time
from data.jobs.kind import JobCancelled, JobKind, JobLost, JobResult, Kinds, find_kind
from data.plain import plain
from data.store.engine import transaction
from data.store.jobs import JobState, Outcome, Standing, claim_job, finish_job, keep_alive, release_job
from data.store.tables import Job

log = logging.getLogger("jobs")

BEAT_SECONDS = 5.0
PROGRESS_SECONDS = 0.5  # progress is written at most this often
CANCEL_PATIENCE_SECONDS = 30.0  # then a process that does not listen is ended
Clock = Callable[[], float]


def worker_name() -> str:
    """Who this process is among all workers of all machines."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(3)}"


@dataclass(frozen=True)
class Workplace:
    """What every job of a worker is done with."""

    factory: sessionmaker[Session]
    bank_folder: Path
    kinds: Kinds
    name: str
    beat_seconds: float | None = BEAT_SECONDS  # None: no thread beside the job; progress alone is the sign of life
    progress_seconds: float = PROGRESS_SECONDS
    clock: Clock = time.monotonic
    end_process: Callable[[], None] | None = None  # where a job is stuck; None: it cannot be helped


class JobOutOfTime(Exception):  # noqa: N818
    """The run took longer than its kind allows."""


class OneRun:
    """A job in the hands of a worker (a `JobRun`)."""

    def __init__(self, place: Workplace, job: Job, limit_seconds: float):
        self.factory, self.bank_folder = place.factory, place.bank_folder
        self.id, self.site_id, self.owner_id = job.id, job.site_id, job.owner_id
        self.parameters = dict(job.parameters)
        self._place, self._clock = place, place.clock
        self._stopped: type[Exception] | None = None
        self._cancelled_at: float | None = None
        self._written_at = self._clock() - place.progress_seconds
        self._limit_seconds, self._deadline = limit_seconds, self._clock() + limit_seconds

    def progress(self, done: int, total: int | None = None, step: str = "") -> None:
        now = self._clock()
        if now - self._written_at >= self._place.progress_seconds:
            self._written_at = now
            self.beat((int(done), None if total is None else int(total), step))
        self.raise_if_stopped()
        if self._clock() > self._deadline:
            raise JobOutOfTime

    def is_cancelled(self) -> bool:
        return self._stopped is not None or self._clock() > self._deadline

    def raise_if_stopped(self) -> None:
        if self._stopped is not None:
            raise self._stopped

    def beat(self, progress: tuple[int, int | None, str] | None = None) -> None:
        """A sign of life; learns whether to go on."""
        with transaction(self.factory) as session:
            standing = keep_alive(session, self.id, self._place.name, progress)
        if standing is Standing.LOST:
            self._stopped = JobLost
        elif standing is Standing.CANCEL_WANTED:
            self._stopped = JobCancelled
            self._cancelled_at = self._clock() if self._cancelled_at is None else self._cancelled_at

    def stuck_outcome(self) -> Outcome | None:
        """How to end a job that does not end by itself; None while it may go on."""
        now = self._clock()
        if self._cancelled_at is not None and now - self._cancelled_at > CANCEL_PATIENCE_SECONDS:
            return Outcome(JobState.CANCELLED)
        if now > self._deadline + CANCEL_PATIENCE_SECONDS:
            return Outcome(JobState.FAILED, failure=out_of_time(self._limit_seconds))
        return None


def run_job(place: Workplace, job_id: str) -> JobState | None:
    """Do a job to its end; None where it was not there to be taken, or was lost on the way.

    Whatever a kind raises becomes the job's failure: nothing is raised here but what stops the process itself.
    """
    with transaction(place.factory) as session:
        job = claim_job(session, job_id, place.name)
    if job is None:
        return None
    try:
        outcome = _outcome(place, job)
    except JobLost:
        return None
    except (KeyboardInterrupt, SystemExit):
        with transaction(place.factory) as session:
            release_job(session, job_id, place.name)
        raise
    return _end(place, job_id, outcome)


def _end(place: Workplace, job_id: str, outcome: Outcome) -> JobState | None:
    with transaction(place.factory) as session:
        is_ours = finish_job(session, job_id, place.name, outcome)
    return outcome.state if is_ours else None


def _outcome(place: Workplace, job: Job) -> Outcome:
    try:
        kind = find_kind(place.kinds, job.kind)
        if not _may_run(place, job, kind):
            return Outcome(JobState.FAILED, failure=forbidden())
        run = OneRun(place, job, kind.limit_seconds)
        with _kept_alive(place, run):
            result = kind.run(run)
        if not kind.changes_store:
            run.raise_if_stopped()
        return _done(result)
    except JobCancelled:
        return Outcome(JobState.CANCELLED)
    except JobOutOfTime:
        return Outcome(JobState.FAILED, failure=out_of_time(kind.limit_seconds))
    except JobLost:
        raise
    except Exception as error:  # noqa: BLE001  the owner is told; the trace goes to the log
        return Outcome(JobState.FAILED, failure=failure_of(error))


def _done(result: JobResult) -> Outcome:
    file = result.file
    return Outcome(
        JobState.DONE,
        result=plain(result.content),
        file_name=file.name if file else None,
        file_type=file.mimetype if file else None,
        file_content=file.content if file else None,
    )


def _may_run(place: Workplace, job: Job, kind: JobKind) -> bool:
    """Whether the owner still may: accounts are closed and roles are taken away while jobs wait."""
    account = load_account(place.factory, job.owner_id)
    held = {role for role, site_id in account.roles if site_id in (None, job.site_id)} if account else set()
    return bool(held & kind.roles)


@contextlib.contextmanager
def _kept_alive(place: Workplace, run: OneRun) -> Iterator[None]:
    """A thread that gives signs of life while the job computes, and ends the process of a job that hangs."""
    if place.beat_seconds is None:
        yield
        return
    is_over = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(place, run, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _beat_until(place: Workplace, run: OneRun, is_over: threading.Event) -> None:
    while not is_over.wait(place.beat_seconds):
        try:
            run.beat()
        except Exception:
            log.exception("No sign of life of job %s could be written", run.id)
            continue
        outcome = run.stuck_outcome()
        if outcome is not None and place.end_process is not None:
            _end(place, run.id, outcome)
            place.end_process()


def describe(job: Job, now: datetime | None = None) -> Mapping[str, Any]:
    """A job as plain data, for the command line."""
    now = now or datetime.now(UTC)
    return {
        "id": job.id,
        "kind": job.kind,
        "state": str(job.state),
        "done": job.done,
        "total": job.total,
        "step": job.step,
        "attempts": job.attempts,
        "worker": job.worker,
        "created_at": job.created_at.isoformat(timespec="seconds"),
        "seconds_since_heartbeat": round((now - job.heartbeat_at).total_seconds()),
        "failure": job.failure,
    }
