"""A scenario through its years in many draws: intervals, chances, and the assumption that it hangs on most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.jobs.kind import JobKind, JobResult, JobRun
from data.workflows.planned import plan_question_document, planned_answer, pose_plan, read_plan_question

ROLES = frozenset({"official", "admin", "monitor"})


def draw(run: JobRun) -> JobResult:
    run.progress(0, step="read")
    question = read_plan_question(run.parameters)
    with run.factory() as session:
        posed = pose_plan(session, run.site_id, question)
    return JobResult(planned_answer(posed, question, run.progress))


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return plan_question_document(read_plan_question(parameters))


PLAN_DRAWS = JobKind("plan-draws", draw, ROLES, checked)
