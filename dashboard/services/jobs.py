"""Background work: asked for, watched, cancelled, its result taken. Each job is its owner's and of one site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import require
from data.jobs.kind import Kinds, find_kind
from data.store import jobs as job_store
from data.store.engine import transaction
from data.store.jobs import JobState
from data.store.tables import Job, User

if TYPE_CHECKING:
    from dashboard.services import Store

UNANSWERED = timedelta(seconds=20)  # a job that waits so long while nobody works: no worker is there
SILENCE = timedelta(seconds=30)  # a worker beats every 5 seconds


@dataclass(frozen=True)
class JobNews:
    """How a job stands. `result` is plain JSON once it is done; `failure` has the facts of what went wrong."""

    id: str
    kind: str
    state: JobState
    parameters: Mapping[str, Any]
    done: int
    total: int | None
    step: str
    is_cancel_wanted: bool
    created_at: datetime
    finished_at: datetime | None
    waiting_before: int = 0  # jobs of anybody that have waited longer
    is_unanswered: bool = False  # it waits, or is said to run, and no worker gives a sign of life
    result: Any = None
    failure: Mapping[str, Any] = field(default_factory=dict)
    file_name: str | None = None


@dataclass(frozen=True)
class MadeFile:
    """A file that a job made."""

    name: str
    mimetype: str
    content: bytes


class JobService:
    """The owner's view of her jobs."""

    def __init__(self, store: Store, kinds: Kinds):
        self._store, self._kinds = store, kinds

    def start(self, user: Person, site: SiteRef, kind: str, parameters: Mapping[str, Any]) -> JobNews:
        """Ask for work. Asked twice for the very same while it waits or runs, it is done once.

        Raises
        ------
        InputError : parameters that the kind refuses; another one of this kind waits or runs; an unknown kind.
        """
        found = find_kind(self._kinds, kind)
        require(user, found.roles, site, f"start a calculation ({kind})")
        checked = found.check(parameters)
        with transaction(self._store.factory) as session:
            owner = session.get_one(User, user.id)
            job, is_new = job_store.add_job(session, kind, owner, site.id, checked)
        if is_new:
            self._store.queue.put(job.id)
        return self.job(user, site, job.id)

    def job(self, user: Person, site: SiteRef, job_id: str, has_result: bool = True) -> JobNews:
        """How a job stands, without what it made where that is not asked for (it can be large).

        Raises
        ------
        NotFoundError : in the same words, where it does not exist or is somebody else's.
        """
        with self._store.factory() as session:
            return _news(session, job_store.load_job(session, user.id, site.id, job_id), has_result)

    def latest(
        self, user: Person, site: SiteRef, kind: str, parameters: Mapping[str, Any] | None = None
    ) -> JobNews | None:
        """The person's last job of a kind at this site, of these parameters where some are given."""
        if user.id is None:
            return None
        with self._store.factory() as session:
            jobs = job_store.list_jobs(session, user.id, site.id, kind)
            if parameters is not None:
                sha256 = job_store.parameters_sha256(kind, site.id, find_kind(self._kinds, kind).check(parameters))
                jobs = [job for job in jobs if job.parameters_sha256 == sha256]
            return _news(session, jobs[0]) if jobs else None

    def list(self, user: Person, site: SiteRef) -> list[JobNews]:
        """The person's jobs at this site, the newest first, without what they made."""
        if user.id is None:
            return []
        with self._store.factory() as session:
            return [_news(session, job, has_result=False) for job in job_store.list_jobs(session, user.id, site.id)]

    def cancel(self, user: Person, site: SiteRef, job_id: str) -> JobNews:
        """End a job that waits, ask one that runs to stop; one that has ended stays as it is."""
        with transaction(self._store.factory) as session:
            self._own(session, user, site, job_id)
            job_store.cancel_job(session, session.get_one(User, user.id), site.id, job_id)
        return self.job(user, site, job_id)

    def file(self, user: Person, site: SiteRef, job_id: str) -> MadeFile:
        """The file that a job made; NotFoundError where it made none."""
        with self._store.factory() as session:
            job = self._own(session, user, site, job_id)
            if job.file_content is None:
                raise NotFoundError("file of the calculation", job_id)
            return MadeFile(job.file_name or job.id, job.file_type or "application/octet-stream", job.file_content)

    def _own(self, session: Session, user: Person, site: SiteRef, job_id: str) -> Job:
        return job_store.load_job(session, user.id, site.id, job_id)


def _news(session: Session, job: Job, has_result: bool = True) -> JobNews:
    state, now = JobState(job.state), datetime.now(UTC)
    return JobNews(
        id=job.id,
        kind=job.kind,
        state=state,
        parameters=job.parameters,
        done=job.done,
        total=job.total,
        step=job.step,
        is_cancel_wanted=job.is_cancel_wanted,
        created_at=job.created_at,
        finished_at=job.finished_at,
        waiting_before=job_store.count_waiting_before(session, job) if state is JobState.QUEUED else 0,
        is_unanswered=_is_unanswered(session, job, state, now),
        result=job.result if has_result else None,
        failure=job.failure or {},
        file_name=job.file_name,
    )


def _is_unanswered(session: Session, job: Job, state: JobState, now: datetime) -> bool:
    if state is JobState.RUNNING:
        return now - job.heartbeat_at > SILENCE
    is_long = state is JobState.QUEUED and now - job.heartbeat_at > UNANSWERED
    return is_long and not job_store.has_living_worker(session, now - SILENCE)
