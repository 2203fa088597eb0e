"""The best allocation, and the frontier between total coverage and the gender gap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.jobs.kind import JobKind, JobResult, JobRun
from data.workflows.optimum import frontier_answer, optimum_answer, pose, question_document, read_question

ROLES = frozenset({"official", "admin", "monitor"})


def find_best(run: JobRun) -> JobResult:
    run.progress(0, step="read")
    with run.factory() as session:
        started = pose(session, run.site_id, read_question(run.parameters))
    run.progress(0, step="solve")
    answer = optimum_answer(started)
    run.progress(1, 1, "solve")
    return JobResult(answer)


def find_points(run: JobRun) -> JobResult:
    run.progress(0, step="read")
    with run.factory() as session:
        started = pose(session, run.site_id, read_question(run.parameters))
    run.progress(0, step="frontier")
    answer = frontier_answer(started)
    run.progress(1, 1, "frontier")
    return JobResult(answer)


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return question_document(read_question(parameters))


OPTIMISE = JobKind("optimise", find_best, ROLES, checked)
FRONTIER = JobKind("frontier", find_points, ROLES, checked)
