"""The worker: processes that take jobs from the queue and do them, one at a time each."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from huey import crontab
from sqlalchemy.orm import Session, sessionmaker

from data.jobs.digests import deliver_digests
from data.jobs.execution import Workplace, run_job, worker_name
from data.jobs.housekeeping import tend
from data.jobs.kind import Kinds
from data.jobs.queue import JobQueue

LONGEST_WAIT_SECONDS = 1.0  # between two looks into a SQLite queue
HEALTH_SECONDS = 5
STOP_SECONDS = 10  # what runs may end in this time, then it is given back
NICENESS = 5  # pages come first
PR_SET_PDEATHSIG = 1


def work(
    factory: sessionmaker[Session],
    bank_folder: Path,
    queue: JobQueue,
    kinds: Kinds,
    processes: int,
    digest_folder: Path,
) -> None:
    """Work until told to stop (SIGTERM: at once, SIGINT: after what runs). A process that dies is replaced.

    Besides jobs it looks after the queue every minute and delivers digests that are due every quarter of an hour.
    """
    os.nice(NICENESS)
    queue.bind(lambda job_id: _do(factory, bank_folder, kinds, job_id))
    queue.huey.on_startup()(lambda: die_with_parent(signal.SIGKILL))
    queue.huey.periodic_task(crontab(minute="*"), name="tend")(lambda: tend(factory, queue))
    every_quarter = queue.huey.periodic_task(crontab(minute="*/15"), name="digests")
    every_quarter(lambda: len(deliver_digests(factory, digest_folder)))
    tend(factory, queue)
    consumer = queue.huey.create_consumer(
        workers=processes,
        worker_type="process",
        max_delay=LONGEST_WAIT_SECONDS,
        health_check_interval=HEALTH_SECONDS,
        shutdown_timeout=STOP_SECONDS,
    )
    consumer.run()


def drain(factory: sessionmaker[Session], bank_folder: Path, queue: JobQueue, kinds: Kinds) -> int:
    """Do everything that waits in this process, then return; gives how many jobs were done."""
    tend(factory, queue)
    place = Workplace(factory, bank_folder, kinds, worker_name())
    done = 0
    while (job_id := queue.take()) is not None:
        done += run_job(place, job_id) is not None
    return done


def _do(factory: sessionmaker[Session], bank_folder: Path, kinds: Kinds, job_id: str) -> None:
    run_job(Workplace(factory, bank_folder, kinds, worker_name(), end_process=_end_process), job_id)


def _end_process() -> None:
    """End a process whose job does not listen; the consumer starts another."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_with_parent(signum: int) -> None:
    """Have a signal sent to this process when its parent ends, however that ends (on Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signum)
