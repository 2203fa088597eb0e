"""Kinds of work for the tests, people who ask for them, and workers that take one step at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.jobs.execution import Workplace
from data.jobs.kind import JobFile, JobKind, JobResult, JobRun
from data.jobs.queue import JobQueue, make_queue
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.jobs import add_job
from data.store.sites import find_site
from data.store.tables import Job, User
from data.store.users import add_user, find_user, give_role
from tests.store_builders import make_site

ROLES = frozenset({"official"})


def count_up(run: JobRun) -> JobResult:
    """Says how far it is after each of `to` steps."""
    to = run.parameters["to"]
    for number in range(1, to + 1):
        run.progress(number, to, "draws")
    return JobResult({"sum": sum(range(1, to + 1)), "unknown": float("nan")})


def write_file(run: JobRun) -> JobResult:
    return JobResult(file=JobFile("answer.csv", "text/csv", b"a,b\n1,2\n"))


def refuse(run: JobRun) -> JobResult:
    raise InputError(Problem("above-ceiling", "Too much.", facts={"programme": "care", "amount": 5.0, "limit": 3.0}))


def break_down(run: JobRun) -> JobResult:
    raise ZeroDivisionError("an inner matter that no screen shows")


def check_to(parameters: Any) -> dict[str, Any]:
    if not isinstance(parameters.get("to"), int):
        raise InputError(Problem("to", "Give a whole number as 'to'."))
    return dict(parameters)


KINDS = {
    "count": JobKind("count", count_up, ROLES, check_to),
    "file": JobKind("file", write_file, ROLES),
    "refuse": JobKind("refuse", refuse, ROLES),
    "break": JobKind("break", break_down, ROLES),
}


def make_owner(factory: sessionmaker[Session], login: str = "ana", slug: str = "lomas") -> tuple[User, int]:
    """Somebody with the role of an official at a site, both made where they are not there; her and the site's id."""
    with transaction(factory) as session:
        user = find_user(session, login) or add_user(
            session, login=login, display_name=login, password_hash="x", actor="test"
        )
        site = _site(session, slug)
        give_role(session, user, "official", site, "test")
        return user, site


def _site(session: Session, slug: str) -> int:
    found = find_site(session, slug)
    return (found or make_site(session, slug)).id


def ask(factory: sessionmaker[Session], kind: str, login: str = "ana", slug: str = "lomas", **parameters: Any) -> str:
    """A job that waits; its id. Nothing is put into a queue."""
    user, site_id = make_owner(factory, login, slug)
    with transaction(factory) as session:
        return add_job(session, kind, user, site_id, parameters)[0].id


def stored(factory: sessionmaker[Session], job_id: str) -> Job:
    with factory() as session:
        return session.get_one(Job, job_id)


def workplace(factory: sessionmaker[Session], folder: Path, name: str = "one", **options: Any) -> Workplace:
    """A worker without a thread beside it that writes every progress."""
    standard: dict[str, Any] = {"kinds": KINDS, "beat_seconds": None, "progress_seconds": 0.0}
    return Workplace(factory, folder, name=name, **{**standard, **options})


def queue_in(folder: Path) -> JobQueue:
    return make_queue(StoreSettings(f"sqlite:///{folder / 'unused.sqlite'}", folder))


class ToldTime:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now
