"""Uncertainty draws: intervals of up to four allocations, and how often one beats another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.jobs.kind import JobKind, JobResult, JobRun
from data.workflows.drawn import draw_question_document, drawn_answer, read_draw_question
from data.workflows.scenarios import load_calibrated

ROLES = frozenset({"official", "admin", "monitor"})


def draw(run: JobRun) -> JobResult:
    run.progress(0, step="read")
    question = read_draw_question(run.parameters)
    with run.factory() as session:
        calibrated = load_calibrated(session, run.site_id, question.model_sha256)
    return JobResult(drawn_answer(calibrated, question, lambda done, total: run.progress(done, total, "draws")))


def checked(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    return draw_question_document(read_draw_question(parameters))


DRAWS = JobKind("draws", draw, ROLES, checked)
