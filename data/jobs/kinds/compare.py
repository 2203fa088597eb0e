"""Saved scenarios compared draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.jobs.kind import JobKind, JobResult, JobRun
from data.workflows.compared import compared_answer, load_plans, read_scenario_ids

ROLES = frozenset({"official", "admin", "monitor"})


def compare(run: JobRun) -> JobResult:
    run.progress(0, step="read")
    with run.factory() as session:
        found = load_plans(session, run.site_id, read_scenario_ids(run.parameters))
    return JobResult(compared_answer(found, lambda done, total: run.progress(done, total, "draws")))


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"scenarios": read_scenario_ids(parameters)}


COMPARE = JobKind("compare", compare, ROLES, checked)
