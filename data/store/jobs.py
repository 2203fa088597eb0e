"""Jobs in the store: asked for, taken, kept alive, ended. Looked up by their owner only.

Every step is one UPDATE that holds only in the state it expects, so that of several workers one wins and a worker that
was given up cannot overwrite what its successor did.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.tables import Job, User

LONGEST_WORKER = 120
LIGHT = (defer(Job.result), defer(Job.file_content))  # what jobs made can be large


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_active(self) -> bool:
        return self in (JobState.QUEUED, JobState.RUNNING)


class Standing(StrEnum):
    """What a worker learns when it gives a sign of life."""

    GOING = "going"
    CANCEL_WANTED = "cancel wanted"
    LOST = "lost"  # the job is no longer this worker's


@dataclass(frozen=True)
class Outcome:
    """How a job ended, with what it made."""

    state: JobState
    result: Any = None
    failure: Mapping[str, Any] | None = None
    file_name: str | None = None
    file_type: str | None = None
    file_content: bytes | None = None


def parameters_sha256(kind: str, site_id: int, parameters: Mapping[str, Any]) -> str:
    """Hash of what is asked for: the same question at the same site, the same hash."""
    content = {"kind": kind, "site": site_id, "parameters": parameters}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


# --- for the owner ---------------------------------------------------------------------------------------------------


def add_job(session: Session, kind: str, owner: User, site_id: int, parameters: Mapping[str, Any]) -> tuple[Job, bool]:
    """A new job that waits, and True; or the owner's active one that asks the very same, and False.

    Raises InputError (`job-active`) where the owner has another one of this kind that waits or runs.
    """
    sha256 = parameters_sha256(kind, site_id, parameters)
    active = find_active(session, owner.id, kind)
    if active is None:
        now = datetime.now(UTC)
        job = Job(
            id=uuid.uuid4().hex,
            kind=kind,
            owner_id=owner.id,
            site_id=site_id,
            parameters=dict(parameters),
            parameters_sha256=sha256,
            state=JobState.QUEUED,
            created_at=now,
            heartbeat_at=now,
        )
        try:
            with session.begin_nested():  # another process may have been asked at the same moment
                session.add(job)
        except IntegrityError:
            active = find_active(session, owner.id, kind)
            if active is None:
                raise
        else:
            audit.record(session, owner.login, "job.start", f"job {job.id}", site_id, {"kind": kind})
            return job, True
    if active.parameters_sha256 != sha256:
        message = "You already have a calculation of this kind that waits or runs. Cancel it, or wait until it ends."
        raise InputError(Problem("job-active", message, value=active.id, facts={"job": active.id}))
    return active, False


def find_active(session: Session, owner_id: int, kind: str) -> Job | None:
    """The owner's job of this kind that waits or runs."""
    query = select(Job).where(Job.owner_id == owner_id, Job.kind == kind)
    return session.scalar(query.where(Job.state.in_((JobState.QUEUED, JobState.RUNNING))))


def load_job(session: Session, owner_id: int | None, site_id: int, job_id: str) -> Job:
    """A job of this owner at this site. NotFoundError if there is none, in the same words if it is somebody else's.

    What it made is read only where it is looked at, as long as the session is open.
    """
    job = session.get(Job, job_id, options=LIGHT)
    if job is None or owner_id is None or (job.owner_id, job.site_id) != (owner_id, site_id):
        raise NotFoundError("calculation", job_id)
    return job


def list_jobs(session: Session, owner_id: int, site_id: int, kind: str | None = None, limit: int = 50) -> list[Job]:
    """The owner's jobs at a site, the newest first; of one kind or of all.

    What they made can be large and is read only where it is looked at, as long as the session is open.
    """
    query = select(Job).options(*LIGHT)
    query = query.where(Job.owner_id == owner_id, Job.site_id == site_id)
    query = query if kind is None else query.where(Job.kind == kind)
    return list(session.scalars(query.order_by(Job.created_at.desc(), Job.id).limit(limit)))


def cancel_job(session: Session, owner: User, site_id: int, job_id: str) -> Job:
    """End a job that waits; ask the worker of one that runs to stop. One that has ended stays as it is."""
    job = load_job(session, owner.id, site_id, job_id)
    now = datetime.now(UTC)
    waiting = update(Job).where(Job.id == job_id, Job.state == JobState.QUEUED)
    was_waiting = _changed(session, waiting.values(state=JobState.CANCELLED, finished_at=now, heartbeat_at=now))
    running = update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING, Job.is_cancel_wanted.is_(False))
    if was_waiting or _changed(session, running.values(is_cancel_wanted=True)):
        audit.record(session, owner.login, "job.cancel", f"job {job_id}", site_id, {"kind": job.kind})
    session.refresh(job)
    return job


# --- for workers -----------------------------------------------------------------------------------------------------


def claim_job(session: Session, job_id: str, worker: str) -> Job | None:
    """The job, now this worker's; None where it no longer waits (a message may come twice)."""
    now = datetime.now(UTC)
    values = {
        "state": JobState.RUNNING,
        "worker": worker[:LONGEST_WORKER],
        "attempts": Job.attempts + 1,
        "started_at": now,
        "heartbeat_at": now,
        "done": 0,
        "total": None,
        "step": "",
    }
    waiting = update(Job).where(Job.id == job_id, Job.state == JobState.QUEUED)
    return session.get_one(Job, job_id) if _changed(session, waiting.values(**values)) else None


def keep_alive(
    session: Session, job_id: str, worker: str, progress: tuple[int, int | None, str] | None = None
) -> Standing:
    """A sign of life, with how far it is if that is new; says whether to go on."""
    values: dict[str, Any] = {"heartbeat_at": datetime.now(UTC)}
    if progress is not None:
        values |= dict(zip(("done", "total", "step"), progress, strict=True))
    if not _changed(session, _running(job_id, worker).values(**values)):
        return Standing.LOST
    is_cancel_wanted = session.scalar(select(Job.is_cancel_wanted).where(Job.id == job_id))
    return Standing.CANCEL_WANTED if is_cancel_wanted else Standing.GOING


def finish_job(session: Session, job_id: str, worker: str, outcome: Outcome) -> bool:
    """Write down how it ended; False where the job is no longer this worker's, and then nothing is written."""
    now = datetime.now(UTC)
    values = {
        "state": outcome.state,
        "result": outcome.result,
        "failure": None if outcome.failure is None else dict(outcome.failure),
        "file_name": outcome.file_name,
        "file_type": outcome.file_type,
        "file_content": outcome.file_content,
        "heartbeat_at": now,
        "finished_at": now,
    }
    return _changed(session, _running(job_id, worker).values(**values))


def release_job(session: Session, job_id: str, worker: str) -> bool:
    """Put a job back because its worker is being stopped: that is no failure of the job's."""
    values = {"state": JobState.QUEUED, "attempts": Job.attempts - 1, "heartbeat_at": datetime.now(UTC)}
    return _changed(session, _running(job_id, worker).values(**values))


# --- for housekeeping ------------------------------------------------------------------------------------------------


def give_up_silent(
    session: Session, silent_since: datetime, most_attempts: int, failure: Mapping[str, Any]
) -> list[str]:
    """Jobs whose worker has not been heard of: waiting again, or failed after so many attempts. Ids of those waiting.

    A job whose cancelling was wanted is cancelled.
    """
    query = select(Job.id, Job.attempts, Job.worker, Job.is_cancel_wanted)
    silent = session.execute(query.where(Job.state == JobState.RUNNING, Job.heartbeat_at < silent_since)).all()
    now, waiting = datetime.now(UTC), []
    for job_id, attempts, worker, is_cancel_wanted in silent:
        is_over = is_cancel_wanted or attempts >= most_attempts
        values: dict[str, Any] = {"state": JobState.QUEUED, "heartbeat_at": now}
        if is_cancel_wanted:
            values |= {"state": JobState.CANCELLED, "finished_at": now}
        elif is_over:
            values |= {"state": JobState.FAILED, "failure": dict(failure), "finished_at": now}
        still_silent = _running(job_id, worker).where(Job.heartbeat_at < silent_since)
        if _changed(session, still_silent.values(**values)) and not is_over:
            waiting.append(job_id)
    return waiting


def list_waiting(session: Session, waiting_since: datetime) -> list[str]:
    """Ids of jobs that have waited since before a moment, the oldest first."""
    query = select(Job.id).where(Job.state == JobState.QUEUED, Job.heartbeat_at < waiting_since)
    return list(session.scalars(query.order_by(Job.created_at, Job.id)))


def count_waiting_before(session: Session, job: Job) -> int:
    """How many jobs, of anybody, have waited longer."""
    query = select(Job.id).where(Job.state == JobState.QUEUED, Job.created_at < job.created_at)
    return len(session.scalars(query).all())


def has_living_worker(session: Session, since: datetime) -> bool:
    """Whether any running job has been heard of lately."""
    query = select(Job.id).where(Job.state == JobState.RUNNING, Job.heartbeat_at >= since).limit(1)
    return session.scalar(query) is not None


def forget_jobs(session: Session, finished_before: datetime) -> int:
    """Remove jobs that ended long ago; gives how many."""
    found = delete(Job).where(Job.finished_at < finished_before)
    return session.connection().execute(found).rowcount


def _running(job_id: str, worker: str | None) -> Any:
    return update(Job).where(Job.id == job_id, Job.state == JobState.RUNNING, Job.worker == worker)


def _changed(session: Session, statement: Any) -> bool:
    session.flush()
    result = session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()
    return bool(result.rowcount)  # type: ignore[attr-defined]
