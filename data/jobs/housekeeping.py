"""What keeps the queue honest: jobs whose worker fell silent, jobs whose message was lost, jobs of long ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from data.jobs.failures import worker_stopped
from data.jobs.queue import JobBoard
from data.store.engine import transaction
from data.store.jobs import forget_jobs, give_up_silent, list_waiting

SILENCE = timedelta(seconds=60)  # a worker beats every 5 seconds
MOST_ATTEMPTS = 2
WAIT = timedelta(seconds=30)  # a job that waits so long while the queue is empty has lost its message
KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Tended:
    """What was found."""

    given_back: tuple[str, ...]
    sent_again: tuple[str, ...]
    forgotten: int


def tend(factory: sessionmaker[Session], board: JobBoard, now: datetime | None = None) -> Tended:
    """Give back what silent workers had, send again what waits without a message, forget what is old."""
    now = now or datetime.now(UTC)
    with transaction(factory) as session:
        given_back = give_up_silent(session, now - SILENCE, MOST_ATTEMPTS, worker_stopped())
        sent_again = list_waiting(session, now - WAIT) if board.is_empty() else []
        forgotten = forget_jobs(session, now - KEPT)
    for job_id in (*given_back, *sent_again):
        board.put(job_id)
    return Tended(tuple(given_back), tuple(sent_again), forgotten)
