"""The best allocation, and the frontier between total coverage and the gender gap."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from budget_model.coverage.optimise_task import Watch
from data.jobs.kind import JobKind, JobResult, JobRun
from data.workflows.optimum import frontier_answer, optimum_answer, pose, question_document, read_question

ROLES = frozenset({"official", "admin", "monitor"})


def told(run: JobRun, step: str) -> Watch:
    """Counts the linear programmes of a search: a sign of life, and the place where a cancelled one ends."""
    solved = count(1)
    return lambda: run.progress(next(solved), step=step)


def find_best(run: JobRun) -> JobResult:
    run.progress(0, step="read")
    with run.factory() as session:
        started = pose(session, run.site_id, read_question(run.parameters))
    answer = optimum_answer(started, told(run, "solve"))
    return JobResult(answer)


def find_points(run: JobRun) -> JobResult:
    run.progress(0, step="read")
    with run.factory() as session:
        started = pose(session, run.site_id, read_question(run.parameters))
    answer = frontier_answer(started, watch=told(run, "frontier"))
    return JobResult(answer)


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return question_document(read_question(parameters))


OPTIMISE = JobKind("optimise", find_best, ROLES, checked)
FRONTIER = JobKind("frontier", find_points, ROLES, checked)
